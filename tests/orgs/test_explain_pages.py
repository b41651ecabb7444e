"""The pages that answer about access: in whose words, for whom, and what they do not tell."""

from django.urls import reverse

from orgs.domain.seals import seal
from orgs.models import Grant, Role


def ask(client, door: str, **data: str) -> str:
    answer = client.post(reverse(door), {"capability": "view_members", **data})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_an_officer_asks_why_about_the_own_node(as_person, cast):
    page = ask(as_person("secretary"), "orgs:why", user="许南乔（organizer）", organization=cast.branch.code)
    assert "许南乔在第一党支部可以“查看党员”" in page
    assert "在第一党支部任“支部组织委员”" in page
    page = ask(as_person("secretary"), "orgs:why", user="expired", organization=cast.branch.code)
    assert "现已到期" in page


def test_an_officer_learns_of_no_account_that_has_nothing_to_do_with_the_node(as_person, cast):
    client = as_person("secretary")
    pages = [ask(client, "orgs:why", user=name, organization=cast.branch.code) for name in ("stranger", "niemand", "security")]
    for name, page in zip(("stranger", "niemand", "security"), pages, strict=True):
        assert f"{name}在第一党支部不可以" in page
        assert "没有及于这个组织的授权" in page
        assert "孙若谷" not in page


def test_an_officer_asks_about_no_other_node(as_person, cast):
    answer = as_person("secretary").post(
        reverse("orgs:why"), {"user": "wang", "capability": "view_members", "organization": cast.sibling.code}
    )
    assert answer.status_code == 422


def test_who_is_suggested_holds_or_held_something_here(as_person, cast):
    url = reverse("orgs:suggest_holders")
    assert "许南乔" in as_person("secretary").post(url, {"user": "许"}).content.decode()
    assert "organizer" not in as_person("stranger").post(url, {"user": "许"}).content.decode()


def test_the_security_administrator_asks_about_anybody_anywhere(as_person, cast):
    seal(cast.branch, "样密〔2026〕1号", actor=cast["security"])
    page = ask(as_person("security"), "grants:why", user="department", organization=cast.branch.code)
    assert "已凭样密〔2026〕1号封闭" in page
    page = ask(as_person("security"), "grants:why", user="secretary", organization=cast.sibling.code)
    assert "但那里不是这个组织或它的上级" in page


def simulate(client, door: str, role: str, code: str) -> str:
    return client.post(reverse(door), {"role": role, "organization": code}).content.decode()


def test_the_simulator_says_what_a_role_would_open_and_grants_nothing(as_person, cast):
    before = Grant.objects.count()
    page = simulate(as_person("security"), "grants:simulate", "branch_secretary", cast.committee.code)
    assert "“党支部书记”在样例镇党委" in page
    assert "3 个" in page
    assert "写明理由后逐条看身份证号" in page
    assert "组织、" in page
    assert "<dt>党员</dt>" not in page, "how many people is business data"
    assert Grant.objects.count() == before
    assert Role.objects.get(code="branch_secretary").capabilities
    seal(cast.sibling, "样密〔2026〕1号", actor=cast["security"])
    assert "2 个" in simulate(as_person("security"), "grants:simulate", "branch_secretary", cast.committee.code)
