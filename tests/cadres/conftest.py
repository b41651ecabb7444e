"""A mapping in force, and officers' accounts for the members of the cast."""

from datetime import date

import pytest

from cadres.domain.appointments import Commission, appoint
from cadres.domain.mapping import approve_mapping, propose_usual
from cadres.models import Appointment, PostRole
from core import access
from members.models import Member
from orgs.models import Organization
from tests.people import Cast, member, user

SINCE = date(2026, 3, 1)
PAPER = "样组任〔2026〕8号"


@pytest.fixture
def mapped(cast: Cast) -> Cast:
    """The recommended mapping, proposed by the department and approved by the security administrator."""
    for mapping in propose_usual(actor=cast["department"]):
        approve_mapping(mapping, actor=cast["security"])
    assert PostRole.objects.filter(state="in_force").count() == 7
    return cast


@pytest.fixture
def holders(mapped: Cast) -> Cast:
    """Two full members of the first branch, each with an officer's account under the same name, holding nothing yet."""
    for login, name in (("gu", "顾清和"), ("lu", "陆明远")):
        mapped.members[login] = member(mapped.branch, name, actor=mapped["department"])
        mapped.people[login] = user(login, name)
    return mapped


def commission(post: str = "secretary", **changes: object) -> Commission:
    facts = {"post": post, "ground": "elected", "document_no": PAPER, "from_on": SINCE, "last_on": None, "acting": False}
    return Commission(**{**facts, **changes})


def put(
    cast: Cast, member: Member, post: str = "secretary", at: Organization | None = None, by: str = "committee", **changes: object
) -> Appointment:
    return appoint(at or cast.branch, member, commission(post, **changes), actor=cast[by])


def covers(person: object, capability: str, node: Organization) -> bool:
    """Asked anew, as by the next request."""
    access.forget(person)
    return access.scope(person, capability).covers(node.path)
