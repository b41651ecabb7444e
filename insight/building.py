"""Makes the board of a node: every figure goes through the lens of the viewer, nothing else reaches a page."""

from datetime import date
from itertools import pairwise
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from accounts.models import User
from core.dates import add_months
from insight import alerts
from insight.asking import Answer, Asked, ask
from insight.board import BalanceLine, Bar, Board, MonthFlow, Pair, Rest, Row, Share, Structure, Tile
from insight.lens import Snapshot
from insight.places import Place
from insight.rules import AGE, CATEGORY, COLLEGE, CROSS, EDU, MINORITY, NATION, SEX, WOMEN, YEARS
from insight.suppression import Cell, hidden_cells, remainder
from members.enums import MOVEMENT_SIGN, MovementKind
from orgs.enums import Kind
from orgs.models import Organization

FLOW_MONTHS = 24
CAME = (("发展", (MovementKind.DEVELOPED,)), ("转入恢复", (MovementKind.TRANSFERRED_IN, MovementKind.RESTORED)))
LEFT = (
    ("转出", (MovementKind.TRANSFERRED_OUT,)),
    ("去世出党", (MovementKind.DECEASED, MovementKind.REMOVED, MovementKind.SUSPENDED)),
)
BALANCE = (
    ("发展", (MovementKind.DEVELOPED,)), ("转入、恢复", (MovementKind.TRANSFERRED_IN, MovementKind.RESTORED)),
    ("转出", (MovementKind.TRANSFERRED_OUT,)), ("去世", (MovementKind.DECEASED,)),
    ("出党、停止党籍", (MovementKind.REMOVED, MovementKind.SUSPENDED)), ("建库", (MovementKind.REGISTRY_BUILD,)),
    ("更正", (MovementKind.CORRECTED,)),
)  # fmt: skip
OWN_PEOPLE = (Kind.BRANCH, Kind.GROUP)
SHOWN_AT_ZERO = 5  # the first lines of the balance stand even at 0; the others only when there is something to tell


def board(user: User, node: Organization, asked: Asked) -> Board | None:
    """The dashboard of `node` as `user` may see it; None when there is no date yet that they may see."""
    answer = ask(user, node, asked)
    if answer is None:
        return None
    rows = tuple(_row(answer, child) for child in answer.children)
    return Board(
        uuid=node.uuid, name=answer.here.name, code=answer.here.code, on=answer.moment.on, live=answer.moment.live,
        compared=answer.compared.month if answer.compared else None, exact=answer.exact, k=answer.ruler.k,
        tiles=_tiles(answer), structures=_structures(answer), flows=_flows(answer), balance=_balance(answer),
        alerts=alerts.alerts(answer, people) if answer.exact and answer.moment.live else (),
        rows=rows, rest=_rest(answer, rows), foot=_row(answer, answer.here) if rows else None,
        organizations=sum(answer.shot.counts(answer.here.key, "org").values()),
        people_url=people(answer), reckoned=_reckoned(answer),
    )  # fmt: skip


def _reckoned(answer: Answer) -> bool:
    kept = None if answer.moment.live else answer.months.find(answer.moment.on)
    return any(one is not None and one.reckoned for one in (kept, answer.compared))


def people(answer: Answer, **query: str) -> str:
    """The list of the people behind a figure of today; empty where there is none or it may not be opened."""
    if not (answer.exact and answer.moment.live):
        return ""
    try:
        return f"{reverse('members:list')}?{urlencode({'org': answer.here.code, **query})}"
    except NoReverseMatch:
        return ""


def _total(answer: Answer, key: str) -> Pair:
    before = answer.before
    there = before is not None and key in before.cells
    return Pair(answer.lens.total(answer.shot, key), answer.lens.total(before, key) if there and before else None)


def _column(answer: Answer, key: str, dim: str, group: str) -> Share:
    before = answer.before
    there = before is not None and key in before.cells
    then = answer.lens.column(before, key, dim, group) if there and before else None
    return Share(Pair(answer.lens.column(answer.shot, key, dim, group), then), _total(answer, key))


def _tiles(answer: Answer) -> tuple[Tile, ...]:
    key, young = answer.here.key, answer.ruler.young
    women, college = _column(answer, key, SEX, WOMEN), _column(answer, key, EDU, COLLEGE)
    youths = _column(answer, key, AGE, answer.ruler.young_code)
    return (
        Tile("党员", _total(answer, key), url=people(answer), key=True),
        Tile("女党员", women.part, women, url=people(answer, sex=WOMEN)),
        Tile(f"{young} 岁及以下", youths.part, youths),
        Tile("大专及以上", college.part, college),
        _fifth_tile(answer),
        _probationary_tile(answer) if answer.here.kind in OWN_PEOPLE else _branches_tile(answer),
    )


def _fifth_tile(answer: Answer) -> Tile:
    """People developed in twelve months; who may see stocks only has the minorities instead."""
    if not answer.exact:
        minority = _column(answer, answer.here.key, NATION, MINORITY)
        return Tile("少数民族", minority.part, minority)
    on = answer.moment.on
    now, then = (_developed(answer, answer.here, add_months(on, -12 * years)) for years in (0, 1))
    return Tile("近 12 个月发展", Pair(now, then))


def _developed(answer: Answer, place: Place, until: date) -> int:
    months = {f"{add_months(until, -i):%Y%m}" for i in range(12)}
    kind = MovementKind.DEVELOPED
    return sum(n for (month, what), n in answer.events[place.path].items() if month in months and what == kind)


def _probationary_tile(answer: Answer) -> Tile:
    """A branch has no branches below it."""
    share = _column(answer, answer.here.key, CATEGORY, "probationary")
    return Tile("预备党员", share.part, share, url=people(answer, category="probationary"))


def _branches_tile(answer: Answer) -> Tile:
    branches = answer.shot.number(answer.here.key, "org", "branch")
    before = answer.before.number(answer.here.key, "org", "branch") if answer.before else None
    total = answer.lens.total(answer.shot, answer.here.key)
    note = f"平均 {total / branches:.1f} 人" if total and branches > 1 else ""
    return Tile("党支部", Pair(branches, before), note=note)


def _structures(answer: Answer) -> tuple[Structure, ...]:
    named = ((AGE, "年龄与性别" if answer.exact else "年龄"), (EDU, "学历"), (YEARS, "党龄"))
    extra = () if answer.exact else ((SEX, "性别"),)
    return tuple(_structure(answer, dim, title) for dim, title in (*named, *extra))


def _structure(answer: Answer, dim: str, title: str) -> Structure:
    key, before = answer.here.key, answer.before
    then = {c.group: c for c in answer.lens.cells(before, key, dim)} if before else {}
    whole = _total(answer, key)
    cells = [c for c in answer.lens.cells(answer.shot, key, dim) if c.value or c.group != "unknown" or _value(then, c)]
    bars = tuple(_bar(answer, dim, cell, _value(then, cell), whole) for cell in cells)
    dimension = answer.ruler.dimensions[dim]
    return Structure(dim, title, bars, 0 if answer.exact else hidden_cells(answer.lens.shapes[dim], dimension, key))


def _value(cells: dict[str, Cell], cell: Cell) -> int | None:
    return cells[cell.group].value if cell.group in cells else None


def _bar(answer: Answer, dim: str, cell: Cell, then: int | None, whole: Pair) -> Bar:
    pair = Pair(cell.value, then)
    label, query = cell.label, {}
    scale = {AGE: answer.ruler.ages, YEARS: answer.ruler.years}.get(dim)
    if scale and (band := scale.band(cell.group)):
        label, query = band.label, {"age" if dim == AGE else "years": band.code}
    elif dim == YEARS and cell.group == "unknown":
        label = "预备期，尚未起算"
    elif dim == EDU and cell.group != "unknown":
        query = {"edu": cell.group}
    url = people(answer, **query) if query else ""
    men, women = (_crossed(answer, cell.group, sex) for sex in "12") if dim == AGE and answer.exact else (None, None)
    return Bar(label, pair, Share(pair, whole), url, men, women)


def _crossed(answer: Answer, band: str, sex: str) -> Pair:
    key, code = answer.here.key, f"{band}:{sex}"
    return Pair(answer.shot.number(key, CROSS, code), answer.before.number(key, CROSS, code) if answer.before else None)


def _flows(answer: Answer) -> tuple[MonthFlow, ...]:
    if not answer.exact:
        return _net_flows(answer)
    first = answer.moment.on.replace(day=1)
    months = [add_months(first, i - FLOW_MONTHS + 1) for i in range(FLOW_MONTHS)]
    return tuple(_flow(answer, month) for month in months)


def _flow(answer: Answer, month: date) -> MonthFlow:
    happened = answer.events[answer.here.path]

    def summed(kinds: tuple[str, ...]) -> int:
        return sum(happened.get((f"{month:%Y%m}", kind), 0) for kind in kinds)

    came, left = ({label: summed(kinds) for label, kinds in side} for side in (CAME, LEFT))
    return MonthFlow(month, sum(came.values()) - sum(left.values()), came, left)


def _net_flows(answer: Answer) -> tuple[MonthFlow, ...]:
    """Month by month what the shown totals differ by: all that figures-only viewers learn of movements."""
    line = answer.spark[answer.here.key]
    pairs = [(a, b) for a, b in pairwise(line) if add_months(a[0].replace(day=1), 1) == b[0].replace(day=1)]
    return tuple(MonthFlow(b[0].replace(day=1), b[1] - a[1]) for a, b in pairs)


def _balance(answer: Answer) -> tuple[BalanceLine, ...]:
    """期初 to 期末 between the compared month end and the date (rules.md §9.3)."""
    total = _total(answer, answer.here.key)
    if answer.compared is None or total.then is None or total.now is None:
        return ()
    start, end = BalanceLine("期初", total.then), BalanceLine("期末", total.now, is_sum=True)
    if not answer.exact:
        return start, BalanceLine("净增减", total.change), end
    numbers = [(label, _between(answer, kinds)) for label, kinds in BALANCE]
    lines = [BalanceLine(label, n) for i, (label, n) in enumerate(numbers) if n or i < SHOWN_AT_ZERO]
    if other := (total.change or 0) - sum(n for _, n in numbers):
        lines.append(BalanceLine("支部调整、组织划转和补录", other))
    return start, *lines, end


def _between(answer: Answer, kinds: tuple[str, ...]) -> int:
    first, last = (f"{day:%Y%m}" for day in (answer.compared.month, answer.moment.on))  # type: ignore[union-attr]
    happened = answer.events[answer.here.path].items()
    return sum(MOVEMENT_SIGN[kind] * n for (month, kind), n in happened if first < month <= last and kind in kinds)


def _row(answer: Answer, place: Place) -> Row:
    key, shot, total = place.key, answer.shot, _total(answer, place.key)
    return Row(
        uuid=place.uuid, name=place.name, url=reverse("insight:node", args=[place.uuid]), total=total,
        spark=tuple(n for _, n in answer.spark[key]) if total.now is not None else (), women=_column(answer, key, SEX, WOMEN),
        young=_column(answer, key, AGE, answer.ruler.young_code), college=_column(answer, key, EDU, COLLEGE),
        developed=_developed(answer, place, answer.moment.on) if answer.exact else None, branches=_branches(shot, place),
    )  # fmt: skip


def _branches(shot: Snapshot, place: Place) -> int | None:
    return shot.number(place.key, "org", "branch") if place.kind not in OWN_PEOPLE else None


def _rest(answer: Answer, rows: tuple[Row, ...]) -> Rest | None:
    whole = answer.lens.total(answer.shot, answer.here.key)
    if whole is None or not rows:
        return None
    left = remainder(whole, (row.total.now for row in rows))
    return Rest(left.value, left.hidden) if left.value or left.hidden else None
