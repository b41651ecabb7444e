"""What the lines above a table say: the title, and the date the roster stands for."""

from __future__ import annotations

import calendar
import datetime as dt
import re
import unicodedata
from collections.abc import Sequence

DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
SPOKEN_MONTH = re.compile(r"十([一二])月")
AS_OF = re.compile(r"(?:截至|截止到?|截止至)\D{0,4}(\d{4})\D(\d{1,2})(?:[月.\-/](\d{1,2}))?")
MONTH = re.compile(r"(?<!\d)((?:19|20)\d{2})年(\d{1,2})月(?:(\d{1,2})日)?")


def title_lines(rows: Sequence[Sequence[object]]) -> list[str]:
    """The texts above the header, one line for each row that has any."""
    lines = [" ".join(str(value) for value in row if value is not None) for row in rows]
    return [line for line in lines if line]


def _plain(text: str) -> str:
    text = SPOKEN_MONTH.sub(lambda m: "1" + m[1] + "月", unicodedata.normalize("NFKC", text))
    return re.sub(r"\s", "", text).replace("十月", "10月").translate(DIGITS)


def date_in_title(lines: Sequence[str]) -> dt.date | None:
    """“截至2026年10月” → the last day of that month; “截至2026年10月15日” → that day. 截至 goes before any other month named."""
    texts = [_plain(line) for line in lines]
    for pattern in (AS_OF, MONTH):
        for text in texts:
            if (match := pattern.search(text)) and (day := _date(match)):
                return day
    return None


def _date(match: re.Match[str]) -> dt.date | None:
    year, month, day = int(match[1]), int(match[2]), match[3]
    if not 1 <= month <= 12 or not 1900 <= year <= 2100:
        return None
    last = calendar.monthrange(year, month)[1]
    return dt.date(year, month, int(day) if day else last) if not day or 1 <= int(day) <= last else None
