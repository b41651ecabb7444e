"""Hints to work that rows are waiting for: what a lost message leaves undone is picked up by `resume`."""

from core.tasks import task
from exchange.domain import filings, imports, reading, requests, uploads, writing
from exchange.queries import approved_exports, left_behind


@task("exchange.tasks.read")
def read(batch_id: int) -> None:
    reading.read_batch(batch_id)


@task("exchange.tasks.write")
def write(batch_id: int) -> None:
    writing.carry_out(batch_id)


@task("exchange.tasks.produce")
def produce(request_id: int) -> None:
    requests.carry_out(request_id)


@task("exchange.tasks.resume")
def resume() -> None:
    """Imports that wait for a worker and have none: the message was lost, or the worker was killed."""
    for batch_id in left_behind():
        imports.resume(batch_id)
    for request_id in approved_exports():
        requests.carry_out(request_id)


@task("exchange.tasks.forget_uploads")
def forget_uploads() -> None:
    uploads.forget_uploads()
    filings.forget_filings()
    requests.forget_exports()
