"""News of the tree, sent inside the transaction of the change; a receiver that fails stops it.

The four reorganisations carry `reorganisation` (the record being made: kind, organization, other, document_no, effective_on,
reason) and `actor`. When their signal comes, the children have already been carried along (one `organization_moved` each) and
the organisation still stands. What a receiver needs to put things back, it returns as plain data under its own name
(`{"members": {...}}`): it is kept in `reorganisation.kept` and read again when the reorganisation is taken back.
"""

from django.dispatch import Signal

# organization, old_path, new_path: every path below has already been rewritten in orgs
organization_moved = Signal()
# organization, old_name
organization_renamed = Signal()
# organization
organization_established = Signal()
# organization, old, new: kinds; new is "" when the organisation ends, old is "" when an ended one stands again
organization_kind_changed = Signal()

# organization, made (the branch below that takes the people who stood directly in it, or None), actor, reorganisation
organization_upgraded = Signal()
# source, into, actor, reorganisation: what stood directly in `source` goes to `into`; `source` ends
organizations_merged = Signal()
# source, made, people (uuids of the members chosen to go along), actor, reorganisation
organization_split = Signal()
# organization, successor (None: nothing was left in it), actor, reorganisation: as merged where there is a successor
organization_dissolved = Signal()
# reorganisation: answers a list of plain Chinese sentences, each naming something that rests on it; empty when nothing does
reorganisation_reverting = Signal()
# reorganisation, actor, reason: the organisations stand again as before, the people are still where they were put
reorganisation_reverted = Signal()
# grant: it is about to be taken back by hand. Rows that a receiver of `grant_revoked` will write are locked here, before the
# lock of all grants, which comes after the rows of every room
grant_revoking = Signal()
# grant, reason, actor: the security administrator has taken back one grant by hand
grant_revoked = Signal()
