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
# keep, gone: Member, locked; actor: User. Before anything is written: a receiver answers a sentence for each reason why the two
# cannot be merged as things stand (list[str]); any of them refuses the merge
merging = Signal()
# keep, gone: Member, locked; actor: User; reason: str. Two registrations are one person's: every receiver points what it holds of
# `gone` (by foreign key, by uuid) to `keep` and answers how many rows that were (int). `gone` still holds its own facts and
# standing, and is closed afterwards; a receiver that fails stops the merge
merged = Signal()
