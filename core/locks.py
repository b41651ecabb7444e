"""Locks that exclude whole subtrees of each other, held until the transaction ends."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db import IntegrityError, connection, transaction

from core import paths
from core.errors import Conflict

Verb = TypeVar("Verb", bound=Callable[..., Any])


def _key(path: str) -> int:
    """A signed 64-bit advisory key for a node."""
    return int.from_bytes(hashlib.blake2b(path.encode(), digest_size=8, person=b"dangwu-subtree").digest(), "big", signed=True)


def hold_subtree(path: str, *, wait: bool = False) -> None:
    """Exclude every other holder of an overlapping subtree: shared on the ancestors, exclusive on the node itself.

    Two subtrees overlap exactly when one root is an ancestor of the other, and then one side wants exclusively what the
    other holds shared. Raises Conflict when somebody else is at work there, unless `wait`.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("hold_subtree needs a transaction")
    _take([("_shared", p) for p in paths.ancestors(path)[:-1]] + [("", path)], wait=wait)


def enter_subtree(path: str, *, wait: bool = False) -> None:
    """Stand inside a subtree: shared on the ancestors and on the node itself.

    Many may be inside at once (two people establishing branches side by side); nobody can hold the node or anything
    above it meanwhile, so the path read afterwards stays true until the transaction ends.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("enter_subtree needs a transaction")
    _take([("_shared", p) for p in paths.ancestors(path)], wait=wait)


def _take(steps: list[tuple[str, str]], *, wait: bool) -> None:
    """Whoever waits, waits from the root downwards; who does not, asks for all at once."""
    with connection.cursor() as cursor:
        if wait:
            for mode, at in steps:
                cursor.execute(f"SELECT pg_advisory_xact_lock{mode}(%s)", [_key(at)])
            return
        for mode in ("_shared", ""):
            keys = [_key(at) for asked, at in steps if asked == mode]
            sql = f"SELECT coalesce(bool_and(pg_try_advisory_xact_lock{mode}(k)), true) FROM unnest(%s::bigint[]) k"  # noqa: S608
            cursor.execute(sql, [keys])
            if not cursor.fetchone()[0]:
                raise Conflict("subtree_busy", "这个组织范围内正有另一项批量工作（导入、撤销或组织调整），请等它完成后再试。")


def hold_value(name: str, digest: bytes) -> None:
    """One transaction at a time for one value, known by its digest; the next one waits until this one has ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_key(f"{name}:{digest.hex()}")])


def again_if_taken(constraint: str) -> Callable[[Verb], Verb]:
    """Run a verb once more when somebody else took the unique value between its look and its write.

    Stands outside `transaction.atomic`: the second run sees what the other one has committed.
    """

    def twice(verb: Verb) -> Verb:
        @wraps(verb)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return verb(*args, **kwargs)
            except IntegrityError as error:
                if getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") != constraint:
                    raise
            return verb(*args, **kwargs)

        return run  # type: ignore[return-value]

    return twice
