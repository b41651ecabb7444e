"""Where an action comes from: the request in hand, or else the user of the operating system."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Origin:
    """Network address and request number of a web request; the OS user of a command or task."""

    address: str = ""
    request_id: str = ""
    os_user: str = ""


_origin: ContextVar[Origin | None] = ContextVar("audit_origin", default=None)


def current() -> Origin:
    return _origin.get() or Origin(os_user=os_user())


@contextmanager
def acting_from(origin: Origin) -> Iterator[None]:
    """Everything recorded inside carries this origin."""
    token = _origin.set(origin)
    try:
        yield
    finally:
        _origin.reset(token)


@lru_cache(maxsize=1)
def os_user() -> str:
    """The account the process runs under, by its real user id where there is one: environment variables may lie."""
    with suppress(ImportError, KeyError):
        import pwd  # noqa: PLC0415 - POSIX only

        return pwd.getpwuid(os.getuid()).pw_name
    return getpass.getuser() if os.name == "nt" else str(os.getuid())
