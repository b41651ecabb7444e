"""What a supervisor and a monitor are told, and what strangers are not."""

import pytest

from core import metrics, readiness
from tests.people import Cast


@pytest.mark.django_db
def test_one_thing_missing_is_not_ready_and_strangers_do_not_learn_which(client, settings, monkeypatch) -> None:
    monkeypatch.setitem(readiness.CHECKS, "broker", lambda: 1 / 0)
    monkeypatch.setitem(readiness.CHECKS, "disk", lambda: True)
    settings.METRICS_TOKEN = "a-token-of-the-monitor"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "not_ready"})
    told = client.get("/readyz", headers={"Authorization": "Bearer a-token-of-the-monitor"}).json()["checks"]
    assert [name for name, holds in told.items() if not holds] == ["broker"]


@pytest.mark.django_db
def test_a_waiting_migration_is_not_ready(monkeypatch) -> None:
    monkeypatch.setattr(readiness, "_migrated_at", float("-inf"))
    monkeypatch.setattr(readiness, "waiting_migrations", lambda: ["members.9999_later"])
    assert not readiness.migrations()


@pytest.mark.parametrize(
    ("allowed", "headers", "status"),
    [
        ([], {}, 404),
        (["127.0.0.0/8"], {}, 200),
        (["10.0.0.0/8"], {}, 404),
        (["127.0.0.0/8"], {"X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
@pytest.mark.django_db
def test_the_monitor_is_known_by_its_address_only_without_the_proxy(client, settings, allowed, headers, status) -> None:
    settings.METRICS_ADDRESSES = allowed
    assert client.get("/metrics", headers=headers).status_code == status


@pytest.mark.django_db
def test_without_a_token_an_empty_one_is_none(client, settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_a_gauge_that_fails_leaves_the_others(cast: Cast, monkeypatch) -> None:
    monkeypatch.setitem(metrics._gauges, "dangwu_broken", ("x", lambda: 1 / 0))
    text = metrics.exposition().decode()
    assert "dangwu_audit_unsealed_rows" in text
    assert "dangwu_imports_running 0.0" in text
    assert "dangwu_broken" not in text
