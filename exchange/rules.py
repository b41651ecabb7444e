"""Pure rules of the exchange: what a page or a message may show of a cell, how a branch is written, when names differ."""

import re
import unicodedata
from datetime import date, datetime
from difflib import SequenceMatcher

from audit.domain.masking import mask_numbers
from core.identity import mask_id, mask_phone, normalise_id, normalise_phone

LONG_RUN = re.compile(r"\d{9,}")
CELL_SHOWN = 40  # characters of a cell repeated on a page
SAME_NAME = 0.5  # below this likeness two names are hardly one person's; a matter of asking, not of refusing
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
_PARTY = re.compile(r"^(中国共产党|中共)")


def guarded(text: str) -> str:
    """No identity or telephone number survives in a text that is stored in clear: a cell may stand in the wrong column."""
    return LONG_RUN.sub(lambda m: m[0][:2] + "*" * (len(m[0]) - 4) + m[0][-2:], mask_numbers(text))


def shown(field: str, value: object) -> str:
    """A cell as a page may show it: numbers masked, the birth by month, an address not at all."""
    if value is None or value == "":
        return ""
    if field == "id_number":
        return mask_id(normalise_id(str(value)))
    if field in ("phone", "landline"):
        return mask_phone(normalise_phone(str(value)))
    if field == "address":
        return "（不显示）"
    if isinstance(value, date | datetime):
        month = f"{value.year}年{value.month}月"
        return month if field == "birth_date" else f"{month}{value.day}日"
    return guarded(str(value))[:CELL_SHOWN]


def branch_key(text: str) -> str:
    """What makes two writings of an organisation's name the same: width, spaces and the party's own name do not count."""
    plain = _SPACE.sub("", unicodedata.normalize("NFKC", text)).casefold()
    return _PARTY.sub("", plain).removesuffix("委员会")


def names_differ(one: str, other: str) -> bool:
    """Names too unlike to be one person's with a slip of the pen."""
    return SequenceMatcher(None, one, other).ratio() < SAME_NAME
