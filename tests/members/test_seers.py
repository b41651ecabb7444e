"""Who can see this person: for the officer who may ask, and for the person."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from members.models import Member
from orgs.domain.seals import seal


def test_the_secretary_reads_who_can_open_the_file(as_person, cast):
    page = as_person("secretary").get(reverse("members:seers", args=[cast.members["chen"].uuid])).content.decode()
    assert "许南乔" in page
    assert "李砚秋" in page
    assert "上级党组织" in page
    assert "王承泽" not in page
    assert "样例镇党委·" not in page, "the superior is not named to who does not see it"


def test_a_member_reads_posts_and_only_the_own_branch_by_name(as_person, cast):
    page = as_person("chen").get(reverse("portal:seers")).content.decode()
    assert "李砚秋" in page
    assert "样例镇党委" in page
    assert "党委组织员（1 人）" in page
    assert "镇党委组织员" not in page
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    assert "党委组织员（1 人）" not in as_person("chen").get(reverse("portal:seers")).content.decode()


def test_the_simulator_counts_people_for_who_may_see_them(as_person, cast):
    data = {"role": "branch_secretary", "organization": cast.committee.code}
    page = as_person("committee").post(reverse("orgs:simulate"), data).content.decode()
    assert "<dt>党员</dt><dd>3 人</dd>" in page


def test_no_file_is_linked_to_one_of_the_three(cast):
    for post in ("system", "security", "audit"):
        with pytest.raises(IntegrityError, match="nobody else"), transaction.atomic():
            Member.objects.filter(pk=cast.members["feng"].pk).update(user=cast[post])
