"""A stream into a file: for its owner only, whole or not there, never over another one."""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from core.commands import usage


def whole_file(out: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Write and answer SHA-256 and size."""
    if out.exists():
        raise usage(f"文件 {out} 已经有了，不覆盖。")
    draft = out.with_name(f".{out.name}.part")
    digest, size = hashlib.sha256(), 0
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as fault:
        raise usage(f"写不了文件 {out}：{fault.strerror}") from fault
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                size += file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return digest.hexdigest(), size
