"""接口令牌: made within what its owner holds, shown once, kept as a hash, ended at once."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.domain.logins import deactivate
from audit.models import AuditRecord
from core import access
from core.errors import Conflict, DomainError, Missing, NotAllowed
from orgs.domain import tokens
from orgs.domain.tokens import Issued, Wanted, make_token, revoke_token
from orgs.enums import GrantState
from orgs.models import ApiToken
from tests.people import Cast

PLAIN = re.compile(r"dangwu_[\w-]{43}")


def wanted(cast: Cast, **changes: object) -> Wanted:
    usual = {"name": "与人事系统对数", "organization": cast.branch, "capabilities": ["view_members"], "days": 30}
    return Wanted(**(usual | changes))


def made(cast: Cast, **changes: object) -> Issued:
    return make_token(wanted(cast, **changes), actor=cast["secretary"])


def refused(cast: Cast, code: str, person: str = "secretary", **changes: object) -> None:
    with pytest.raises(DomainError) as caught:
        make_token(wanted(cast, **changes), actor=cast[person])
    assert caught.value.code == code
    assert not ApiToken.objects.exists()


def test_only_the_hash_is_kept(cast):
    issued = made(cast)
    row = ApiToken.objects.values().get()
    assert PLAIN.fullmatch(issued.plain)
    assert bytes(row["token_hash"]) == tokens.hash_of(issued.plain)
    assert issued.plain not in str(row)
    assert issued.plain.endswith(row["hint"])
    record = AuditRecord.everything.get(verb="make_token")
    assert issued.plain not in str(record.__dict__)
    assert record.subject == issued.token.uuid


@pytest.mark.parametrize("person", ["system", "security", "audit", "m-chen"])
def test_administrators_and_members_have_none(cast, person):
    actor = cast.people.get(person) or cast["chen"]
    with pytest.raises(NotAllowed):
        make_token(wanted(cast), actor=actor)


def test_it_is_made_within_what_its_owner_holds(cast):
    refused(cast, "capability_not_held", capabilities=["view_members", "import_members"])
    refused(cast, "not_found", organization=cast.sibling)
    refused(cast, "not_found", organization=cast.committee)
    refused(cast, "not_found", person="nobody")
    refused(cast, "not_found", person="expired")
    refused(cast, "capabilities_missing", capabilities=[])
    refused(cast, "capabilities_missing", capabilities=["fly"])


def test_what_does_not_fit_is_refused_beside_its_field(cast):
    refused(cast, "bad_term", days=0)
    refused(cast, "bad_term", days=181)
    refused(cast, "bad_address", addresses=["10.1.2"])
    refused(cast, "name_missing", name=" ")
    assert made(cast, days=180, addresses=["10.1.2.3", "10.1.3.7/24", "::1"]).token.addresses == [
        "10.1.2.3/32", "10.1.3.0/24", "::1/128",
    ]  # fmt: skip


def test_there_are_only_so_many_at_once(cast):
    running = [made(cast).token for _ in range(10)]
    with pytest.raises(Conflict):
        made(cast)
    revoke_token(running[0], "", actor=cast["secretary"])
    ApiToken.objects.filter(pk=running[1].pk).update(
        made_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(days=1)
    )
    made(cast)
    made(cast)
    with pytest.raises(Conflict):
        made(cast)


def test_who_ends_it(cast):
    token = made(cast).token
    for person in ("department", "neighbour", "system", "audit"):
        with pytest.raises(Missing):
            revoke_token(token, "不再使用", actor=cast[person])
    with pytest.raises(DomainError) as caught:
        revoke_token(token, " ", actor=cast["security"])
    assert caught.value.code == "reason_missing"
    ended = revoke_token(token, "人员调离", actor=cast["security"])
    assert (ended.state, ended.revoked_why) == (GrantState.REVOKED, "人员调离")
    assert AuditRecord.everything.get(verb="revoke_token").reason == "人员调离"
    with pytest.raises(Conflict):
        revoke_token(token, "", actor=cast["secretary"])


def test_a_token_makes_and_ends_no_token(cast):
    issued, actor = made(cast), cast["secretary"]
    access.narrow(actor, access.Narrowing(frozenset({"view_members"}), cast.branch.path, "接口令牌"))
    for act in (lambda: make_token(wanted(cast), actor=actor), lambda: revoke_token(issued.token, "", actor=actor)):
        with pytest.raises(NotAllowed):
            act()


def test_closing_the_account_ends_its_tokens_for_good(cast):
    token = made(cast).token
    deactivate(cast["secretary"], "调离", actor=cast["system"])
    token.refresh_from_db()
    assert token.state == GrantState.REVOKED
    assert token.revoked_why == "账号停用"


def test_the_pages(as_person, cast):
    client, address = as_person("secretary"), reverse("tokens:new")
    assert "没有接口令牌" in client.get(reverse("tokens:list")).content.decode()
    page = client.get(address).content.decode()
    assert "查看党员" in page
    assert "导入名册" not in page
    typed = {
        "name": "对数",
        "organization": cast.branch.code,
        "capabilities": ["view_members"],
        "days": "30",
        "addresses": "10.1.2.3，10.1.3.0/24",
    }
    bad = client.post(address, typed | {"days": "1000"})
    assert bad.status_code == 422
    assert "180 天" in bad.content.decode()
    shown = client.post(address, typed)
    plain = PLAIN.search(shown.content.decode())
    assert plain
    assert shown["Cache-Control"].startswith("max-age=0")
    token = ApiToken.objects.get()
    assert token.addresses == ["10.1.2.3/32", "10.1.3.0/24"]
    listed = client.get(reverse("tokens:list")).content.decode()
    assert plain.group() not in listed
    assert "对数" in listed
    everybodys = as_person("security").get(reverse("tokens:all")).content.decode()
    assert "李砚秋" in everybodys
    assert plain.group() not in everybodys
    assert client.post(reverse("tokens:revoke", args=[token.uuid])).status_code == 302
    assert "已收回" in client.get(reverse("tokens:list")).content.decode()
    assert "李砚秋" not in as_person("security").get(reverse("tokens:all")).content.decode()


def test_another_persons_token_is_not_there(as_person, cast):
    token = made(cast).token
    assert as_person("committee").post(reverse("tokens:revoke", args=[token.uuid])).status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None
