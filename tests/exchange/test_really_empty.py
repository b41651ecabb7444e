"""A take-out of the demo city into a database in which nothing but `migrate` has run: equal in every record."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.domain.codes import CodeRefused, activate
from accounts.models import User
from orgs.models import Installation, Organization
from portal.demo import building, places
from tests.exchange.rosters import run_command
from tests.exchange.test_taking_out import PHRASE, again_out, assert_same, records_of
from tests.people import PASSWORD, START
from tests.portal.test_demo import CITY
from tests.upkeep.test_restore import on_server

ROOT = Path(__file__).resolve().parents[2]
THREE = ("--system", "sys-lin:林致远", "--security", "sec-gu:顾明昭", "--audit", "aud-he:何其正")
FOUND = ("found", "--for-take-out", *THREE)
# what again_out writes is made by a program of the other installation
OUT_AGAIN = """
import sys, django; django.setup()
from orgs.models import Organization
from tests.exchange.test_taking_out import again_out
open(sys.argv[1], "wb").write(again_out(Organization.objects.get(parent=None)))
"""


@dataclass
class Other:
    """Another installation: a database, a folder and keys of its own, reached by our commands alone."""

    database: str
    folder: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.celery.worker_settings", "WORKER_FOLDER": str(self.folder), "WORKER_BROKER": "memory://",
            "WORKER_DATABASE": self.database, "DANGWU_KEYRING": str(self.folder / "keyring.json"),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def command(self, *arguments: str) -> dict[str, object]:
        return json.loads(self.run("manage.py", *arguments, "--json").stdout)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    name = f"another_{os.getpid()}"
    on_server(f'DROP DATABASE IF EXISTS "{name}"')
    on_server(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0 LC_COLLATE "C" LC_CTYPE "C.UTF-8"')
    (tmp_path / "other").mkdir()
    yield Other(name, tmp_path / "other")
    on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def city(db: None, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The archive of the demo city."""
    settings.DATA_DIR = tmp_path / "demo"
    monkeypatch.setattr(places, "region_for", lambda members: CITY)
    building.build(400, lambda text: None)
    return again_out(Organization.objects.get(parent=None))


def test_the_demo_comes_into_a_really_empty_database(city: bytes, other: Other, tmp_path: Path) -> None:
    archive, phrase, again = tmp_path / "city.dwt", tmp_path / "phrase", tmp_path / "again.dwt"
    archive.write_bytes(city)
    phrase.write_text(PHRASE)
    other.run("manage.py", "migrate", "--verbosity", "0")
    founded = other.command(*FOUND)
    assert founded["organization"] is None
    assert [code["username"] for code in founded["activation_codes"]] == ["sys-lin", "sec-gu", "aud-he"]
    loaded = other.command("load_taken_out", str(archive), "--actor", "sys-lin", "--passphrase-file", str(phrase))
    assert loaded["records"]["members.Member"] > 400
    assert other.command("rebuild_figures", "--check")["clean"] is True
    other.run("-c", OUT_AGAIN, str(again))
    assert_same(without_our_grants(records_of(city)), records_of(again.read_bytes()))


def without_our_grants(records: dict[str, bytes]) -> dict[str, bytes]:
    """The two grants that let somebody take the demo out belong to this test."""
    return {
        name: b"\n".join(line for line in data.splitlines() if "样组任〔2027〕1号" not in line.decode())
        if name.startswith("records/orgs.Grant/")
        else data
        for name, data in records.items()
    }


def test_three_administrators_without_a_tree(db: None) -> None:
    told, code = run_command(*FOUND)
    assert (code, told["organization"]) == (0, None)
    assert not Organization.ever.exists()
    assert not Installation.objects.exists(), "whether it is a demonstration is said by what is loaded"
    for line in told["activation_codes"]:
        person = activate(line["code"], PASSWORD)
        with pytest.raises(CodeRefused):
            activate(line["code"], PASSWORD)
        client = Client()
        client.force_login(person, backend="accounts.backends.AccountBackend")
        assert client.get("/admin/", follow=True).status_code == 200


def test_only_once_and_only_where_nothing_is(db: None) -> None:
    tree = ("--name", "中共样例市委员会", "--code", "99", "--document-no", "样〔2020〕1号", "--established-on", f"{START}")
    for wrong in ((*FOUND, *tree), ("found", *THREE), ("found", *tree[:4], *THREE)):
        with pytest.raises(CommandError) as refused:
            call_command(*wrong)
        assert refused.value.returncode == 2
    assert not User.objects.exists()
    assert run_command("found", *tree, *THREE)[1] == 0
    told, code = run_command("found", "--for-take-out", *(text.replace(":", "2:") for text in THREE))
    assert (told["error"]["code"], code) == ("already_founded", 1)


def test_what_was_founded_for_a_take_out_is_founded(db: None) -> None:
    run_command(*FOUND)
    tree = ("--name", "中共样例市委员会", "--code", "99", "--document-no", "样〔2020〕1号", "--established-on", f"{START}")
    told, code = run_command("found", *tree, *THREE)
    assert (told["error"]["code"], code) == ("already_founded", 1)
    assert not Organization.ever.exists()
