"""How rooms declare tasks: named, late-acknowledged, ids in, one domain call out, sent after commit."""

from collections.abc import Callable
from typing import Any

from dangwu.celery import app


def task(name: str) -> Callable[[Callable[..., Any]], Any]:
    """Declare a task under a stable name. Call it with `delay_on_commit`; it may run twice."""
    return app.task(name=name, acks_late=True, reject_on_worker_lost=True)
