"""The three administrators, two officers and a member, without a tree: this room does not know the tree."""

from dataclasses import dataclass

import pytest
from django.utils import timezone

from accounts import backends, queries, signals
from accounts.domain.lists import propose_list
from accounts.enums import AccountKind
from accounts.models import AccountList, User
from accounts.rules import LineDraft

PASSWORD = "样例-口令-2026-Ab"


@dataclass
class People:
    system: User
    security: User
    audit: User
    second_security: User
    officer: User
    colleague: User
    member: User

    def __getitem__(self, name: str) -> User:
        return getattr(self, name)


def account(username: str, full_name: str, **extra: object) -> User:
    made = User(username=username, full_name=full_name, is_active=True, password_changed_at=timezone.now(), **extra)
    made.set_password(PASSWORD)
    made.save()
    return made


@pytest.fixture
def people(db: None) -> People:
    return build_people()


def build_people() -> People:
    return People(
        system=account("system", "系统员", administrator="system"),
        security=account("security", "安全员", administrator="security"),
        audit=account("audit", "审计员", administrator="audit"),
        second_security=account("security2", "安全员乙", administrator="security"),
        officer=account("li", "李砚秋"),
        colleague=account("wang", "王承泽"),
        member=account("chen", "陈望舒", kind=AccountKind.MEMBER),
    )


def line(username: str = "sun", **changes: str) -> LineDraft:
    values = {"full_name": "孙若谷", "role_code": "branch_secretary", "organization_code": "9901"} | changes
    return LineDraft(username=username, **values)


@pytest.fixture
def proposed(people: People) -> AccountList:
    return propose_list([line("sun"), line("xu", full_name="许南乔")], actor=people.system, note="换届")


@pytest.fixture
def sign_in(client):
    """Sign in through the page, as a person does."""

    def door(username: str, password: str = PASSWORD, **extra: str):
        return client.post("/login/", {"username": username, "password": password, **extra})

    return door


@pytest.fixture(autouse=True)
def room_alone(monkeypatch):
    """Rooms above hear our signals; what they say is tested with them."""
    for signal in (signals.list_approved, signals.lines_proposed, signals.account_deactivated, signals.account_activated):
        monkeypatch.setattr(signal, "receivers", [])
    monkeypatch.setattr(backends, "alternative_names", [])
    monkeypatch.setattr(queries, "code_namers", [])
