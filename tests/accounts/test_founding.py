import json

import pytest
from django.core.management import CommandError, call_command

from accounts.domain.codes import activate
from accounts.domain.founding import (
    NewAdministrator,
    create_administrators,
    create_ready_account,
    replace_administrator,
)
from accounts.models import User
from core import installation
from core.errors import Conflict, DomainError, NotAllowed

PASSWORD = "新的-口令-2027-Cd"
THREE = [
    NewAdministrator("system", "sys-lin", "林致远"),
    NewAdministrator("security", "sec-gu", "顾明昭"),
    NewAdministrator("audit", "aud-he", "何其正"),
]


def test_the_three_open_with_their_codes(db):
    issued = create_administrators(THREE, os_user="root")
    assert [code.user.administrator for code in issued] == ["system", "security", "audit"]
    for code in issued:
        user = activate(code.code, PASSWORD)
        assert user.is_active
        assert user.is_officer
        assert user.activation_codes.get().issued_by_name == "root"


def test_only_once(db):
    create_administrators(THREE)
    with pytest.raises(Conflict):
        create_administrators([NewAdministrator(p.post, p.username + "2", p.full_name) for p in THREE])
    assert User.objects.count() == 3


@pytest.mark.parametrize(
    "people",
    [
        THREE[:2],
        [*THREE, NewAdministrator("system", "sys-b", "丁乙")],
        [THREE[0], THREE[1], NewAdministrator("audit", "sys-lin", "何其正")],
        [THREE[0], THREE[1], NewAdministrator("audit", "aud-he", "林致远")],
        [THREE[0], THREE[1], NewAdministrator("audit", "Aud He", "何其正")],
        [THREE[0], THREE[1], NewAdministrator("audit", "aud-he", " ")],
    ],
    ids=["two", "four", "one login twice", "one person twice", "bad login", "no name"],
)
def test_three_posts_three_people(db, people):
    with pytest.raises(DomainError):
        create_administrators(people)
    assert User.objects.count() == 0


def test_a_post_changes_hands_in_one_breath(people):
    successor = NewAdministrator("system", "sys-new", "新系统员")
    with pytest.raises(Conflict):
        replace_administrator(people.officer, successor, "调离")
    with pytest.raises(Conflict):
        replace_administrator(people.audit, successor, "调离")
    with pytest.raises(DomainError, match="原因"):
        replace_administrator(people.system, successor, " ")
    issued = replace_administrator(people.system, successor, "调离", os_user="root")
    people.system.refresh_from_db()
    assert not people.system.is_active
    assert activate(issued.code, PASSWORD).administrator == "system"
    with pytest.raises(Conflict):
        replace_administrator(people.system, NewAdministrator("system", "sys-x", "又一人"), "再换")


def test_ready_accounts_only_in_a_demonstration(db, monkeypatch):
    monkeypatch.setattr(installation, "_sources", [lambda: False])
    with pytest.raises(NotAllowed):
        create_ready_account("demo-li", "李砚秋", PASSWORD)
    monkeypatch.setattr(installation, "_sources", [lambda: True])
    user = create_ready_account("demo-li", "李砚秋", PASSWORD)
    assert user.is_active
    assert user.check_password(PASSWORD)
    assert user.password_history.count() == 1


def test_the_command_hands_a_post_over(people, capsys):
    call_command("replace_administrator", "audit", "aud-new:新审计员", "--reason", "调离", "--json")
    result = json.loads(capsys.readouterr().out)
    assert activate(result["code"], PASSWORD).administrator == "audit"
    for former, successor in (("li", "x-new:某人"), ("security", "没有冒号")):
        with pytest.raises(CommandError) as wrong:
            call_command("replace_administrator", former, successor, "--reason", "调离")
        assert wrong.value.returncode == 2
