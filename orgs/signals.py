"""News of the tree, sent inside the transaction of the change."""

from django.dispatch import Signal

# organization, old_path, new_path: every path below has already been rewritten in orgs
organization_moved = Signal()
# organization, old_name
organization_renamed = Signal()
# organization
organization_established = Signal()
