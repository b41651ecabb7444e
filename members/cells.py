"""One cell of a roster or one box of a form: what was meant by what stands there."""

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime

from core.dates import EARLIEST_YEAR, LATEST_YEAR, from_serial, parse_cn, parse_month

LABELS: dict[str, str] = {
    "name": "姓名",
    "branch": "所在党支部",
    "id_number": "公民身份号码",
    "sex": "性别",
    "nation": "民族",
    "birth_date": "出生日期",
    "education": "学历",
    "category": "人员类别",
    "joined_on": "加入党组织日期",
    "converted_on": "转为正式党员日期",
    "job": "工作岗位",
    "phone": "手机号",
    "landline": "固定电话",
    "address": "家庭住址",
    "standing": "党籍状态",
    "is_lost": "是否为失联党员",
    "lost_on": "失去联系日期",
    "is_floating": "是否为流动党员",
    "floating_to": "外出流向",
    "native_place": "籍贯",
    "worked_from": "参加工作日期",
    "school": "毕业院校",
    "major": "所学专业",
    "degree": "学位",
}  # the first nineteen are the columns of the national collection form, in its order
COLLECTION_FORM = tuple(LABELS)[:19]

_EMPTY = frozenset({"", "无", "暂无", "空", "/", "\\", "n/a", "null", "none", "nil", "（无）", "(无)"})
_ONLY_MARKS = re.compile(r"^[\-‐‑‒–—―−－_=·.。*…]+$")
_FORMULA_START = re.compile(r"^[=@+\-]")
_SIGNED_NUMBER = re.compile(r"^[+\-][0-9(][0-9()\s\-.]*$")
_BROKEN = re.compile(r"^#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NUM!|NULL!|SPILL!|CALC!)$")
_POWER = re.compile(r"^[0-9](\.[0-9]+)?e\+?[0-9]+$", re.IGNORECASE)
_TWO_DIGIT_YEAR = re.compile(r"^'?[0-9]{2}[-/.年][0-9]{1,2}([-/.月][0-9]{1,2}日?)?$")
_HIDDEN = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")


class FormulaError(ValueError):
    """A formula, or what a broken one leaves behind."""


class PrecisionError(ValueError):
    """A long number that the workbook kept as a float: its last digits are gone."""


class DayError(ValueError):
    """No day can be read; `why` is one of bad, month, year, short_year."""

    def __init__(self, why: str = "bad") -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Day:
    """A day that was read; `month_only` when the cell named no day and the first of the month stands for it."""

    value: date
    month_only: bool = False


def text_of(value: object) -> str:
    """The text of a cell, "" for 无, — and the like. FormulaError where a formula stands instead of words."""
    text = _written(value)
    plain = unicodedata.normalize("NFKC", text)
    if plain.casefold() in _EMPTY or _ONLY_MARKS.match(plain):
        return ""
    if _BROKEN.match(plain) or (_FORMULA_START.match(plain) and not _SIGNED_NUMBER.match(plain)):
        raise FormulaError(text[:20])
    return text


def digits_of(value: object) -> str:
    """The text of a cell that holds a long number. PrecisionError when the workbook has rounded it."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10**15:
        raise PrecisionError
    text = text_of(value)
    if _POWER.match(unicodedata.normalize("NFKC", text)):
        raise PrecisionError
    return text


def day_of(value: object, *, month_will_do: bool = False) -> Day | None:
    """The day in a cell, None when empty; DayError when there is none to be read."""
    if isinstance(value, datetime):
        return Day(value.date())
    if isinstance(value, date):
        return Day(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _day_in_number(value, month_will_do=month_will_do)
    text = text_of(value)
    return _day_in_text(text, month_will_do=month_will_do) if text else None


def _day_in_number(number: float, *, month_will_do: bool) -> Day:
    if not math.isfinite(number):
        raise DayError
    if EARLIEST_YEAR <= number < LATEST_YEAR + 1:
        # 1975 is a year and 1956.03 a month, not the days a workbook would count up to them; 1994.1 may be January or October.
        text = f"{number:.2f}"
        if number == int(number):
            raise DayError("year")
        return _day_in_text(text if text[-1] != "0" else "", month_will_do=month_will_do)
    try:
        return Day(from_serial(number))
    except ValueError:
        return _day_in_text(str(int(number)), month_will_do=month_will_do)


def _day_in_text(text: str, *, month_will_do: bool) -> Day:
    try:
        return Day(parse_cn(text))
    except ValueError:
        return _month_in_text(text, month_will_do=month_will_do)


def _month_in_text(text: str, *, month_will_do: bool) -> Day:
    plain = unicodedata.normalize("NFKC", text)
    try:
        first = parse_month(text)
    except ValueError as error:
        raise DayError("short_year" if _TWO_DIGIT_YEAR.match(plain) else "bad") from error
    if not month_will_do:
        raise DayError("month")
    return Day(first, month_only=True)


def _written(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else str(value)
    return _HIDDEN.sub("", str(value)).strip().lstrip("' \t").strip()
