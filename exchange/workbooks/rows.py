"""Which rows under a header are people, and why the others are not. When in doubt a row is kept: nobody is lost silently."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from exchange.workbooks.columns import normalise_header, recognise
from exchange.workbooks.headers import Header

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | None


class SkipReason(StrEnum):
    BLANK = "blank"
    TOTAL = "total"
    SIGNATURE = "signature"
    REPEATED_HEADER = "repeated_header"
    REPEATED_TITLE = "repeated_title"
    COLUMN_NUMBERS = "column_numbers"
    NOTE = "note"

    @property
    def label(self) -> str:
        return LABELS[self]


LABELS = {
    SkipReason.BLANK: "空行",
    SkipReason.TOTAL: "合计行",
    SkipReason.SIGNATURE: "落款",
    SkipReason.REPEATED_HEADER: "重复的表头",
    SkipReason.REPEATED_TITLE: "重复的标题",
    SkipReason.COLUMN_NUMBERS: "列号行",
    SkipReason.NOTE: "说明文字",
}


class Row(NamedTuple):
    """`number` as the person sees it in the file, 1-based."""

    number: int
    values: tuple[Cell, ...]


class Skipped(NamedTuple):
    number: int
    reason: SkipReason


TOTAL = re.compile(r".{0,20}(合计|总计|小计|共计|总数|累计)[:：]?(\d+[人名个]?)?|共\d+[人名个条].{0,6}")
SIGNATURE = re.compile(r"[(（]?(填表|制表|审核|填报|负责人|经办|复核|签字|签名|盖章|单位公章|公章|(党组织|支部)?书记签|报送)")
NOTE = re.compile(r"(备注|注|说明|填表说明)\d*[:：.、]")
LONG_DIGITS = re.compile(r"\d{10}")
COLUMN_NUMBER = re.compile(r"[(（]?(\d{1,2}|[一二三四五六七八九十]{1,3}|[甲乙丙丁])[)）]?")


def sort_rows(rows: Sequence[tuple[Cell, ...]], header: Header, titles: Sequence[str]) -> tuple[list[Row], list[Skipped]]:
    kept: list[Row] = []
    skipped: list[Skipped] = []
    judge = _Judge(header, titles)
    for index in range(header.bottom + 1, len(rows)):
        reason = judge.reason(rows[index], first=not kept)
        if reason:
            skipped.append(Skipped(index + 1, reason))
        else:
            kept.append(Row(index + 1, rows[index]))
    return kept, skipped


def _plain(value: Cell) -> str:
    return normalise_header(value) if isinstance(value, str) else ""


class _Judge:
    def __init__(self, header: Header, titles: Sequence[str]) -> None:
        self.columns = [normalise_header(text) for text in header.columns]
        self.titles = set(titles)
        claims = [recognise(text) for text in header.columns]
        self.id_column = next((i for i, claim in enumerate(claims) if claim and claim.field == "id_number"), None)

    def reason(self, values: tuple[Cell, ...], *, first: bool) -> SkipReason | None:
        """`first`: no person has been met yet."""
        filled = [value for value in values if value is not None]
        if not filled:
            return SkipReason.BLANK
        if self._repeats_header(values):
            return SkipReason.REPEATED_HEADER
        if first and len(filled) >= 3 and all(COLUMN_NUMBER.fullmatch(str(value)) for value in filled):
            return SkipReason.COLUMN_NUMBERS
        return None if self._holds_id(values) else self._remark(filled)

    def _repeats_header(self, values: tuple[Cell, ...]) -> bool:
        """A header printed again on each page: most of its cells say what the header, or one of its two rows, says there."""
        pairs = [(_plain(value), self.columns[i]) for i, value in enumerate(values) if value is not None]
        same = sum(bool(text) and (column.startswith(text) or column.endswith(text)) for text, column in pairs)
        return same >= 2 and same * 2 > len(pairs)

    def _holds_id(self, values: tuple[Cell, ...]) -> bool:
        return self.id_column is not None and bool(LONG_DIGITS.search(str(values[self.id_column] or "")))

    def _remark(self, filled: list[Cell]) -> SkipReason | None:
        text = re.sub(r"\s", "", filled[0]) if isinstance(filled[0], str) else ""
        if TOTAL.fullmatch(text):
            return SkipReason.TOTAL
        if SIGNATURE.match(text):
            return SkipReason.SIGNATURE
        if len(filled) == 1 and isinstance(filled[0], str):
            if filled[0] in self.titles:
                return SkipReason.REPEATED_TITLE
            if NOTE.match(text):
                return SkipReason.NOTE
        return None
