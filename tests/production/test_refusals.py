"""An installation that is not fit for real people does not start, and says why in one sentence each."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from dangwu.production import Given, faults, is_weak
from tests.production.site import ROOT

GOOD = Given(
    secret_key="vN3-qpWz81kLr0TtYxM4cBhE7uJdGs2fAoP9iRlVKnXeCmQw5bZyH6Ua",
    database_url="postgresql://dangwu:g7Kp-2mXw9Qz_Lr4@db:5432/dangwu",
    redis_url="redis://:Ty8-wq3Zp_0mKx5v@redis:6379/0",
    broker_url="redis://:Ty8-wq3Zp_0mKx5v@redis:6379/0",
    zone="inner",
    hosts=("dangwu.example.cn",),
)


def test_a_careful_environment_is_let_in() -> None:
    assert faults(GOOD) == []
    assert faults(replace(GOOD, zone="outer", metrics_token="r4Nd-0mTok3n_of-Length")) == []
    assert faults(replace(GOOD, database_url="postgresql:///dangwu?host=/run/postgresql")) == [], "a socket asks the system"
    assert faults(replace(GOOD, redis_url="redis://127.0.0.1/0", broker_url="redis://127.0.0.1/0")) == [], "on this machine only"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"secret_key": ""}, "没有给出 DANGWU_SECRET_KEY"),
        ({"secret_key": "short-8f3"}, "DANGWU_SECRET_KEY 太短"),
        ({"secret_key": "x" * 60}, "DANGWU_SECRET_KEY 太短"),
        ({"secret_key": "change-me-" + "8f3Kq" * 10}, "DANGWU_SECRET_KEY 太短"),
        ({"secret_key": "django-insecure-" + "8f3Kqpz1" * 8}, "DANGWU_SECRET_KEY 太短"),
        ({"database_url": ""}, "没有给出 DATABASE_URL"),
        ({"database_url": "postgresql://dangwu@db/dangwu"}, "数据库口令"),
        ({"database_url": "postgresql://dangwu:postgres@db/dangwu"}, "数据库口令"),
        ({"database_url": "postgresql://dangwu:dangwu123456@db/dangwu"}, "数据库口令"),
        ({"redis_url": ""}, "没有给出 REDIS_URL"),
        ({"redis_url": "redis://redis:6379/0"}, "Redis 口令"),
        ({"broker_url": "redis://redis:6379/0"}, "CELERY_BROKER_URL"),
        ({"zone": "both"}, "DANGWU_ZONE"),
        ({"hosts": ()}, "DANGWU_HOSTS"),
        ({"hosts": ("*",)}, "DANGWU_HOSTS"),
        ({"metrics_token": "abc"}, "DANGWU_METRICS_TOKEN"),
        ({"debug": True}, "DEBUG"),
    ],
)  # fmt: skip
def test_each_fault_is_told_alone(change: dict[str, object], said: str) -> None:
    found = faults(replace(GOOD, **change))
    assert len(found) == 1, found
    assert said in found[0]
    assert found[0].endswith("。")


def test_nothing_given_is_told_all_at_once() -> None:
    assert len(faults(Given())) == 5


def test_a_long_random_text_may_hold_a_known_word() -> None:
    assert not is_weak("vN3-qpWz81kLr0TtYxM4cBhE7u-postgres-A9iRlVKnXeCmQw5bZy", 50)


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DANGWU_DATA") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=kept | environment, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    "command", [("manage.py", "check"), ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py")], ids=["manage", "web"]
)
def test_the_start_ends_with_a_sentence_and_two(command: tuple[str, ...]) -> None:
    done = run(*command, DANGWU_PRODUCTION="1")
    assert done.returncode == 2
    assert "正式环境不能这样启动" in done.stderr
    assert "DANGWU_SECRET_KEY" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_secret_whose_file_is_missing_is_named() -> None:
    done = run("manage.py", "check", DANGWU_SECRET_KEY_FILE="/nowhere/key")
    assert done.returncode == 2
    assert "DANGWU_SECRET_KEY_FILE 指向的文件 /nowhere/key 读不了" in done.stderr


def test_celery_does_not_start_either() -> None:
    done = run("-m", "celery", "-A", "dangwu.celery", "worker", "-P", "threads", DANGWU_PRODUCTION="1")
    assert done.returncode != 0
    assert "DANGWU_SECRET_KEY" in done.stderr
