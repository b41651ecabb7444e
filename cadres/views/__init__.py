"""Pages of teams and access. Each view declares its access; objects come from `core.access.get_for` only."""
