"""Whether this installation is a demonstration. A higher room keeps the marker row and says so here."""

from collections.abc import Callable

_sources: list[Callable[[], bool]] = []


def register_demo_source(source: Callable[[], bool]) -> None:
    _sources[:] = [source]


def is_demo() -> bool:
    """Demo mode accepts identity numbers of region 99 and nothing real; production refuses such a database."""
    return bool(_sources) and _sources[0]()
