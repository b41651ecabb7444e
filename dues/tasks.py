"""Beat's work on the money: ask the banks after what they did not tell, send refunds, fold balances."""

from core.tasks import task
from dangwu.celery import app
from dues.domain import calls, folding


@task("dues.look_after_payments")
def look_after_payments() -> None:
    calls.look_after()
    calls.send_refunds()


@task("dues.fold")
def fold_balances() -> None:
    folding.fold()


app.conf.beat_schedule = {
    **(app.conf.beat_schedule or {}),
    "dues.look_after_payments": {"task": "dues.look_after_payments", "schedule": 60.0},
    "dues.fold": {"task": "dues.fold", "schedule": 60.0},
}
