"""Every command of docs/api.md works as it is written, against a server with the cast."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from orgs.domain.tokens import Wanted, make_token
from tests.house.matrix import POSTS
from tests.house.rows_api import ROSTER
from tests.people import build_cast, member

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")
COMMANDS = re.findall(r"^curl .*$", PAGE, re.MULTILINE)


@pytest.mark.django_db(transaction=True)
def test_every_command_of_the_page_works(live_server, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.CELERY_TASK_ALWAYS_EAGER = True
    (tmp_path / "uploads").mkdir()
    cast = build_cast()
    found = member(cast.branch, "尤可寻", actor=cast["committee"], phone="13900000001")
    wanted = Wanted("文档", cast.committee, sorted(POSTS["committee"][1]), 1)
    places = {
        "SERVER": live_server.url, "TOKEN": make_token(wanted, actor=cast["committee"]).plain, "MEMBER": str(found.uuid),
        "NEXT": str(found.uuid), "ORGANIZATION": str(cast.committee.uuid), "CODE": cast.committee.code, "ROSTER": str(ROSTER),
    }  # fmt: skip
    assert len(COMMANDS) >= 8
    for command in COMMANDS:
        done = subprocess.run(
            ["sh", "-c", command], env=places | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
        )
        answer = json.loads(done.stdout)
        assert "code" not in answer or "name" in answer, f"{command}: {done.stdout}"
