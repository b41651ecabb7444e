"""The board as rows of a workbook: the tree table, the structures, the movements, and what is not shown."""

from collections.abc import Iterator
from urllib.parse import quote

from exchange.workbooks.rows import Cell
from insight.board import Board, Pair, Row, Share, Structure

WITHHELD = "不显示"


def title(board: Board) -> str:
    return f"{board.name}党员统计（{board.on:%Y年%-m月%-d日}）"


def filename(board: Board) -> str:
    return quote(f"{board.name}党员统计{board.on:%Y%m%d}.xlsx")


def headers(board: Board) -> list[str]:
    compared = f"{board.compared:%Y-%m-%d}" if board.compared else "对比"
    return [
        "项目", f"{board.on:%Y-%m-%d} 人数", f"{compared} 人数", "增减", "占比（%）",
        "女", "女占比（%）", "青年占比（%）", "大专及以上占比（%）", "近12个月发展", "党支部",
    ]  # fmt: skip


def rows(board: Board) -> Iterator[list[Cell]]:
    yield from (_row("合计" if row is board.foot else row.name, row) for row in (*board.rows, board.foot) if row)
    if board.rest:
        yield ["其余（直属党员、未列出的组织）", board.rest.number]
    yield from ([tile.label, *_pair(tile.figure), _share(tile.share)] for tile in board.tiles)
    for structure in board.structures:
        yield from _structure(structure)
    yield from ([f"增减平衡：{line.label}", _number(line.number)] for line in board.balance)
    yield from ([f"{flow.month:%Y年%-m月}净增减", _number(flow.net)] for flow in board.flows)
    if board.sentence:
        yield [board.sentence]


def _structure(structure: Structure) -> Iterator[list[Cell]]:
    for bar in structure.bars:
        name = f"{structure.title}：{bar.label}"
        yield [name, *_pair(bar.figure), _share(bar.share)]
        yield from ([f"{name}（{sex}）", *_pair(pair)] for sex, pair in (("男", bar.men), ("女", bar.women)) if pair)


def _row(name: str, row: Row) -> list[Cell]:
    return [
        name, *_pair(row.total), None, _number(row.women.part.now), _share(row.women), _share(row.young), _share(row.college),
        row.developed, row.branches,
    ]  # fmt: skip


def _pair(pair: Pair) -> list[Cell]:
    return [_number(pair.now), pair.then, pair.change]


def _number(value: int | None) -> Cell:
    return WITHHELD if value is None else value


def _share(share: Share | None) -> Cell:
    return None if share is None or share.now is None else round(share.now * 100, 1)
