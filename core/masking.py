"""Numbers of people in running text: every free-standing run of the length of one keeps its ends only."""

import re

# Identifiers and digests are kept first, so that digits inside them are not taken for a number.
_PATTERN = re.compile(
    r"(?P<keep>(?<![0-9A-Za-z])(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?=\d*[a-fA-F])[0-9a-fA-F]{32,})(?![0-9A-Za-z]))"
    r"|(?P<head>(?<!\d)(?:86[ -]?)?)"
    r"(?P<number>\d{17}[\dXxＸｘ]|\d{15}|\d{11}"
    r"|\d{6}[ -]\d{8}[ -]\d{3}[\dXx]|\d{6}[ -]\d{4}[ -]\d{4}[ -]\d{3}[\dXx]|\d{3}[ -]\d{4}[ -]\d{4})(?!\d)"
)


def mask_numbers(text: str) -> str:
    """Every free-standing run of 11, 15 or 18 digits keeps its ends only: 3+4 of 11, 6+4 of the longer ones."""
    return _PATTERN.sub(_masked, text.replace("\0", ""))


def _masked(match: re.Match[str]) -> str:
    if match["keep"]:
        return match["keep"]
    number = re.sub(r"[ -]", "", match["number"])
    shown = 3 if len(number) == 11 else 6
    return f"{match['head']}{number[:shown]}{'*' * (len(number) - shown - 4)}{number[-4:]}"


def without_numbers(text: str) -> str:
    """The same runs gone altogether: a log needs not even their ends."""
    return _PATTERN.sub(lambda match: match["keep"] or "（号码）", text.replace("\0", ""))
