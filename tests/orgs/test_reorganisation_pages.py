"""The pages of reorganisations: the form, the preview, the confirmation that no longer holds, the way back; and of terms."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from core.dates import add_months, today
from members.models import Member
from orgs.domain.parameters import set_parameter
from orgs.domain.reorganising import merge
from orgs.domain.terms import record_term, shift_term
from orgs.models import CommitteeTerm, Organization, Reorganisation
from tests.orgs.reorganised import PAPER, assert_sound
from tests.orgs.test_reorganising import refused
from tests.people import Cast, build_cast, member

FILLED = {"document_no": "样组〔2026〕40号", "effective_on": "2026-11-20", "reason": "调整设置"}


@pytest.fixture
def cast(db) -> Cast:
    return build_cast()


@pytest.fixture
def county(as_person) -> Client:
    return as_person("county")


def at(name: str, node: Organization) -> str:
    return reverse(f"orgs:{name}", args=[node.uuid])


def seen(response) -> str:
    return re.search(r'name="confirmed" value="(\w+)"', response.content.decode())[1]


def test_a_merger_from_the_form_to_the_way_back(county, cast):
    filled = FILLED | {"into": cast.branch.code}
    preview = county.post(at("merge", cast.sibling), filled)
    page = preview.content.decode()
    assert preview.status_code == 200
    assert "正式党员" in page
    assert "确认合并" in page
    assert not Reorganisation.objects.exists()
    done = county.post(at("merge", cast.sibling), filled | {"confirmed": seen(preview)}, follow=True)
    assert "合并已办好" in done.content.decode()
    assert Member.objects.get(name="赵一禾").organization == cast.branch
    record = Reorganisation.objects.get()
    assert "已撤销" in county.get(at("node", cast.sibling)).content.decode()
    assert cast.sibling.name in county.get(reverse("orgs:reorganisations")).content.decode()
    county.post(reverse("orgs:revert", args=[record.uuid]), {"reason": "文件撤回"})
    assert Member.objects.get(name="赵一禾").organization == cast.sibling
    assert_sound()


def test_confirming_twice_merges_once(county, cast):
    filled = FILLED | {"into": cast.branch.code}
    filled["confirmed"] = seen(county.post(at("merge", cast.sibling), filled))
    assert county.post(at("merge", cast.sibling), filled).status_code == 302
    assert county.post(at("merge", cast.sibling), filled).status_code == 404
    assert Reorganisation.objects.count() == 1


def test_a_confirmation_of_other_facts_is_shown_anew(county, cast):
    filled = FILLED | {"into": cast.branch.code}
    filled["confirmed"] = seen(county.post(at("merge", cast.sibling), filled))
    member(cast.sibling, "新来", actor=cast["department"])
    answer = county.post(at("merge", cast.sibling), filled)
    assert answer.status_code == 422
    assert "情况有了变化" in answer.content.decode()
    assert not Reorganisation.objects.exists()


def test_a_move_shows_what_it_would_do(county, cast):
    filled = FILLED | {"parent": cast.other_committee.code}
    preview = county.post(at("move", cast.branch), filled | {"look": "1"})
    page = preview.content.decode()
    assert "确认调整隶属" in page
    assert "邻镇党委" in page
    assert "失去权限" in page
    confirmed = filled | {"confirmed": seen(preview)}
    member(cast.branch, "新来", actor=cast["department"])
    assert county.post(at("move", cast.branch), confirmed).status_code == 422
    assert county.post(at("move", cast.branch), filled).status_code == 302
    assert Organization.objects.get(pk=cast.branch.pk).parent == cast.other_committee
    assert_sound()


def test_going_back_keeps_what_was_typed(county, cast):
    filled = FILLED | {"into": cast.branch.code, "back": "1", "confirmed": "x"}
    page = county.post(at("merge", cast.sibling), filled).content.decode()
    assert FILLED["document_no"] in page
    assert "看看会有什么影响" in page


def test_a_split_offers_the_people_to_whoever_may_see_them(as_person, county, cast):
    assert "陈望舒" in county.get(at("split", cast.branch)).content.decode()
    for number in range(6):
        member(cast.branch, f"党员{'一二三四五六'[number]}", actor=cast["department"])
    people = [str(uuid) for uuid in Member.objects.filter(name__in=["党员一", "党员二", "党员三"]).values_list("uuid", flat=True)]
    filled = FILLED | {"name": "第三党支部", "people": people}
    confirmed = seen(county.post(at("split", cast.branch), filled))
    assert county.post(at("split", cast.branch), filled | {"confirmed": confirmed}).status_code == 302
    assert Organization.objects.get(name="第三党支部").members.count() == 3


@pytest.mark.parametrize(("act", "more"), [("upgrade", {"kind": "general_branch", "name": "第一党总支", "branch_name": "第一党支部"}),
                                           ("dissolve", {}), ("split", {"name": "第三党支部"})])  # fmt: skip
def test_a_refusal_comes_back_to_the_form(county, cast, act, more):
    answer = county.post(at(act, cast.branch), FILLED | more)
    assert answer.status_code == 422
    assert FILLED["document_no"] in answer.content.decode()


def test_the_node_itself_does_not_decide(as_person, cast):
    assert "组织调整</h2>" not in as_person("committee").get(at("node", cast.committee)).content.decode()
    answer = as_person("committee").post(at("dissolve", cast.committee), FILLED)
    assert answer.status_code == 403


def test_a_name_outside_the_scope_is_not_told(as_person, cast):
    """Its former superior knows that a branch went away, not where to, where it may not look."""
    merge(cast.sibling, cast.branch, PAPER, actor=cast["county"])
    done = merge(cast.branch, cast.other_branch, PAPER, actor=cast["county"])
    page = as_person("committee").get(reverse("orgs:reorganisation", args=[done.uuid])).content.decode()
    assert "邻村党支部" not in page
    assert "另一组织" in page
    assert "邻村党支部" not in as_person("committee").get(reverse("orgs:reorganisations")).content.decode()
    assert "邻村党支部" not in as_person("committee").get(at("node", cast.branch)).content.decode()


@pytest.mark.parametrize("name", ["reorganisations", "terms"])
def test_lists_ask_as_often_for_three_as_for_one(county, cast, name, django_assert_max_num_queries):
    for branch in (cast.branch, cast.sibling, cast.other_branch):
        record_term(branch, add_months(today(), -34), "样组〔2024〕1号", actor=cast["department"])
    with django_assert_max_num_queries(14):
        assert "第一党支部" in county.get(reverse("orgs:terms")).content.decode()
    assert county.get(reverse(f"orgs:{name}")).status_code == 200


# --- terms ---


def test_a_term_has_the_length_of_its_kind(cast):
    boss = cast["department"]
    assert record_term(cast.branch, date(2024, 3, 1), "样组〔2024〕1号", actor=boss).term_ends_on == date(2027, 3, 1)
    assert record_term(cast.committee, date(2024, 3, 1), "样组〔2024〕1号", actor=boss).term_ends_on == date(2029, 3, 1)
    Organization.objects.filter(pk=cast.sibling.pk).update(is_village_or_community=True)
    assert record_term(cast.sibling, date(2024, 3, 1), "样组〔2024〕1号", actor=boss).term_ends_on == date(2029, 3, 1)
    Organization.objects.filter(pk=cast.other_branch.pk).update(is_temporary=True)
    refused("no_term", record_term, cast.other_branch, date(2024, 3, 1), "样组〔2024〕1号", actor=boss)


def test_the_next_term_ends_the_one_before(cast):
    boss = cast["department"]
    first = record_term(cast.branch, date(2021, 3, 1), "样组〔2021〕1号", actor=boss)
    refused("term_exists", record_term, cast.branch, date(2021, 3, 1), "样组〔2021〕1号", actor=boss)
    record_term(cast.branch, date(2024, 3, 8), "样组〔2024〕1号", actor=boss)
    first.refresh_from_db()
    assert first.ended_on == date(2024, 3, 8)


@pytest.mark.parametrize(
    ("to", "lawful"), [(date(2028, 3, 1), True), (date(2028, 3, 2), False), (date(2026, 3, 2), True), (date(2026, 3, 1), False)]
)
def test_a_shift_stays_within_a_year(cast, to, lawful):
    term = record_term(cast.branch, date(2024, 3, 1), "样组〔2024〕1号", actor=cast["department"])
    if lawful:
        assert shift_term(term, to, "样组〔2026〕9号", "疫情", actor=cast["county"]).term_ends_on == to
    else:
        error = refused("shift_too_far", shift_term, term, to, "样组〔2026〕9号", "", actor=cast["county"])
        assert "第三条" in error.clause


def test_half_a_year_before_the_end_the_node_and_its_superiors_are_told(as_person, cast):
    def told(who: str) -> bool:
        return "换届提醒</h2>" in as_person(who).get(reverse("workbench")).content.decode()

    record_term(cast.branch, add_months(today(), -30), "样组〔2024〕1号", actor=cast["department"])
    assert {who: told(who) for who in ("secretary", "committee", "county", "neighbour", "stranger", "nobody")} == {
        "secretary": True, "committee": True, "county": True, "neighbour": False, "stranger": False, "nobody": False,
    }  # fmt: skip
    CommitteeTerm.objects.update(term_ends_on=add_months(today(), 7))
    assert not told("secretary")
    set_parameter(
        cast.committee, "terms", "warn.months", 8, document_no="样组〔2026〕1号", effective_from=today(), actor=cast["county"]
    )
    assert told("secretary")


def test_the_list_of_the_superior(as_person, county, cast):
    record_term(cast.branch, add_months(today(), -34), "样组〔2024〕1号", actor=cast["department"])
    record_term(cast.sibling, add_months(today(), -37), "样组〔2023〕1号", actor=cast["department"])
    due, over, none = (county.get(reverse("orgs:terms"), {"which": which}).content.decode() for which in ("due", "over", "none"))
    assert ("第一党支部" in due, "第二党支部" in due) == (True, False)
    assert ("第一党支部" in over, "第二党支部" in over) == (False, True)
    assert ("邻村党支部" in none, "第一党支部" in none) == (True, False)
    assert "第二党支部" not in as_person("secretary").get(reverse("orgs:terms"), {"which": "over"}).content.decode()


def test_terms_are_recorded_and_shifted_on_their_pages(county, cast):
    county.post(at("record_term", cast.branch), {"term_began_on": "2024-03-01", "document_no": "样组〔2024〕1号"})
    term = CommitteeTerm.objects.get()
    page = county.get(at("node", cast.branch)).content.decode()
    assert "2027年3月1日" in page
    filled = {"term_ends_on": "2027-06-01", "document_no": "样组〔2026〕9号", "reason": "换届统一安排"}
    assert county.post(reverse("orgs:shift_term", args=[term.uuid]), filled).status_code == 302
    assert "2027年6月1日" in county.get(at("node", cast.branch)).content.decode()
    late = county.post(reverse("orgs:shift_term", args=[term.uuid]), filled | {"term_ends_on": "2029-06-01"})
    assert late.status_code == 422
