"""News of the exchange."""

from django.dispatch import Signal

# an archive has been loaded into the empty installation, inside the transaction: whatever follows from records is to be made anew
taken_out_loaded = Signal()
