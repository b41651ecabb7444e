"""Verbs of the roll: each allowed and denied from one set-up."""

from datetime import date

import pytest

from core.errors import Conflict, Missing, NotAllowed
from members.domain import roll
from members.models import Member
from members.row_rules import read_person
from tests.people import Cast, member, person


def test_the_cast_stands(cast: Cast) -> None:
    chen = cast.members["chen"]
    assert chen.org_path == cast.branch.path
    assert chen.id_number.endswith(chen.id_number[-4:])
    assert Member.objects.get(pk=chen.pk).level3 == cast.committee.path
    assert chen.history.count() >= 1
