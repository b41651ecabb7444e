"""News of cases, sent inside the transaction of the change."""

from django.dispatch import Signal

# case: has come to an end (approved, refused, withdrawn or lapsed); its procedure's hook has already run
case_ended = Signal()
