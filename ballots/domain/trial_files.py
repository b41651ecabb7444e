"""What a tried vote's tellers would keep on their own devices, kept beside the data of the demo instead (0600)."""

import json
import os
from pathlib import Path

from django.conf import settings
from gmpy2 import mpz

from core.errors import Missing

FILE = "tried-votes.json"


def keep(code: str, codes: list[str], shares: list[mpz]) -> None:
    known = _read() | {code: {"codes": codes, "shares": [str(s) for s in shares]}}
    fresh = _file().with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump(known, out, ensure_ascii=False, indent=1)
    fresh.replace(_file())


def shares_of(code: str) -> list[mpz]:
    if code not in _read():
        raise Missing
    return [mpz(share) for share in _read()[code]["shares"]]


def codes_of(code: str) -> list[str]:
    return list(_read().get(code, {}).get("codes", []))


def _read() -> dict[str, dict[str, list[str]]]:
    return json.loads(_file().read_text("utf-8")) if _file().exists() else {}


def _file() -> Path:
    return Path(settings.DATA_DIR) / FILE
