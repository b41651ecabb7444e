"""Paths of the organisation tree: four base-36 characters a level, compared in "C" order."""

WIDTH = 4
DEEPEST = 16  # levels that the columns of paths have room for
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def upper(path: str) -> str:
    """Exclusive upper bound of the subtree: `path <= x < upper(path)`. "~" sorts after every digit."""
    return path + "~"


def segment(number: int) -> str:
    """The number-th child's four characters, 1-based."""
    if not 0 < number < 36**WIDTH:
        raise ValueError(number)
    text = ""
    while number:
        number, digit = divmod(number, 36)
        text = DIGITS[digit] + text
    return text.rjust(WIDTH, "0")


def number(path: str) -> int:
    """Which child of its parent the node was: the inverse of `segment`."""
    return int(path[-WIDTH:], 36)


def child_path(parent: str, number: int) -> str:
    return parent + segment(number)


def parent_path(path: str) -> str:
    return path[:-WIDTH]


def depth(path: str) -> int:
    return len(path) // WIDTH


def ancestors(path: str) -> list[str]:
    """Paths from the root down to `path` itself."""
    return [path[:end] for end in range(WIDTH, len(path) + 1, WIDTH)]


def covers(outer: str, inner: str) -> bool:
    """`inner` is `outer` or lies below it."""
    return inner[: len(outer)] == outer


def outermost(paths: list[str]) -> list[str]:
    """The paths not nested in another of them, in order."""
    kept: list[str] = []
    for path in sorted(set(paths)):
        if not kept or not covers(kept[-1], path):
            kept.append(path)
    return kept
