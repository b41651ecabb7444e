import re

import pytest
from django.test import Client

from accounts.domain.codes import issue_code
from accounts.domain.logins import deactivate, open_member_login
from accounts.domain.requests import request_reset
from accounts.enums import ListState, RequestState
from accounts.models import AccountList, AccountRequest, User
from accounts.rules import plain_code
from tests.accounts.conftest import PASSWORD

ROOT = "/admin/accounts/"
NEW = "新的-口令-2027-Cd"
CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")
ROWS = {
    "line-TOTAL_FORMS": "2", "line-INITIAL_FORMS": "0", "note": "换届", "pasted": "",
    "line-0-username": "sun", "line-0-full_name": "孙若谷", "line-0-role_code": "r", "line-0-organization_code": "9901",
}  # fmt: skip


@pytest.fixture
def desk(people):
    def open_desk(name: str) -> Client:
        client = Client()
        if name != "anonymous":
            client.force_login(people[name], backend="accounts.backends.AccountBackend")
        return client

    return open_desk


EVERYBODY = ("anonymous", "member", "officer", "system", "security", "audit")


@pytest.mark.parametrize(
    ("page", "open_to"),
    [
        ("lists/", ("system", "security")),
        ("lists/new/", ("system",)),
        ("people/", ("system", "security")),
        ("requests/", ("system", "security", "audit")),
        ("sessions/", ("member", "officer", "system", "security", "audit")),
    ],
)
def test_who_enters(desk, page, open_to):
    answers = {name: desk(name).get(ROOT + page).status_code for name in EVERYBODY}
    shut = {name: 302 if name == "anonymous" else 403 for name in EVERYBODY}
    assert answers == shut | dict.fromkeys(open_to, 200)


def test_a_list_from_its_proposal_to_the_printed_codes(desk, people):
    sent = desk("system").post(ROOT + "lists/new/", ROWS)
    made = AccountList.objects.get()
    page = f"{ROOT}lists/{made.uuid}/"
    assert sent["Location"] == page
    assert "批准并显示启用码" not in desk("system").get(page).content.decode()
    assert "批准并显示启用码" in desk("security").get(page).content.decode()
    assert desk("system").post(page + "approve/", {"keep": ["sun"]}).status_code == 403
    printed = desk("security").post(page + "approve/", {"keep": ["sun"]})
    assert printed.status_code == 200
    assert "no-store" in printed["Cache-Control"]
    code = CODE.search(printed.content.decode()).group()
    again = desk("security").post(page + "approve/", {"keep": ["sun"]})
    assert again.status_code == 409
    assert not CODE.search(again.content.decode())
    assert not CODE.search(desk("security").get(page).content.decode())
    opened = Client().post("/activate/", {"code": code.lower(), "new_password": NEW, "again": NEW})
    assert opened["Location"] == "/login/"
    assert Client().post("/login/", {"username": "sun", "password": NEW})["Location"] == "/"


def test_faults_stand_beside_what_was_typed(desk, people):
    answer = desk("system").post(ROOT + "lists/new/", ROWS | {"line-0-username": "li", "pasted": "Bad 名\t王\tr\t9901"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "第 1 个账号：登录名“li”已有人用" in page
    assert "第 2 个账号：登录名要以小写字母开头" in page
    assert "Bad 名\t王" in page
    assert 'value="9901"' in page
    assert not AccountList.objects.exists()


def test_an_empty_list_is_refused_kindly(desk):
    answer = desk("system").post(ROOT + "lists/new/", {"line-TOTAL_FORMS": "0", "line-INITIAL_FORMS": "0"})
    assert answer.status_code == 422
    assert "至少填一行" in answer.content.decode()


def test_names_on_a_list_are_shown_as_text(desk, people):
    desk("system").post(ROOT + "lists/new/", ROWS | {"line-0-full_name": "<script>x</script>"})
    page = desk("security").get(f"{ROOT}lists/{AccountList.objects.get().uuid}/").content.decode()
    assert "<script>x" not in page
    assert "&lt;script&gt;x" in page


def test_sending_back(desk, proposed):
    page = f"{ROOT}lists/{proposed.uuid}/"
    assert desk("system").post(page + "return/", {"reason": "x"}).status_code == 403
    assert "请先改好" in desk("security").post(page + "return/", {"reason": ""}).content.decode()
    assert desk("security").post(page + "return/", {"reason": "角色不对"}).status_code == 302
    proposed.refresh_from_db()
    assert proposed.state == ListState.RETURNED
    assert "角色不对" in desk("system").get(page).content.decode()


def test_a_reset_goes_through_two_hands(desk, people):
    asked = {"username": "LI ", "kind": "reset", "reason": "忘记口令"}
    assert desk("security").post(ROOT + "requests/", asked).status_code == 422
    assert desk("system").post(ROOT + "requests/", asked).status_code == 302
    made = AccountRequest.objects.get()
    confirm = f"{ROOT}requests/{made.uuid}/confirm/"
    assert desk("system").post(confirm).status_code == 403
    assert desk("audit").post(confirm).status_code == 403
    printed = desk("security").post(confirm)
    assert CODE.search(printed.content.decode())
    assert desk("security").post(confirm).status_code == 409


def test_refusing_a_request(desk, people):
    made = request_reset(people.officer, actor=people.system)
    page = f"{ROOT}requests/{made.uuid}/refuse/"
    assert desk("system").post(page, {"reason": "x"}).status_code == 403
    assert desk("security").post(page, {"reason": ""}).status_code == 422
    assert desk("security").post(page, {"reason": "本人没来"}).status_code == 302
    made.refresh_from_db()
    assert made.state == RequestState.REFUSED


def test_the_auditor_may_only_stand_second_for_an_administrator(desk, people):
    ours = request_reset(people.security, actor=people.system)
    officers = request_reset(people.officer, actor=people.system)
    page = desk("audit").get(ROOT + "requests/").content.decode()
    assert f"{ours.uuid}/confirm/" in page
    assert f"{officers.uuid}/confirm/" not in page
    assert "提出申请" not in page
    assert desk("audit").post(ROOT + "requests/", {"username": "li", "kind": "reset", "reason": "x"}).status_code == 422


def test_closing_an_account(desk, people):
    page = f"{ROOT}people/{people.officer.uuid}/deactivate/"
    for name in ("member", "officer", "audit"):
        assert desk(name).post(page, {"reason": "调离"}).status_code == 403
    assert desk("system").post(page, {"reason": ""}).status_code == 422
    assert desk("system").post(page, {"reason": "调离"}).status_code == 302
    assert not User.objects.get(pk=people.officer.pk).is_active
    assert desk("system").get(f"{ROOT}people/{people.member.uuid}/deactivate/").status_code == 404


def test_a_member_is_not_among_the_officers(desk, people):
    page = desk("system").post(ROOT + "people/", {"q": "陈望舒"}).content.decode()
    assert "没有符合的账号" in page
    assert "李砚秋" in desk("system").post(ROOT + "people/", {"q": "李"}).content.decode()


def test_lists_do_not_ask_more_for_more_rows(desk, people, django_assert_max_num_queries):
    client = desk("system")
    counts = []
    for name in ("a1", "b1", "c1"):
        client.post(ROOT + "lists/new/", ROWS | {"line-0-username": name})
        with django_assert_max_num_queries(20) as seen:
            client.get(ROOT + "lists/")
        counts.append(len(seen))
    assert counts[0] == counts[-1]


def test_a_member_sees_who_issued_codes(desk, people):
    issue_code(people.member, actor=people.officer)
    page = desk("member").get(ROOT + "sessions/").content.decode()
    assert "李砚秋 发出（重设口令）" in page


def test_activation_by_page(people):
    fresh = open_member_login("赵一禾", actor=people.officer)
    code = issue_code(fresh, actor=people.officer).code
    client = Client()
    wrong = client.post("/activate/", {"code": "ABCD-EFGH-JKMN", "new_password": NEW, "again": NEW})
    assert (wrong.status_code, "启用码不对" in wrong.content.decode()) == (422, True)
    weak = client.post("/activate/", {"code": code, "new_password": "12345678", "again": "12345678"})
    assert "很多人在用" in weak.content.decode()
    assert code in weak.content.decode()
    assert "12345678" not in weak.content.decode()
    opened = client.post("/activate/", {"code": code, "new_password": NEW, "again": NEW}, follow=True)
    assert fresh.username in opened.content.decode()
    assert PASSWORD not in opened.content.decode()


def test_guessing_codes_by_page_meets_the_limit(people):
    client = Client()
    form = {"code": "ABCD-EFGH-JKMN", "new_password": NEW, "again": NEW}
    answers = [client.post("/activate/", form).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_nothing_secret_in_addresses(desk, people):
    """Every address of this room carries uuids only."""
    deactivate(people.officer, "调离", actor=people.system)
    page = desk("system").get(ROOT + "people/").content.decode()
    for link in re.findall(r'href="(/admin/accounts[^"]*)"', page):
        assert people.officer.username not in link.replace("lists", "")
    assert plain_code("ABCD-EFGH-JKMN") not in page
