"""Pages of the roll. Each view declares its access; objects come from `core.access.get_for` only."""
