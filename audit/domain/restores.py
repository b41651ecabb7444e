"""Restores noted beside the anchors: which later anchors a restore has given up, and by whom (docs/decisions/0801).

A line of `restores.jsonl` carries a MAC of the audit keys. A row in the database alone excuses nothing: its owner could
write one after cutting off the tail.
"""

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from audit import rules
from audit.domain.anchoring import Anchor

FILE: Final = "restores.jsonl"


@dataclass(frozen=True, slots=True)
class Restore:
    """The database was put back to the head (`seq`, `mac`, `total`); `number` is also the subject of the row that says so."""

    number: str
    restored_at: str
    made_at: str
    seq: int
    total: int
    mac: str
    os_user: str
    key_id: int
    proof: str = ""

    def as_bytes(self) -> bytes:
        return json.dumps({**asdict(self), "proof": ""}, sort_keys=True, separators=(",", ":")).encode()

    def gives_up(self, anchor: Anchor) -> bool:
        """Whether this anchor was written before the restore about what the restore has put away."""
        return anchor.seq > self.seq and datetime.fromisoformat(anchor.sealed_at) <= datetime.fromisoformat(self.restored_at)


@dataclass(frozen=True, slots=True)
class FalseRestore:
    """A line that nobody with the audit keys has written."""

    line: int


def note(restore: Restore, folder: Path) -> None:
    """Append the line; the anchors that stand there stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    proven = Restore(**{**asdict(restore), "proof": rules.restore_mac(restore.as_bytes(), restore.key_id).hex()})
    handle = os.open(folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(json.dumps(asdict(proven), ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(out.fileno())


def read_restores(folder: Path) -> Iterator[Restore | FalseRestore]:
    file = folder / FILE
    if not file.exists():
        return
    for number, text in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1):
        try:
            found = Restore(**json.loads(text))
            datetime.fromisoformat(found.restored_at)
        except (ValueError, TypeError):
            yield FalseRestore(number)
            continue
        yield found if _is_proven(found) else FalseRestore(number)


def _is_proven(restore: Restore) -> bool:
    mac = rules.restore_mac(restore.as_bytes(), restore.key_id)
    return mac is not None and hmac.compare_digest(restore.proof, mac.hex())
