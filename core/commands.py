"""The contract of our `manage.py` commands: exit 0 done, 1 refused or rows rejected, 2 usage; `--json` prints one object."""

import getpass
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import DomainError
from core.starting import require_fit


class Command(BaseCommand):
    """A command whose `run` returns the result object; `print_result` says it to people."""

    json_option = True
    needs_fit = True  # False for what makes an installation fit: keys, an empty database

    def add_arguments(self, parser: CommandParser) -> None:
        if self.json_option:
            parser.add_argument("--json", action="store_true", help="print exactly one JSON object on stdout")
        self.arguments(parser)

    def arguments(self, parser: CommandParser) -> None:
        """Options of the command itself."""

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if self.needs_fit:
                require_fit()
            result, code = self.run(options)
        except DomainError as error:
            if options.get("json"):
                self.stdout.write(json.dumps({"error": {"code": error.code, "message": error.message}}, ensure_ascii=False))
            self.stderr.write(error.message + (f"（依据：{error.clause}）" if error.clause else ""))
            sys.exit(1)
        if options.get("json"):
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        else:
            self.print_result(result)
        if code:
            sys.exit(code)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        """Do the work; returns the result object and the exit code."""
        raise NotImplementedError

    def print_result(self, result: dict[str, Any]) -> None:
        for key, value in result.items():
            self.stdout.write(f"{key}: {value}")

    def say(self, text: str) -> None:
        """A line for people while working: always on stderr, so that stdout stays one object."""
        self.stderr.write(text)


def usage(message: str) -> CommandError:
    """A mistake in the call itself: exit 2."""
    return CommandError(message, returncode=2)


def os_user() -> str:
    return getpass.getuser()
