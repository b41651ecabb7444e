"""News of the roll, sent inside the transaction of the change, one signal for a whole batch."""

from django.dispatch import Signal

# ids: list[int] of members about to change (their rows still hold the old facts)
members_changing = Signal()
# ids: list[int] of members that have changed (their rows hold the new facts)
members_changed = Signal()
# ids: list[int] of Movement rows just written
movements_recorded = Signal()
# ids: list[int] of Movement rows about to be taken back
movements_removing = Signal()
