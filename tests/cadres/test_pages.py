"""Pages of teams: what is shown to whom, nothing typed is lost, as many questions for one row as for many."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cadres import panels, queries
from cadres.domain.delegations import delegate
from cadres.domain.reviews import open_reviews
from cadres.models import Appointment
from core.access import scope
from core.dates import today
from core.registry import registry
from orgs.domain.terms import record_term
from tests.cadres.conftest import put
from tests.cadres.test_appointments import linked
from tests.people import Cast, member

TYPED = {
    "member": "顾清和",
    "post": "secretary",
    "ground": "elected",
    "document_no": "样组任〔2026〕8号",
    "from_on": "2026-03-01",
    "last_on": "",
}


def team(cast: Cast) -> str:
    return reverse("cadres:team", args=[cast.branch.uuid])


def test_the_neighbour_reads_nothing_of_a_team(holders: Cast, as_person) -> None:
    linked(holders, "gu")
    assert "顾清和" in as_person("secretary").get(team(holders)).content.decode()
    for person, status in (("neighbour", 404), ("stranger", 404), ("organizer", 403), ("nobody", 403), ("security", 403)):
        answer = as_person(person).get(team(holders))
        assert answer.status_code == status, person
        assert "顾清和" not in answer.content.decode()
    assert "顾清和" not in as_person("neighbour").get(reverse("cadres:list")).content.decode()


def test_acts_are_offered_to_who_may(holders: Cast, as_person) -> None:
    made = linked(holders, "gu")
    ends = reverse("cadres:end", args=[made.uuid])
    assert ends in as_person("committee").get(team(holders)).content.decode()
    assert ends not in as_person("secretary").get(team(holders)).content.decode()


def test_a_refusal_keeps_what_was_typed_and_names_the_clause(holders: Cast, as_person) -> None:
    address = reverse("cadres:appoint", args=[holders.branch.uuid])
    put(holders, holders.members["lu"])
    answer = as_person("committee").post(address, TYPED)
    assert answer.status_code == 422
    assert "已经有人在任" in answer.content.decode()
    assert "样组任〔2026〕8号" in answer.content.decode()
    answer = as_person("committee").post(address, TYPED | {"post": "discipline_member"})
    assert answer.status_code == 302
    answer = as_person("county").post(reverse("cadres:appoint", args=[holders.branch.uuid]), TYPED | {"post": "dues_cashier"})
    assert "监督与经办分开（条号待核）" in answer.content.decode()


def test_the_term_of_the_committee_is_filled_in(holders: Cast, as_person) -> None:
    made = record_term(holders.branch, today() - timedelta(days=30), document_no="样组〔2026〕2号", actor=holders["committee"])
    page = as_person("committee").get(reverse("cadres:appoint", args=[holders.branch.uuid])).content.decode()
    assert made.term_ends_on.isoformat() in page


def test_two_of_one_name_are_told_apart(holders: Cast) -> None:
    twin = member(holders.branch, "顾清和", actor=holders["department"], birth_date=today().replace(year=1970, month=2, day=1))
    actor = holders["committee"]
    assert queries.person_meant(actor, "顾清和", holders.branch) is None
    assert queries.person_meant(actor, queries.written_person(twin), holders.branch).pk == twin.pk
    assert queries.person_meant(actor, "陆明远", holders.branch).pk == holders.members["lu"].pk
    assert queries.person_meant(actor, "周令仪", holders.branch) is None, "outside the scope"


def test_one_row_and_three_cost_the_same(holders: Cast, as_person) -> None:
    counts = []
    for login, posts in (("gu", ["secretary"]), ("lu", ["deputy_secretary", "publicity_member"])):
        for post in posts:
            put(holders, holders.members[login], post)
        for address in (reverse("cadres:list"), team(holders)):
            client = as_person("committee")
            with CaptureQueriesContext(
                connection,
            ) as caught:
                assert client.get(address).status_code == 200
            counts.append(len(caught))
    assert counts[:2] == counts[2:]


def test_the_list_goes_on_from_its_last_row(holders: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for login, post in (("gu", "secretary"), ("lu", "deputy_secretary"), ("lu", "member")):
        put(holders, holders.members[login], post)
    monkeypatch.setattr(queries, "PAGE", 2)
    seen = scope(holders["committee"], "view_cadres")
    first = queries.page_of_appointments(seen)
    rest = queries.page_of_appointments(seen, after=first.next_after)
    assert [a.post for a in first.rows + rest.rows] == ["secretary", "deputy_secretary", "member"]
    assert rest.next_after is None
    assert len(queries.page_of_appointments(seen, waits=True).rows) == 2, "no role is approved for 委员"
    assert queries.page_of_appointments(seen, ending=True).rows == []
    Appointment.objects.filter(post="member").update(last_on=today() + timedelta(days=9))
    assert [a.post for a in queries.page_of_appointments(seen, ending=True).rows] == ["member"]


class Asked:
    """A request as far as a panel looks at it."""

    def __init__(self, user: object) -> None:
        self.user = user


def test_panels_say_what_is_to_be_done_and_nothing_else(holders: Cast) -> None:
    made = linked(holders, "gu", last_on=today() + timedelta(days=20))
    shown = panels.teams(Asked(holders["committee"]))
    assert [a.pk for a in shown["ending"]] == [made.pk]
    assert holders.sibling in shown["empty"]
    assert holders.branch not in shown["empty"]
    assert panels.teams(Asked(holders["secretary"])) is None
    assert panels.review(Asked(holders["committee"])) is None
    open_reviews()
    assert {r.organization_id for r in panels.review(Asked(holders["gu"]))["reviews"]} == {holders.branch.pk}
    assert panels.review(Asked(holders["neighbour"])) is None
    assert panels.lent(Asked(holders["gu"])) is None
    delegate(made, "lu", "陆明远", today(), "外出", actor=holders["gu"])
    assert panels.lent(Asked(holders["lu"]))["received"]


def test_the_file_shows_posts_inside_the_readers_view_only(holders: Cast, as_person) -> None:
    put(holders, holders.members["gu"], "dues_cashier", at=holders.other_branch, by="county", ground="assigned")
    address = reverse("members:file", args=[holders.members["gu"].uuid])
    inside, outside = as_person("county").get(address).content.decode(), as_person("secretary").get(address).content.decode()
    assert "邻村党支部" in inside
    assert "邻村党支部" not in outside
    assert "其他党组织" in outside
    assert any(p.name == "cadres-posts" for p in registry.member_panels)
