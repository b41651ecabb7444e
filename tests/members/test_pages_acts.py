"""Registering, amending, moving, leaving, restoring and issuing codes, through the pages."""

import re
from datetime import date

import pytest
from django.urls import reverse

from accounts.models import ActivationCode
from audit.models import AuditRecord
from members.enums import Standing
from members.models import Member
from members.queries import contested_below
from orgs.queries import written_as
from tests.members.test_pages import EVERYBODY, HOLDS_VIEW, LIST, SEES_CHEN, file_of, shut, text, without_token
from tests.people import Cast, id_number, member, person

CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
MAY_ISSUE = SEES_CHEN - {"organizer"}


def typed(cast: Cast, **changes: object) -> dict[str, object]:
    cells = person(changes.pop("name", "林知远"), branch=written_as(cast.branch), **changes) | {"ground": "registry_build"}
    cells |= {f: f"{v:%Y-%m-%d}" for f, v in cells.items() if isinstance(v, date)}
    for derived in ("sex", "birth_date", "standing"):
        cells.pop(derived)
    return {name: value for name, value in cells.items() if value is not None}


def edited(found: Member, **changes: object) -> dict[str, object]:
    """What the edit form posts when nothing was touched, with these changes."""
    from members.forms import initial_of

    filled = initial_of(found) | {"reason": "本人来电更正"} | changes
    return {name: value for name, value in filled.items() if value not in (None, False)}


# --- who enters ---


@pytest.mark.parametrize(
    ("tail", "open_to"), [("edit/", SEES_CHEN), ("branch/", SEES_CHEN), ("leave/", SEES_CHEN), ("activation/", MAY_ISSUE)]
)
def test_who_enters_an_act(cast: Cast, as_person, tail: str, open_to: set[str]) -> None:
    page = file_of(cast.members["chen"], tail)
    answers = {name: as_person(name).get(page).status_code for name in EVERYBODY}
    inside = {n for n in HOLDS_VIEW if n not in SEES_CHEN}
    assert answers == {n: 200 if n in open_to else 404 if n in inside else shut(n) for n in EVERYBODY}


def test_who_may_register(cast: Cast, as_person) -> None:
    answers = {name: as_person(name).get(LIST + "new/").status_code for name in EVERYBODY}
    assert answers == {name: 200 if name in HOLDS_VIEW else shut(name) for name in EVERYBODY}


# --- registering ---


def test_register_and_the_file_opens(cast: Cast, as_person) -> None:
    answer = as_person("secretary").post(LIST + "new/", typed(cast))
    made = Member.objects.get(name="林知远")
    assert answer["Location"] == file_of(made)
    assert (made.organization, made.sex, made.birth_date) == (cast.branch, "1", date(1980, 5, 4))


def test_sent_twice_registers_once(cast: Cast, as_person) -> None:
    client, once = as_person("secretary"), typed(cast)
    assert client.post(LIST + "new/", once).status_code == 302
    again = client.post(LIST + "new/", once)
    assert again.status_code == 422
    assert "已登记在第一党支部（林知远）" in text(again)
    assert Member.objects.filter(name="林知远").count() == 1


def test_a_refusal_keeps_what_was_typed(cast: Cast, as_person) -> None:
    page = text(
        as_person("secretary").post(LIST + "new/", typed(cast, name="林<i>远", id_number="123", joined_on=date(2099, 1, 1)))
    )
    for kept in ('value="林&lt;i&gt;远"', 'value="123"', 'value="2099-01-01"', "测试市样例区和平路1号"):
        assert kept in page
    assert "公民身份号码应为 18 位" in page
    assert not Member.objects.filter(name__startswith="林").exists()


def test_a_branch_outside_the_scope_and_one_that_is_not_are_alike(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    pages = [
        client.post(LIST + "new/", typed(cast) | {"branch": b, "id_number": "x"})
        for b in (written_as(cast.sibling), "没有的支部（99）")
    ]
    errors = [re.findall(r'href="#id_branch">([^<]+)', text(page)) for page in pages]
    assert errors[0] == errors[1] != []
    assert Member.objects.filter(name="林知远").count() == 0


def test_a_number_known_elsewhere_is_answered_like_any_other(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    theirs = typed(cast) | {"id_number": cast.members["zhou"].id_number}
    answers = [
        client.post(LIST + "new/", theirs, follow=True),
        client.post(LIST + "new/", typed(cast, name="林知远"), follow=True),
    ]
    held, free = (
        re.sub(
            r"[0-9a-f-]{36}|\d{6}\*{8}\w{4}|\d{3}\*{4}\d{4}|\d{4}年\d+月|[男女]·\d+ 岁|>[男女]<|\d+:\d\d", "", without_token(a)
        )
        for a in answers
    )
    assert held == free
    assert Member.objects.filter(name="林知远", contested=True).count() == 1


def test_a_doubtful_number_is_taken_with_reason_and_proof(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    bad = typed(cast) | {"id_number": "990001198005040000", "unverified": "on"}
    assert "请写明原因" in text(client.post(LIST + "new/", bad))
    more = bad | {"unverified_reason": "户口簿如此", "proof": "户口簿复印件"}
    assert "没有填性别" in text(client.post(LIST + "new/", more))
    assert client.post(LIST + "new/", more | {"sex": "男", "birth_date": "1980-5-4"}).status_code == 302
    made = Member.objects.get(name="林知远")
    assert made.id_unverified == "户口簿如此（依据：户口簿复印件）"
    assert "号码待核" in text(client.get(file_of(made)))


def test_the_search_for_a_branch_keeps_to_the_scope(cast: Cast, as_person) -> None:
    found = text(as_person("committee").get(LIST + "branches/", {"branch": "党支部"}))
    assert cast.branch.name in found
    assert cast.other_branch.name not in found
    assert cast.committee.code + "）" not in found


# --- amending ---


def test_the_form_shows_no_clear_number(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    page = text(as_person("secretary").get(file_of(chen, "edit/")))
    for hidden in (chen.id_number, chen.phone, chen.address, "1988"):
        assert hidden not in page.replace(chen.id_number[:6] + "*" * 8 + chen.id_number[-4:], "")


def test_an_amendment_changes_only_what_was_touched(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    before = (chen.id_number, chen.phone, chen.address, chen.joined_on, chen.nation, chen.standing)
    sent = edited(chen, education="硕士研究生")
    assert as_person("secretary").post(file_of(chen, "edit/"), sent).status_code == 302
    after = Member.objects.get(pk=chen.pk)
    assert (after.education, after.version) == ("14", chen.version + 1)
    assert (after.id_number, after.phone, after.address, after.joined_on, after.nation, after.standing) == before


def test_a_new_number_brings_its_sex_and_birth(cast: Cast, as_person) -> None:
    chen, number = cast.members["chen"], id_number(date(1988, 3, 14), "2")
    assert as_person("secretary").post(file_of(chen, "edit/"), edited(chen, id_number=number)).status_code == 302
    after = Member.objects.get(pk=chen.pk)
    assert (after.id_number, after.birth_date) == (number, date(1988, 3, 14))
    page = text(as_person("secretary").get(file_of(chen)))
    assert number not in page
    assert chen.id_number not in page


def test_no_word_clears_a_sensitive_value(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    assert as_person("secretary").post(file_of(chen, "edit/"), edited(chen, phone="无")).status_code == 302
    assert Member.objects.get(pk=chen.pk).phone == ""


def test_two_tabs_end_in_a_clear_conflict(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("secretary")
    first, second = edited(chen, school="样例大学"), edited(chen, school="另一所大学")
    assert client.post(file_of(chen, "edit/"), first).status_code == 302
    answer = client.post(file_of(chen, "edit/"), second)
    assert answer.status_code == 422
    assert "别人已经修改过" in text(answer)
    assert 'value="另一所大学"' in text(answer)
    assert Member.objects.get(pk=chen.pk).school == "样例大学"


def test_amending_asks_why(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    answer = as_person("secretary").post(file_of(chen, "edit/"), edited(chen, school="样例大学", reason=" "))
    assert answer.status_code == 422
    assert "请写明修改的理由" in text(answer)
    assert Member.objects.get(pk=chen.pk).version == chen.version


def test_nothing_changed_is_said(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    assert "没有需要保存的改动" in text(as_person("secretary").post(file_of(chen, "edit/"), edited(chen)))


# --- branch, leaving, restoring ---


def test_change_branch_inside_the_scope_only(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    sent = {"version": chen.version, "branch": written_as(cast.sibling), "reason": "调整"}
    assert as_person("secretary").post(file_of(chen, "branch/"), sent).status_code == 422
    assert Member.objects.get(pk=chen.pk).org_path == cast.branch.path
    assert as_person("committee").post(file_of(chen, "branch/"), sent).status_code == 302
    assert Member.objects.get(pk=chen.pk).org_path == cast.sibling.path
    assert as_person("secretary").get(file_of(chen)).status_code == 404


def test_leaving_and_coming_back(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("secretary")
    sent = {"version": chen.version, "case": "lost", "on": "2026-11-1", "document_no": "", "reason": "多次联系不上",
            "since": "2026-5-1", "decided_by": "第一党支部"}  # fmt: skip
    refused = client.post(file_of(chen, "leave/"), sent)
    assert "文号" in text(refused)
    assert 'value="2026-11-1"' in text(refused)
    assert client.post(file_of(chen, "leave/"), sent | {"document_no": "样组〔2026〕8号"}).status_code == 302
    gone = Member.objects.get(pk=chen.pk)
    assert gone.standing == Standing.SUSPENDED
    assert gone.movements.latest("id").reason == "停止党籍（失去联系）：多次联系不上"
    client.get(LIST)  # shows the message of the act once
    assert "陈望舒" not in text(client.get(LIST))
    assert "陈望舒" in text(client.get(LIST, {"standing": "suspended"}))
    back = {
        "version": gone.version,
        "on": "2026-11-20",
        "document_no": "样组〔2026〕9号",
        "decided_by": "支部",
        "approved_by": "党委",
    }
    assert client.post(file_of(chen, "restore/"), back).status_code == 302
    assert Member.objects.get(pk=chen.pk).standing == Standing.FULL


def test_ways_of_leaving_follow_the_standing(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    full, probationary = (text(client.get(file_of(cast.members[k], "leave/"))) for k in ("chen", "feng"))
    assert "取消预备党员资格" in probationary
    assert "取消预备党员资格" not in full
    assert "停止党籍（失去联系）" in full
    assert "停止党籍（失去联系）" not in probationary
    wrong = {"version": 1, "case": "cancelled", "on": "2026-11-1", "document_no": "x"}
    assert client.post(file_of(cast.members["chen"], "leave/"), wrong).status_code == 422


# --- codes ---


def test_a_code_is_shown_once_and_the_former_one_ends(cast: Cast, as_person) -> None:
    feng, client = cast.members["feng"], as_person("secretary")
    asked = client.get(file_of(feng, "activation/"))
    assert CODE.search(text(asked)) is None
    shown = client.post(file_of(feng, "activation/"))
    assert "no-store" in shown["Cache-Control"]
    code = CODE.search(text(shown))[0]
    warned = text(client.get(file_of(feng, "activation/")))
    assert "原来那个就作废" in warned
    assert code not in warned
    assert CODE.search(text(client.post(file_of(feng, "activation/"))))[0] != code
    assert ActivationCode.objects.filter(superseded_at=None).count() == 1


def test_a_code_is_not_for_those_who_left(cast: Cast, as_person) -> None:
    feng, client = cast.members["feng"], as_person("secretary")
    client.post(file_of(feng, "leave/"), {"version": feng.version, "case": "deceased", "on": "2026-11-1"})
    answer = client.post(file_of(feng, "activation/"))
    assert answer.status_code == 409
    assert "不在册" in text(answer)
    assert not ActivationCode.objects.exists()


def test_organizers_issue_no_codes(cast: Cast, as_person) -> None:
    assert as_person("organizer").post(file_of(cast.members["feng"], "activation/")).status_code == 403
    assert not ActivationCode.objects.exists()


# --- held numbers ---


@pytest.fixture
def held(cast: Cast, as_person) -> Member:
    as_person("secretary").post(LIST + "new/", typed(cast) | {"id_number": cast.members["zhou"].id_number})
    return Member.objects.get(contested=True)


def decision(held: Member, **changes: object) -> dict[str, object]:
    return {"version": held.version, "decision": "different", "reason": "看过两人的身份证"} | changes


def test_only_those_who_see_both_see_the_entry(cast: Cast, as_person, held: Member) -> None:
    listed = {who: held.name in text(as_person(who).get(LIST + "held/")) for who in ("department", "county", "committee")}
    assert listed == {"department": True, "county": True, "committee": False}
    page = f"{LIST}held/{held.uuid}/"
    answers = {who: as_person(who).get(page).status_code for who in ("county", "committee", "secretary", "stranger", "reader")}
    assert answers == {"county": 200, "committee": 404, "secretary": 403, "stranger": 403, "reader": 403}
    assert list(contested_below(cast["committee"])) == []


def test_both_registrations_stand_side_by_side_masked(cast: Cast, as_person, held: Member) -> None:
    page = text(as_person("county").get(f"{LIST}held/{held.uuid}/"))
    assert "周令仪" in page
    assert "林知远" in page
    assert held.id_number not in page


def test_two_people_keep_two_files(cast: Cast, as_person, held: Member) -> None:
    client, page = as_person("county"), f"{LIST}held/{held.uuid}/"
    assert client.post(page, decision(held, reason="")).status_code == 422
    assert client.post(page, decision(held)).status_code == 302
    after = Member.objects.get(pk=held.pk)
    assert (after.contested, after.id_number, after.id_unverified) == (False, "", "看过两人的身份证")
    assert client.get(page).status_code == 404


def test_one_person_keeps_one_file(cast: Cast, as_person, held: Member) -> None:
    page = f"{LIST}held/{held.uuid}/"
    assert as_person("committee").post(page, decision(held, decision="same")).status_code == 404
    assert as_person("county").post(page, decision(held, decision="same")).status_code == 302
    assert not Member.objects.filter(pk=held.pk).exists()
    assert AuditRecord.objects.filter(verb="withdraw_registration").count() == 1


def test_many_branches_are_found_by_typing(cast: Cast, as_person, monkeypatch) -> None:
    monkeypatch.setattr("members.forms.BRANCHES_OFFERED", 1)
    page = text(as_person("committee").get(LIST + "new/"))
    assert "list=" in page
    assert cast.sibling.name not in page


def test_old_codes_stay_for_whom_they_are_written(cast: Cast, as_person) -> None:
    old = member(cast.branch, "王老", actor=cast["department"], education="专科教育")
    assert "专科教育" in text(as_person("secretary").get(file_of(old, "edit/")))


def test_what_a_page_says_after_an_act_is_in_no_cookie(cast: Cast, as_person) -> None:
    client = as_person("secretary")
    assert client.post(reverse("members:find"), {"q": "110101199001011237"}).status_code == 302
    assert "messages" not in client.cookies
    assert "没有找到这个号码" in client.get(reverse("members:list")).content.decode()


def test_a_number_of_another_birthday_is_the_committees(cast: Cast, as_person) -> None:
    chen, number = cast.members["chen"], id_number(date(1988, 3, 15), "2")
    refused = as_person("secretary").post(file_of(chen, "edit/"), edited(chen, id_number=number))
    assert refused.status_code == 422
    assert "须经基层党委审批" in text(refused)
    assert as_person("committee").post(file_of(chen, "edit/"), edited(chen, id_number=number)).status_code == 302
    assert Member.objects.get(pk=chen.pk).birth_date == date(1988, 3, 15)
