"""Anchors: the head of the chain written outside the database, so that a tail cut off with its seals is noticed.

For every day with seals `YYYY-MM-DD.json` is written once and never again; `YYYY-MM-DD.log` gets a line for every later
head of that day. Keep the folder on storage the database's administrator cannot write to.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from audit.models import AuditSeal


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the chain as it stood: link number, rows sealed so far, MAC in hex."""

    date: str
    seq: int
    total: int
    mac: str
    key_id: int
    sealed_at: str


@dataclass(frozen=True, slots=True)
class UnreadableAnchor:
    """A file of the anchor folder that does not hold an anchor."""

    file: str


def anchor() -> Anchor | None:
    """Write down the head of the chain, unless it is written already. A folder that refuses is an error, not a detail."""
    head = AuditSeal.objects.defer("row_digests").order_by("seq").last()
    if head is None:
        return None
    made = _anchor_of(head)
    folder = Path(settings.AUDIT_ANCHOR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    if not _write_once(folder / f"{made.date}.json", made):
        _append_line(folder / f"{made.date}.log", made)
    return made


def read_anchors(folder: Path) -> Iterator[Anchor | UnreadableAnchor]:
    """Every anchor of the folder, oldest day first; what cannot be read is handed over as such, never passed over."""
    for file in sorted(folder.glob("*.json")) + sorted(folder.glob("*.log")):
        for text in _texts(file):
            try:
                yield _parse(text)
            except (ValueError, TypeError):
                yield UnreadableAnchor(file.name)


def _texts(file: Path) -> list[str]:
    text = file.read_text(encoding="utf-8", errors="replace")
    return [text] if file.suffix == ".json" else text.splitlines()


def _parse(text: str) -> Anchor:
    read = Anchor(**json.loads(text))
    if not (isinstance(read.seq, int) and isinstance(read.total, int) and isinstance(read.mac, str)):
        raise ValueError("anchor")
    return read


def _anchor_of(head: AuditSeal) -> Anchor:
    moment = timezone.localtime(head.sealed_at)
    return Anchor(
        moment.date().isoformat(), head.seq, head.total, bytes(head.mac).hex(), head.key_id, moment.isoformat()
    )  # fmt: skip


def _write_once(file: Path, made: Anchor) -> bool:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o440)
    except FileExistsError:
        return False
    _write_out(handle, made)
    return True


def _append_line(file: Path, made: Anchor) -> None:
    _write_out(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640), made)


def _write_out(handle: int, made: Anchor) -> None:
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(json.dumps(asdict(made)) + "\n")
        out.flush()
        os.fsync(out.fileno())
