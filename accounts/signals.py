"""News of accounts, sent inside the transaction of the change: a receiver that fails aborts it."""

from django.dispatch import Signal

# list, lines (approved AccountListLine with their users), actor: orgs makes the grants from role and organisation codes
list_approved = Signal()
# drafts (list of rules.LineDraft): a receiver returns a list of rules.LineFault, so that unknown codes are told when proposing
lines_proposed = Signal()
# user, actor (the person or None), reason
account_deactivated = Signal()
# user
account_activated = Signal()
