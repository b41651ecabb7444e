"""Where a command gets a passphrase from: a file, or the keyboard. Never an argument: those stand in the list of processes."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from core.commands import usage


def add_passphrase(parser: CommandParser) -> None:
    parser.add_argument("--passphrase-file", type=Path, help="its first line; without it the passphrase is asked for")


def passphrase_of(options: dict[str, Any], *, again: bool = False) -> str:
    path = options["passphrase_file"]
    if path is not None:
        try:
            return next(iter(path.read_text("utf-8").splitlines()), "")
        except OSError as fault:
            raise usage(f"读不了口令文件 {path}：{fault.strerror}") from fault
    if not sys.stdin.isatty():
        raise usage("请用 --passphrase-file 指明口令文件。")
    first = getpass.getpass("加密口令：")
    if again and getpass.getpass("再输一遍：") != first:
        raise usage("两遍口令不一样。")
    return first
