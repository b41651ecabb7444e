"""The deployed commands against a real PostgreSQL and Redis: they refuse, start, answer, work and end as promised."""

import json
from collections.abc import Iterator

import psycopg2
import pytest

from tests.production.site import HOST, TOKEN, Site, stop, until

ID_NUMBER = "990101198503071234"
PHONE = "19912345678"


def sql(site: Site, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect((site.folder / "database_url").read_text().strip())
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


@pytest.fixture(scope="module")
def web(site: Site) -> Iterator[Site]:
    process = site.start("web", "web")
    until(lambda: site.answers() or process.poll() is not None, "the web server")
    assert process.poll() is None, site.said("web")
    yield site
    assert stop(process) == 0


def test_the_deployment_check_is_clean(site: Site) -> None:
    done = site.manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_the_start_check_tells_what_is_missing_by_name(site: Site) -> None:
    ready = site.manage("check_start", "--json")
    assert ready.returncode == 0, ready.stderr + ready.stdout
    lacking = site.manage("check_start", "--json", CELERY_BROKER_URL="redis://127.0.0.1:1/0")
    assert lacking.returncode == 1
    assert [name for name, holds in json.loads(lacking.stdout)["checks"].items() if not holds] == ["broker"]


def test_without_its_keys_nothing_starts(site: Site) -> None:
    for service in ("web", "beat"):
        done = site.entry(service, DANGWU_KEYRING=str(site.folder / "elsewhere.json"))
        assert done.returncode == 2, done.stdout + done.stderr
        assert "密钥文件" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_demonstrations_database_is_refused_by_all(site: Site) -> None:
    sql(site, "INSERT INTO orgs_installation (id, is_demo, founded_at) VALUES (1, true, now()) RETURNING 1")
    worker = ("-m", "celery", "-A", "dangwu.celery", "worker", "-P", "threads", "-c", "1")
    try:
        for command in (("manage.py", "check_start"), ("-m", "gunicorn", "-c", "deploy/gunicorn.conf.py"), worker):
            done = site.command(*command)
            assert done.returncode == 2, done.stdout + done.stderr
            assert "正式环境不能使用演示数据库。" in done.stderr
    finally:
        sql(site, "DELETE FROM orgs_installation RETURNING 1")


def test_the_site_answers_and_tells_strangers_nothing(web: Site) -> None:
    assert web.ask("/healthz").json == {"status": "ok"}
    assert web.entry("healthy-web").returncode == 0
    assert web.ask("/readyz").json == {"status": "ready"}
    told = web.ask("/readyz", Authorization=f"Bearer {TOKEN}").json
    assert told == {
        "status": "ready",
        "checks": dict.fromkeys(["database", "migrations", "broker", "cache", "keyring", "disk"], True),
    }
    assert web.ask("/healthz", host="evil.example").status == 422


def test_pages_come_over_tls_with_their_headers(web: Site) -> None:
    plain = web.ask("/login/", **{"X-Forwarded-Proto": "http"})
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{HOST}/login/")
    page = web.ask("/login/")
    assert page.status == 200
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    assert page.headers["Set-Cookie"].startswith("__Host-csrf=")
    assert "Secure" in page.headers["Set-Cookie"]


def test_the_monitor_reads_of_all_processes_and_nobody_else_does(web: Site) -> None:
    assert web.ask("/metrics").status == 404
    assert web.ask("/metrics", Authorization="Bearer wrong").status == 404
    web.ask("/login/")
    text = web.ask("/metrics", Authorization=f"Bearer {TOKEN}").text
    assert 'dangwu_requests_total{method="GET",route="portal:login",status="200"}' in text
    assert "dangwu_audit_unsealed_rows" in text
    labels = {
        part.partition("=")[0]
        for line in text.splitlines()
        if "{" in line
        for part in line.split("{")[1].split("}")[0].split(",")
    }
    assert labels <= {"method", "route", "status", "le"}, "no label may name a person or a place"


def test_no_number_and_no_address_enters_the_log(web: Site) -> None:
    web.ask(f"/{ID_NUMBER}/")
    web.ask(f"/admin/{PHONE}/?q={ID_NUMBER}", Referer=f"https://{HOST}/{ID_NUMBER}")
    web.ask("/login/", data=f"username={ID_NUMBER}&password={PHONE}".encode())
    web.ask(f"/healthz?{ID_NUMBER}", host=f"{ID_NUMBER}.example")
    until(lambda: web.said("web").count('"route": "unmatched"') >= 2, "the lines of the requests")
    said = web.said("web")
    for secret in (ID_NUMBER, PHONE, "192.0.2.7", "990101"):
        assert secret not in said, said
    lines = [json.loads(line) for line in said.splitlines()]
    asked = [line for line in lines if line.get("logger") == "dangwu.requests"]
    assert {"method", "route", "status", "ms", "request"} <= set(asked[0])


def test_worker_and_beat_do_their_work(site: Site) -> None:
    """Beat sends what is due, the worker does it: a row of the audit record is sealed without anybody asking."""
    done = site.manage(
        "found", "--name", "某某市委组织部", "--short-name", "市委组织部", "--code", "990000", "--document-no", "某组〔2026〕1号",
        "--established-on", "2026-01-01", "--system", "xitong:甲一", "--security", "anquan:乙二", "--audit", "shenji:丙三",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    worker = site.start("worker", "worker", DANGWU_WORKER_THREADS="2")
    beat = site.start("beat", "beat", "--loglevel", "INFO")
    try:
        site.command("-c", "from dangwu.celery import app; app.send_task('audit.seal')")
        until(lambda: bool(sql(site, "SELECT 1 FROM audit_auditseal")), "the worker to seal", 90)
        until(lambda: "beat: Starting" in site.said("beat") or beat.poll() is not None, "beat")
        assert beat.poll() is None, site.said("beat")
        assert worker.poll() is None, site.said("worker")
        assert site.entry("healthy-worker").returncode == 0
        until(lambda: site.entry("healthy-beat").returncode == 0, "beat to write its schedule down")
    finally:
        stop(beat)
        stop(worker)
    assert site.manage("verify_audit").returncode == 0
