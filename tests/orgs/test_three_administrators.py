"""三员 (rules.md §11.2): what the database itself refuses, whoever asks it, and what no verb opens."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.domain.founding import NewAdministrator, create_administrators, replace_administrator
from accounts.domain.lists import propose_list
from accounts.domain.requests import request_reset
from accounts.domain.sessions import end_for
from accounts.models import SignedInSession, User
from accounts.rules import LineDraft
from core import access
from core.errors import Conflict, DomainError, NotAllowed
from orgs.enums import Capability
from orgs.models import Grant, OrganizationUserPermission, Role

POSTS = ("system", "security", "audit")


@pytest.mark.parametrize("name", [*POSTS, "m-chen"])
def test_the_database_refuses_a_grant_and_its_row(cast, name):
    role, node = Role.objects.get(code="branch_secretary"), cast.branch
    held = {"role": role, "organization": node, "valid_from": timezone.now() - timedelta(1), "why": "绕过", "granted_by": "绕过"}
    with pytest.raises(IntegrityError, match="holds no grant"), transaction.atomic():
        Grant.objects.bulk_create([Grant(user=cast[name], **held)])
    with pytest.raises(IntegrityError, match="holds no grant"), transaction.atomic():
        Grant.objects.filter(user=cast["secretary"]).update(user=cast[name])
    permission = Permission.objects.get(codename="view_members", content_type__app_label="orgs")
    with pytest.raises(IntegrityError, match="holds no grant"), transaction.atomic():
        OrganizationUserPermission.objects.create(user=cast[name], permission=permission, content_object=node)
    access.forget(cast[name])
    assert not any(access.holds_anywhere(cast[name], capability) for capability in Capability)


@pytest.mark.parametrize("name", POSTS)
def test_no_account_gets_another_post_or_loses_its_own(cast, name):
    for change in ({"administrator": other} for other in ("", *POSTS) if other != name):
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=cast[name].pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=cast["secretary"].pk).update(administrator=name)


def test_the_three_are_three_people_also_when_one_is_replaced(cast):
    with pytest.raises(Conflict):
        create_administrators([NewAdministrator(post, f"x-{post}", f"人{post}") for post in POSTS])
    with pytest.raises(Conflict) as refused:
        replace_administrator(cast["system"], NewAdministrator("system", "other", "安全审计员"), "调离")
    assert refused.value.code == "holds_another_post"
    made = replace_administrator(cast["system"], NewAdministrator("system", "other", "新系统员"), "调离")
    assert made.user.administrator == "system"
    cast["system"].refresh_from_db()
    assert not cast["system"].is_active


def test_the_auditor_decides_nothing_but_what_is_about_the_other_two(cast):
    asked = request_reset(cast["secretary"], actor=cast["system"])
    from accounts.domain.requests import confirm_reset

    for verb in (
        lambda: propose_list([LineDraft("sun", "孙", "branch_secretary", cast.branch.code)], actor=cast["audit"]),
        lambda: request_reset(cast["organizer"], actor=cast["audit"]),
        lambda: confirm_reset(asked, actor=cast["audit"]),
    ):
        with pytest.raises(NotAllowed):
            verb()


MENUS = {
    "system": {"账号名单", "工作账号", "口令与恢复", "正在登录"},
    "security": {"账号名单", "工作账号", "口令与恢复", "二次验证", "角色", "授权", "封闭范围", "查问权限", "角色试算"},
    "audit": {"口令与恢复", "审计记录"},
}


@pytest.mark.parametrize("name", POSTS)
def test_each_has_a_menu_of_their_own_and_no_business_in_it(as_person, cast, name):
    page = as_person(name).get("/admin/")
    shown = {item["label"] for group, items in page.context["nav"] if group for item in items}
    assert MENUS[name] <= shown
    others = set().union(*MENUS.values()) - MENUS[name]
    assert not shown & (others | {"党员", "组织", "导入", "统计", "待办"})


def test_what_waits_stands_on_the_front_page(as_person, cast):
    propose_list([LineDraft("sunli", "孙立", "branch_secretary", cast.branch.code)], actor=cast["system"])
    request_reset(cast["secretary"], actor=cast["system"])
    waiting = {name: as_person(name).get("/admin/").context["waiting"] for name in POSTS}
    assert [line[0] for line in waiting["security"]] == ["待确认的申请", "待审核的账号名单"]
    assert waiting["system"] == waiting["audit"] == []


# --- places where somebody is signed in ---


def place_of(cast, name: str) -> SignedInSession:
    return SignedInSession.objects.create(user=cast[name], token_hash=name.encode().ljust(32, b"."))


def test_the_system_administrator_ends_an_officers_session_at_once(as_person, cast):
    officer = as_person("secretary")
    assert officer.get(reverse("orgs:mine")).status_code == 200
    page = as_person("system").get(reverse("accounts:signed_in")).content.decode()
    assert "李砚秋" in page
    assert "陈望舒" not in page
    session = SignedInSession.objects.get(user=cast["secretary"])
    as_person("system").post(reverse("accounts:end_for", args=[session.uuid]), {"reason": "电脑没有关"})
    assert officer.get(reverse("orgs:mine"))["Location"].startswith("/login/")


def test_nobody_else_ends_it_and_the_other_two_are_out_of_reach(cast):
    session = place_of(cast, "secretary")
    for name in ("security", "audit", "department", "m-chen"):
        with pytest.raises(NotAllowed):
            end_for(session, "无", actor=cast[name])
    for name in ("security", "audit"):
        with pytest.raises(NotAllowed):
            end_for(place_of(cast, name), "无", actor=cast["system"])
    with pytest.raises(DomainError) as refused:
        end_for(session, " ", actor=cast["system"])
    assert refused.value.code == "reason_missing"
