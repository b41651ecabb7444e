"""The dashboard of a node as one value: what page, charts, export and print all show, small figures already hidden."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from insight.suppression import explain


@dataclass(frozen=True)
class Pair:
    """A figure on the date and on the compared date; None: not shown, or not there."""

    now: int | None
    then: int | None = None

    @property
    def change(self) -> int | None:
        return None if self.now is None or self.then is None else self.now - self.then

    @property
    def distance(self) -> int | None:
        return None if self.change is None else abs(self.change)

    @property
    def rate(self) -> float | None:
        return None if self.change is None or not self.then else self.change / self.then

    @property
    def rate_words(self) -> str:
        return "" if self.rate is None else _signed(self.rate * 100, "%")


@dataclass(frozen=True)
class Share:
    """A part of a whole on two dates."""

    part: Pair
    whole: Pair

    @property
    def now(self) -> float | None:
        return None if self.part.now is None or not self.whole.now else self.part.now / self.whole.now

    @property
    def then(self) -> float | None:
        return None if self.part.then is None or not self.whole.then else self.part.then / self.whole.then

    @property
    def points(self) -> float | None:
        """Change in percentage points."""
        return None if self.now is None or self.then is None else (self.now - self.then) * 100

    @property
    def points_words(self) -> str:
        return "" if self.points is None else _signed(self.points, " 点")


@dataclass(frozen=True)
class Tile:
    label: str
    figure: Pair
    share: Share | None = None
    note: str = ""
    url: str = ""
    key: bool = False


@dataclass(frozen=True)
class Bar:
    """One class of a structure; `men` and `women` only where the cross of age and sex may be seen."""

    label: str
    figure: Pair
    share: Share
    url: str = ""
    men: Pair | None = None
    women: Pair | None = None


@dataclass(frozen=True)
class Structure:
    name: str
    title: str
    bars: tuple[Bar, ...]
    hidden: int = 0

    @property
    def crossed(self) -> bool:
        return any(bar.men for bar in self.bars)


@dataclass(frozen=True)
class MonthFlow:
    """People who came and left in a month, by kind where that may be seen; `net` None: not known or not shown."""

    month: date
    net: int | None
    came: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    @property
    def values(self) -> list[int]:
        """In the order of the columns of the table: who came, then who left."""
        return [*self.came.values(), *(-n for n in self.left.values())]


@dataclass(frozen=True)
class BalanceLine:
    label: str
    number: int | None
    is_sum: bool = False


@dataclass(frozen=True)
class Alert:
    label: str
    number: int
    unit: str
    note: str = ""
    url: str = ""
    bad: bool = False


@dataclass(frozen=True)
class Row:
    """A child of the node in the table of the tree."""

    uuid: UUID
    name: str
    url: str
    total: Pair
    spark: tuple[int, ...]
    women: Share
    young: Share
    college: Share
    developed: int | None = None
    branches: int | None = None


@dataclass(frozen=True)
class Rest:
    """What the rows of the table leave of the node: its own members, sealed parts, and rows not shown, together."""

    number: int
    hidden_rows: int


@dataclass(frozen=True)
class Board:
    uuid: UUID
    name: str
    code: str
    on: date
    live: bool
    compared: date | None
    exact: bool
    k: int
    tiles: tuple[Tile, ...] = ()
    structures: tuple[Structure, ...] = ()
    flows: tuple[MonthFlow, ...] = ()
    balance: tuple[BalanceLine, ...] = ()
    alerts: tuple[Alert, ...] = ()
    rows: tuple[Row, ...] = ()
    rest: Rest | None = None
    foot: Row | None = None
    organizations: int = 0
    reckoned: bool = False
    people_url: str = ""

    @property
    def hidden(self) -> int:
        """How many cells of the page are not shown by themselves."""
        if self.exact:
            return 0
        columns = [share.part.now for row in self.rows for share in (row.women, row.young, row.college)]
        rows = [row.total.now for row in self.rows]
        return sum(structure.hidden for structure in self.structures) + [*rows, *columns].count(None)

    @property
    def has_branches_below(self) -> bool:
        return any(row.branches is not None for row in self.rows)

    @property
    def sentence(self) -> str:
        return explain(self.hidden, self.k)

    @property
    def flow_names(self) -> list[str]:
        return [*self.flows[0].came, *self.flows[0].left] if self.flows else []

    def structure(self, name: str) -> Structure | None:
        return next((s for s in self.structures if s.name == name), None)


def _signed(value: float, unit: str) -> str:
    """+1.1%, −0.3 点, 0.0 点."""
    sign = "" if abs(value) < 0.05 else "+" if value > 0 else "−"
    return f"{sign}{abs(value):.1f}{unit}"
