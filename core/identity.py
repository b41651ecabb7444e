"""Citizen identity numbers (GB 11643), credit codes of units (GB 32100) and telephone numbers: form, check, mask."""

import re
import unicodedata
from datetime import date

from stdnum.cn import uscc

from core.dates import today

# GB/T 2260 provinces; 81–83 are also the residence permits of Hong Kong, Macao and Taiwan residents.
_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = frozenset(str(code) for first, last in _REGIONS for code in range(first, last + 1))
DEMO_REGION = "99"  # no such region: numbers that can belong to nobody
ID_LENGTH = 18
OLDEST_BIRTH_YEAR = 1880

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_ID_FORM = re.compile(r"^[0-9]{17}[0-9X]$")
_ID_NOISE = re.compile(r"[\s'\"`‘’“”′.,\-‐‑‒–—−_\u200b-\u200f\u2060\ufeff]")
_PHONE_NOISE = re.compile(r"[\s'`‘’′()（）\u200b-\u200f\u2060\ufeff]")
_DASH = re.compile(r"[‐‑‒–—−－_]")
_MOBILE = re.compile(r"^1[3-9][0-9]{9}$")
_LANDLINE = re.compile(r"^(0(?:10|2[0-9]|[3-9][0-9]{2}))?([2-9][0-9]{6,7})(?:-([0-9]{1,6}))?$")


def normalise_id(text: str) -> str:
    """Digits and X only: full-width forms, spaces, hyphens, apostrophes and a small x are forgiven."""
    return _ID_NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def id_fault(number: str, *, demo: bool) -> str | None:
    """Why the (normalised) number cannot be a citizen's number, or None. Region 99 exists only in demonstrations.

    Never says which check digit would be right: that would help to invent numbers.
    """
    if not _ID_FORM.match(number):
        return "id_length"
    if _CHECKS[_weighted(number) % 11] != number[-1]:
        return "id_checksum"
    if number[:2] not in PROVINCES and not (demo and number[:2] == DEMO_REGION):
        return "id_region"
    born = birth_of(number)
    if born is None or born > today():
        return "id_birth"
    return None


def birth_of(number: str) -> date | None:
    """The birth date inside the number; None when there is no such day."""
    part = number[6:14]
    if len(part) != 8 or not part.isascii() or not part.isdigit():
        return None
    try:
        born = date(int(part[:4]), int(part[4:6]), int(part[6:]))
    except ValueError:
        return None
    return born if born.year >= OLDEST_BIRTH_YEAR else None


def sex_of(number: str) -> str:
    """An odd sequence number is "1" 男, an even one "2" 女; "" when the number has not the form of one."""
    if not _ID_FORM.match(number):
        return ""
    return "1" if int(number[16]) % 2 else "2"


def mask_id(number: str) -> str:
    """First six and last four; anything shorter than a number of old is hidden completely."""
    if len(number) < 15:
        return "*" * len(number)
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"


def normalise_phone(text: str) -> str:
    """A mobile as 11 digits, a landline as 0571-88881234(-extension); what is neither stays readable as it came."""
    plain = _DASH.sub("-", _PHONE_NOISE.sub("", unicodedata.normalize("NFKC", text)))
    plain = re.sub(r"(转|分机|ext\.?|#)", "-", plain, flags=re.IGNORECASE)
    digits = re.sub(r"^(\+|00)86-?|^86(?=1[3-9][0-9]{9}$)", "", plain)
    bare = digits.replace("-", "")
    if _MOBILE.match(bare):
        return bare
    return _landline(digits) or re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def phone_valid(phone: str) -> bool:
    """Whether the normalised number can be rung: a mobile, or a landline with or without its area code."""
    return bool(_MOBILE.match(phone) or _landline(phone))


def mask_phone(phone: str) -> str:
    """A mobile 3+4; a landline keeps its area code and the last two digits."""
    if _MOBILE.match(phone):
        return f"{phone[:3]}****{phone[-4:]}"
    area, dash, local = phone.partition("-")
    if dash and area.startswith("0") and len(area) <= 4:
        return f"{area}-{_tail(local, 2)}"
    return _tail(phone, 2)


def uscc_valid(code: str) -> bool:
    """统一社会信用代码 (GB 32100-2015), 18 characters with its check character."""
    return bool(uscc.is_valid(code))


def normalise_uscc(text: str) -> str:
    return _ID_NOISE.sub("", unicodedata.normalize("NFKC", text)).upper()


def _weighted(number: str) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))


def _landline(text: str) -> str:
    for form in (text, _without_area_dash(text)):
        match = _LANDLINE.match(form)
        if match:
            area, local, extension = match.groups()
            return "-".join(part for part in (area, local, extension) if part)
    return ""


def _without_area_dash(text: str) -> str:
    return re.sub(r"^(0[0-9]{2,3})-([0-9]{3,4})-?", r"\1\2", text)


def _tail(text: str, shown: int) -> str:
    if len(text) < 7:
        return "*" * len(text)
    return "*" * (len(text) - shown) + text[-shown:]
