"""How much of a file the server is willing to look at. Technical limits of a machine, not rules of the party."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`unpacked` in bytes over all parts of the zip; `cells` bounds both the cells stored and the rectangle they span."""

    unpacked: int = 400 * 1024 * 1024
    ratio: int = 300
    ratio_from: int = 8 * 1024 * 1024
    parts: int = 2_000
    rows: int = 100_000
    columns: int = 200
    cells: int = 6_000_000


DEFAULT_LIMITS = Limits()
