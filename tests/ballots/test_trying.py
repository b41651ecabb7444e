"""A vote to try, in the demo only: links that vote at once, and a box that one command opens."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from ballots.core.verifying import verify
from ballots.domain import trying
from ballots.domain.trying import Poll
from core import installation
from core.errors import Conflict
from portal.demo import voting
from tests.ballots.polling import Run

pytestmark = pytest.mark.django_db


def asked(capsys, *options: str) -> dict:
    capsys.readouterr()
    call_command("try_vote", "--actor", "secretary", "--json", *options)
    return json.loads(capsys.readouterr().out)


def test_a_vote_is_tried_from_link_to_result(cast, settings, tmp_path, capsys) -> None:
    settings.DATA_DIR = tmp_path
    begun = asked(capsys, "--org", cast.branch.code, "--slips", "3")
    poll = Poll.objects.get(code=begun["poll"])
    assert [link.partition("#")[0] for link in begun["links"]] == [reverse("vote:booth", args=[poll.uuid])] * 3
    assert (tmp_path / "tried-votes.json").stat().st_mode & 0o077 == 0
    run = Run(cast, poll)
    for link in begun["links"][:2]:
        run.cast(trying.Credential(link.partition("#")[2], 0))
    done = asked(capsys, "--finish", begun["poll"])
    assert (done["ballots"], verify(run.archive()).result) == (2, run.expected())
    assert done["archive"] == reverse("vote:archive", args=[poll.uuid])


def test_the_served_demo_offers_a_vote_until_it_is_finished(cast, settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    first, again = voting.offered(), voting.offered()
    assert first == again
    poll, codes = trying.running()
    assert len(codes) == voting.SLIPS
    assert [line for line in first if codes[0] in line and f"/vote/{poll.uuid}/#" in line]
    trying.finish(poll)
    assert trying.running() is None


def test_nothing_is_tried_in_real_data(cast, monkeypatch, capsys) -> None:
    monkeypatch.setattr(installation, "_sources", [lambda: False])
    with pytest.raises(Conflict):
        trying.begin(cast.branch, cast["secretary"], 3)
    with pytest.raises(SystemExit):
        call_command("try_vote", "--actor", "secretary", "--org", cast.branch.code)
    assert not Poll.objects.exists()


def test_usage(cast) -> None:
    for options in (("--slips", "0", "--org", cast.branch.code), ("--slips", "3"), ("--finish", "nothing")):
        with pytest.raises(CommandError):
            call_command("try_vote", "--actor", "secretary", *options)
