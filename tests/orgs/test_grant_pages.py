"""The security administrator's pages: open to that post only, naming organisations and nothing else of them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from core import access
from core.dates import today
from orgs.enums import Capability
from orgs.models import Grant, Role, Seal
from tests.people import PASSWORD


def body(response) -> str:
    return response.content.decode()


def named(o) -> str:
    return f"{o.name}（{o.code}）"


@pytest.mark.parametrize("name", ["system", "audit", "department", "secretary", "nobody", "m-chen", "anonymous"])
def test_the_pages_are_the_security_administrators_alone(as_person, cast, name):
    held = Grant.objects.first()
    client = as_person(name)
    pages = ["list", "give", "roles", "new_role", "seals"]
    for address in [reverse(f"grants:{page}") for page in pages] + [reverse("grants:grant", args=[held.uuid])]:
        assert client.get(address).status_code == (302 if name == "anonymous" else 403)
        assert as_person("security").get(address).status_code == 200
    for address in (reverse("grants:suggest_people"), reverse("grants:suggest_organizations")):
        assert client.post(address, {"user": "李", "organization": "样"}).status_code == (302 if name == "anonymous" else 403)


def test_the_security_administrator_sees_no_business_pages(as_person, cast):
    for page in ("node", "establish", "rename", "move", "attributes", "parameters", "register_unit"):
        assert as_person("security").get(reverse(f"orgs:{page}", args=[cast.branch.uuid])).status_code == 403


def test_the_list_shows_a_state_or_what_was_searched(as_person, cast):
    client, address = as_person("security"), reverse("grants:list")
    page = body(client.get(address))
    assert "李砚秋" in page
    assert "前任书记" not in page
    assert "前任书记" in body(client.get(address, {"state": "expired"}))
    assert "候任书记" in body(client.get(address, {"state": "to_come"}))
    assert "没有符合条件的授权" in body(client.get(address, {"state": "revoked"}))
    found = body(client.post(address, {"q": "前任"}))
    assert "前任书记" in found
    assert "李砚秋" not in found
    assert "孙若谷" in body(client.post(address, {"q": "邻村"}))


def test_the_list_goes_on_by_cursor_with_the_same_queries(as_person, cast, monkeypatch):
    monkeypatch.setattr("orgs.grant_views.PAGE", 3)
    client = as_person("security")
    seen, address = [], reverse("grants:list")
    while address:
        page = client.get(address)
        seen += [g.pk for g in page.context["grants"]]
        address = reverse("grants:list", query={"after": page.context["after"]}) if page.context["after"] else ""
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == Grant.objects.filter(valid_from__lte=timezone.now(), valid_to=None).count()


def test_suggestions_name_officers_and_organisations_only(as_person, cast):
    client = as_person("security")
    people = body(client.post(reverse("grants:suggest_people"), {"user": "李"}))
    assert "李砚秋（secretary）" in people
    assert "陈望舒" not in body(client.post(reverse("grants:suggest_people"), {"user": "陈"}))
    assert "option" not in body(client.post(reverse("grants:suggest_people"), {"user": "安全"}))
    assert named(cast.other_branch) in body(client.post(reverse("grants:suggest_organizations"), {"organization": "邻村"}))
    assert client.get(reverse("grants:suggest_people"), {"user": "李"}).status_code == 405


def test_give_by_form_with_a_term_and_not_twice(as_person, cast):
    client = as_person("security")
    until = today() + timedelta(days=30)
    data = {
        "user": "无授权工作人员（nobody）", "role": "branch_secretary", "organization": named(cast.branch),
        "valid_to": until.isoformat(), "why": "样组任〔2026〕12号",
    }  # fmt: skip
    assert client.post(reverse("grants:give"), data).status_code == 302
    made = Grant.objects.get(user=cast["nobody"])
    assert (made.last_day, made.state, made.why) == (until, "in_force", "样组任〔2026〕12号")
    again = client.post(reverse("grants:give"), data)
    assert again.status_code == 422
    assert "已经有同一角色的授权" in body(again)
    assert Grant.objects.filter(user=cast["nobody"]).count() == 1
    assert as_person("nobody").get(reverse("orgs:node", args=[cast.branch.uuid])).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"user": "没有这个人"}, "没有这个账号"),
        ({"user": "m-chen"}, "党员账号只办本人的事"),
        ({"user": "system"}, "三员账号不能有业务权限"),
        ({"organization": "没有这个组织"}, "没有找到这个组织"),
        ({"role": "emperor"}, "选择一个有效的选项"),
        ({"why": ""}, "依据"),
        ({"valid_from": "2020-01-01"}, "不能倒填日期"),
        ({"valid_from": "2126-01-02", "valid_to": "2126-01-01"}, "截止时间要晚于起始时间"),
    ],
)
def test_a_refused_grant_says_why_and_keeps_what_was_typed(as_person, cast, change, words):
    data = {"user": "nobody", "role": "figures_reader", "organization": named(cast.branch), "why": "样组任〔2026〕12号"} | change
    response = as_person("security").post(reverse("grants:give"), data)
    assert response.status_code == 422
    assert words in body(response)
    assert data["organization"] in body(response)
    assert not Grant.objects.filter(user__in=[cast["nobody"], cast["m-chen"], cast["system"]]).exists()


def test_revoke_by_form(as_person, cast):
    held = Grant.objects.get(user=cast["secretary"])
    client, address = as_person("security"), reverse("grants:grant", args=[held.uuid])
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "任职期满"}).status_code == 302
    assert client.post(address, {"reason": "任职期满"}).status_code == 422
    assert "任职期满" in body(client.get(address))
    assert as_person("secretary").get(reverse("orgs:tree")).status_code == 403
    assert client.get(reverse("grants:grant", args=[uuid4()])).status_code == 404


def test_roles_are_made_and_edited_in_plain_words(as_person, cast):
    client = as_person("security")
    page = body(client.get(reverse("grants:role", args=["branch_secretary"])))
    assert "写明理由后逐条看身份证号、手机、住址的明文" in page
    assert "现有 3 人持有" in page
    data = {"capabilities": ["view_organizations", "view_members"], "reason": "样组〔2026〕8号"}
    assert client.post(reverse("grants:role", args=["branch_secretary"]), data).status_code == 302
    assert Role.objects.get(code="branch_secretary").capabilities == ["view_members", "view_organizations"]
    assert client.post(reverse("grants:role", args=["branch_secretary"]), data).status_code == 422
    assert client.post(reverse("grants:role", args=["branch_secretary"]), data | {"capabilities": []}).status_code == 422
    assert client.get(reverse("grants:role", args=["emperor"])).status_code == 404
    new = {"name": "档案员", "code": "archivist", "capabilities": ["view_members"]}
    assert client.post(reverse("grants:new_role"), new).status_code == 302
    assert client.post(reverse("grants:new_role"), new).status_code == 422
    assert "档案员" in body(client.get(reverse("grants:roles")))


def confirm_identity(client, sent) -> None:
    """Sealing and lifting are extraordinary acts: who one is, once more."""
    assert sent["Location"] == reverse("portal:elevate")
    assert client.post(reverse("portal:elevate"), {"reason": "密〔2026〕1号", "proof": PASSWORD}).status_code == 302


def test_seal_and_lift_by_form(as_person, cast):
    client, address = as_person("security"), reverse("grants:seals")
    data = {"organization": named(cast.committee), "document_no": "密〔2026〕1号", "in_figures": "on"}
    assert client.post(address, data | {"document_no": ""}).status_code == 422
    confirm_identity(client, client.post(address, data))
    assert client.post(address, data).status_code == 302
    assert client.post(address, data).status_code == 422
    assert not access.scope(cast["county"], Capability.VIEW_MEMBERS).covers(cast.branch.path)
    lift = reverse("grants:lift", args=[cast.committee.uuid])
    confirm_identity(client, client.get(lift))
    assert client.post(lift, {"document_no": "密〔2026〕2号"}).status_code == 302
    assert client.get(lift).status_code == 404
    kept = Seal.objects.get()
    assert (kept.lift_document_no, kept.lifted_by) == ("密〔2026〕2号", "安全保密员")
