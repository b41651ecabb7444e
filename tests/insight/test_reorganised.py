"""Month ends kept before a reorganisation stay what they were, and can still be opened where the people were then."""

from datetime import date

import pytest
from django.urls import reverse

from insight.domain.monthends import reckon
from insight.models import KeptMonth, MonthEnd
from insight.places import around
from orgs.domain.reorganising import merge
from orgs.domain.reverting import revert
from orgs.models import Organization
from tests.orgs.reorganised import PAPER, assert_sound

OCTOBER = date(2026, 10, 31)


@pytest.fixture
def kept(cast) -> list[tuple]:
    reckon(OCTOBER)
    return rows()


def rows() -> list[tuple]:
    return list(MonthEnd.objects.order_by("path", "dim").values_list("path", "dim", "keys", "ns"))


def test_a_kept_month_end_is_not_touched_by_a_merger_and_its_revert(cast, kept):
    done = merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    assert rows() == kept
    revert(done, actor=cast["county"], reason="文件撤回")
    assert rows() == kept
    assert_sound()


def test_the_branches_of_then_are_listed_and_open(as_person, cast, kept):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    client = as_person("county")
    of_october = {"on": "2026-10"}
    page = client.get(reverse("insight:node", args=[cast.committee.uuid]), of_october).content.decode()
    assert "第二党支部" in page
    assert client.get(reverse("insight:node", args=[cast.sibling.uuid]), of_october).status_code == 200
    today = client.get(reverse("insight:node", args=[cast.sibling.uuid]))
    assert today.status_code == 422
    assert "已经撤销" in today.content.decode()
    live = client.get(reverse("insight:node", args=[cast.committee.uuid])).content.decode()
    assert "第二党支部" not in live


def test_a_month_end_kept_after_the_merger_has_one_branch_less(cast):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    reckon(OCTOBER)
    committee = Organization.objects.get(pk=cast.committee.pk)
    near = around(committee, KeptMonth.objects.get(month=OCTOBER).kept_at, chain=False)
    assert {place.name for place in near.children} == {"第一党支部"}


def test_a_month_reckoned_back_counts_the_organisations_of_then(cast):
    merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    reckon(OCTOBER)
    kinds = MonthEnd.objects.get(path=cast.committee.path, month=OCTOBER, dim="org")
    assert dict(zip(kinds.keys, kinds.ns, strict=True))["branch"] == 2
