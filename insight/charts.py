"""The board's charts as plain data: the same hidden cells as in the tables (None), no other source."""

from typing import TypedDict

from insight.board import Board, MonthFlow, Pair, Structure
from insight.rules import EDU, SEX


class Series(TypedDict):
    name: str
    values: list[float | None]


class Chart(TypedDict, total=False):
    kind: str
    labels: list[str]
    series: list[Series]
    marks: list[Series]
    percent: bool


def charts(board: Board) -> dict[str, Chart]:
    """By the id of the box a chart is drawn in."""
    made = {f"c-{s.name}": _structure(s) for s in board.structures if s.bars}
    if board.flows:
        made["c-flow"] = _flows(board.flows)
    return made


def _structure(structure: Structure) -> Chart:
    labels = [bar.label for bar in structure.bars]
    if structure.crossed:
        men, women = ([_pair(getattr(bar, side)) for bar in structure.bars] for side in ("men", "women"))
        sides = [Series(name=name, values=[p.now for p in pairs]) for name, pairs in (("男", men), ("女", women))]
        marks = [
            Series(name=name, values=[p.then for p in pairs]) for name, pairs in (("男（对比）", men), ("女（对比）", women))
        ]
        return Chart(kind="pyramid", labels=labels, series=sides, marks=marks)
    if structure.name in (EDU, SEX):
        return Chart(
            kind="bars", labels=labels, percent=True, series=[_series("占比", [bar.share.now for bar in structure.bars])]
        )
    return Chart(kind="bars", labels=labels, series=[_series("人数", [bar.figure.now for bar in structure.bars])])


def _pair(pair: Pair | None) -> Pair:
    return pair or Pair(None)


def _series(name: str, values: list[float | None] | list[int | None]) -> Series:
    return Series(name=name, values=list(values))


def _flows(flows: tuple[MonthFlow, ...]) -> Chart:
    came = [_series(name, [flow.came.get(name) for flow in flows]) for name in flows[0].came]
    left = [_series(name, [-flow.left[name] for flow in flows]) for name in flows[0].left]
    labels = [f"{flow.month.year}年\n1月" if flow.month.month == 1 else f"{flow.month.month}月" for flow in flows]
    net = _series("净增" if came else "净增减", [flow.net for flow in flows])
    return Chart(kind="flow", labels=labels, series=[*came, *left, net])
