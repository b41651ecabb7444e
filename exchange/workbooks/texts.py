"""Texts that a spreadsheet may hold: legal in XML, never a formula, read back as they were written."""

import re

MOST_CHARACTERS = 32_767
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile(r"\r\n?")
ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def storable(text: str) -> str:
    """Line ends as \\n, control characters dropped, cut to what a cell may hold: what a reader will see."""
    return ILLEGAL.sub("", LINE_END.sub("\n", text))[:MOST_CHARACTERS]


def escaped(text: str) -> str:
    """As the file spells it: `_x0041_` would be read as "A", so its first underscore is itself escaped."""
    return ESCAPE.sub("_x005F_", text)


def looks_like_formula(text: str) -> bool:
    """What a spreadsheet might compute once a person edits the cell or saves the sheet as CSV."""
    return text.startswith(FORMULA_STARTS)
