"""What the person and the auditor get to see, and that the confidential part is in neither."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.domain import record, record_many, record_reading, record_readings
from audit.models import AuditRecord
from audit.queries import Filters, confidential_of, lookups_of, recent, verbs_seen
from core.crypto import Tampered

pytestmark = pytest.mark.django_db


@pytest.fixture
def long_ago():
    return timezone.now() - timedelta(days=30)


EVERYTHING = Filters()


def walk(filters: Filters = EVERYTHING, size: int = 3) -> list[str]:
    """Page after page to the end."""
    seen: list[str] = []
    page = recent(filters, size=size)
    while True:
        seen += [row.reason for row in page.rows]
        if page.following is None:
            return seen
        page = recent(filters, after=page.following, size=size)


def test_a_person_sees_who_looked_newest_first(officer, long_ago):
    person, other = uuid.uuid4(), uuid.uuid4()
    record_reading(person, ["phone"], "核对电话", actor=officer, organization="甲支部")
    record_reading(person, ["id_number", "phone"], "转接", actor=officer, organization="乙支部")
    record_reading(other, ["phone"], "别人", actor=officer, organization="甲支部")
    record("edit_member", actor=officer, kind="member", subject=person)
    found = lookups_of(person, long_ago)
    assert [(one.name, one.organization, one.fields, one.reason) for one in found] == [
        ("王书记", "乙支部", ("id_number", "phone"), "转接"),
        ("王书记", "甲支部", ("phone",), "核对电话"),
    ]
    assert lookups_of(person, timezone.now() + timedelta(seconds=1)) == []


def test_an_export_counts_as_a_reading_of_everybody_in_it(officer, long_ago):
    people = [uuid.uuid4() for _ in range(3)]
    assert record_readings(people, ["phone"], "名册", actor=officer, organization="甲支部") == 3
    assert [lookups_of(person, long_ago)[0].reason for person in people] == ["名册"] * 3


def test_confidential_readings_are_never_in_lookups_pages_or_counts(officer, long_ago):
    person = uuid.uuid4()
    record_reading(person, ["phone"], "公开", actor=officer, organization="甲支部")
    before = (lookups_of(person, long_ago), recent(), verbs_seen(), AuditRecord.objects.count())
    record_reading(person, ["id_number"], "初核", actor=officer, organization="纪委", confidential=True)
    record_readings([person], ["phone"], "初核", actor=officer, confidential=True)
    record_many("vet", [person], actor=officer, kind="member", confidential=True)
    assert (lookups_of(person, long_ago), recent(), verbs_seen(), AuditRecord.objects.count()) == before


def test_the_confidential_door_opens_the_entries_of_one_subject(officer):
    person = uuid.uuid4()
    record_reading(person, ["id_number"], "初核", actor=officer, organization="纪委", path="0001", confidential=True)
    record_many("vet", [uuid.uuid4(), person], actor=officer, kind="member", path=["0002", "0003"], confidential=True)
    vetting, reading = confidential_of(person)
    assert (vetting.verb, vetting.subject, vetting.path) == ("vet", person, "0003")
    assert (reading.actor_uuid, reading.actor_name, reading.reason) == (officer.uuid, "王书记", "初核")
    assert reading.details == {"fields": ["id_number"], "organization": "纪委"}
    assert confidential_of(uuid.uuid4()) == []


def test_a_confidential_entry_does_not_open_in_the_place_of_another(officer, as_superuser):
    one, two = uuid.uuid4(), uuid.uuid4()
    for person in (one, two):
        record("vet", actor=officer, kind="member", subject=person, confidential=True)
    as_superuser(
        "UPDATE audit_auditrecord r SET sealed = other.sealed FROM audit_auditrecord other WHERE other.id <> r.id"
    )  # fmt: skip
    with pytest.raises(Tampered):
        confidential_of(one)


def test_pages_follow_each_other_without_loss_even_at_one_moment(officer):
    record_many("import", [uuid.uuid4() for _ in range(4)], actor=officer, kind="member", reason="批")
    for number in range(5):
        record("edit_member", actor=officer, kind="member", reason=str(number))
    assert walk() == ["4", "3", "2", "1", "0", "批", "批", "批", "批"]
    assert walk(size=9) == walk(size=1) == walk()
    assert recent(after=uuid.uuid4()).rows == ()


def test_pages_are_narrowed_by_verb_actor_subject_and_date(officer):
    subject, now = uuid.uuid4(), timezone.now()
    record("a", actor=officer, kind="x", reason="甲", subject=subject)
    record("b", actor=None, kind="x", reason="乙")
    record("a", actor=None, kind="x", reason="丙")
    assert walk(Filters(verb="a")) == ["丙", "甲"]
    assert walk(Filters(actor=officer.uuid)) == ["甲"]
    assert walk(Filters(subject=subject)) == ["甲"]
    assert walk(Filters(since=now)) == ["丙", "乙", "甲"]
    assert walk(Filters(until=now)) == []
    assert verbs_seen() == ["a", "b"]


@pytest.mark.parametrize("rows", [1, 30])
def test_a_page_costs_two_queries_at_any_length(officer, django_assert_num_queries, rows):
    record_many("import", [uuid.uuid4() for _ in range(rows)], actor=officer, kind="member")
    first = AuditRecord.objects.order_by("at", "id").last()
    with django_assert_num_queries(2):
        recent(after=first.uuid, size=10)
