"""What enters the record, what is masked on the way, and what the confidential part shows (nothing)."""

import json
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from audit.context import Origin, acting_from, current, os_user
from audit.domain import record, record_many, record_reading, record_readings
from audit.domain.masking import clean, mask_numbers
from audit.middleware import AuditContextMiddleware
from audit.models import AuditRecord

ID_NUMBER = "994439199001018073"
PHONE = "18512340097"


@pytest.mark.django_db
def test_a_verb_appends_one_row_with_one_statement(officer, django_assert_num_queries):
    subject = uuid.uuid4()
    with acting_from(Origin(address="10.1.2.3", request_id="a" * 32)), django_assert_num_queries(1):
        record("edit_member", actor=officer, kind="member", subject=subject, path="00010002", reason="更正")
    row = AuditRecord.objects.get()
    assert (row.verb, row.kind, row.subject, row.path, row.reason) == ("edit_member", "member", subject, "00010002", "更正")
    assert (row.actor_uuid, row.actor_name, row.actor_kind) == (officer.uuid, "王书记", "officer")
    assert (row.address, row.request_id, row.os_user) == ("10.1.2.3", "a" * 32, "")


@pytest.mark.django_db
def test_a_row_stands_or_falls_with_the_change(officer):
    with transaction.atomic():
        record("edit_member", actor=officer, kind="member")
        transaction.set_rollback(True)
    assert AuditRecord.everything.count() == 0


@pytest.mark.django_db
def test_programs_and_visitors_are_named_and_administrators_told_apart(officer):
    officer.administrator = "security"
    for actor in (None, AnonymousUser(), officer):
        record("x", actor=actor, kind="y")
    kinds = list(AuditRecord.objects.order_by("id"))
    assert [(row.actor_kind, row.actor_name) for row in kinds] == [
        ("program", "系统"), ("program", "未登录"), ("security", "王书记"),
    ]  # fmt: skip
    assert kinds[0].os_user == os_user() != ""


@pytest.mark.django_db
def test_many_subjects_are_one_statement_and_read_like_single_rows(officer, django_assert_num_queries):
    subjects = [uuid.uuid4() for _ in range(50)]
    paths = [f"0001{number:04d}" for number in range(50)]
    with django_assert_num_queries(1):
        assert record_many("import", subjects, actor=officer, kind="member", path=paths, details={"batch": 7}) == 50
    record("import", actor=officer, kind="member", subject=subjects[0], path=paths[0], details={"batch": 7})
    *many, single = AuditRecord.objects.order_by("id")
    assert [(row.subject, row.path) for row in many] == list(zip(subjects, paths, strict=True))
    same = [field.name for field in AuditRecord._meta.fields if field.name not in ("id", "uuid", "at")]
    assert [getattr(many[0], name) for name in same] == [getattr(single, name) for name in same]
    assert len({row.uuid for row in many}) == 50


@pytest.mark.django_db
def test_no_subjects_write_nothing_and_paths_must_match(officer):
    assert record_many("import", [], actor=officer, kind="member") == 0
    with pytest.raises(ValueError, match="one path"):
        record_many("import", [uuid.uuid4()], actor=officer, kind="member", path=["0001", "0002"])
    with pytest.raises(ValueError, match="verb"):
        record("", actor=officer, kind="member")
    assert AuditRecord.everything.count() == 0


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"核对{ID_NUMBER}一致", "核对994439********8073一致"),
        ("99443919900101807X", "994439********807X"),
        ("老证994439900101807", "老证994439*****1807"),
        (f"电话{PHONE}、86{PHONE}、+86 {PHONE}", "电话185****0097、86185****0097、+86 185****0097"),
        ("tel:185 1234 0097", "tel:185****0097"),
        ("185-1234-0097", "185****0097"),
        ("994439 19900101 8073", "994439********8073"),
        ("１８５１２３４００９７", "１８５****００９７"),
        ("1234567890", "1234567890"),
        ("批次 20261122", "批次 20261122"),
        ("0b8f5f7e-9a63-4c53-9f6a-12345678901b", "0b8f5f7e-9a63-4c53-9f6a-12345678901b"),
        ("e3b0c44298fc1c14 9afbf4c8996fb92427ae41e4649b934ca495991b7852b855", None),
    ],
)
def test_numbers_are_masked_and_identifiers_kept(text, masked):
    assert mask_numbers(text) == (text if masked is None else masked)


@given(st.text(alphabet="姓名电 ,:", max_size=5), st.from_regex(r"[1-9]\d{16}[\dX]|1[3-9]\d{9}", fullmatch=True))
def test_no_number_survives_in_any_position(around, number):
    cleaned = clean({"a": [around + number + around, {number: number}], "b": (number,)})
    assert number not in json.dumps(cleaned, ensure_ascii=False)


def test_plain_values_of_a_verb_are_accepted_and_bytes_refused():
    cleaned = clean({"on": date(2026, 11, 22), "sum": Decimal("1.20"), "n": 3, "yes": True, "big": int(PHONE), "set": {1}})
    assert cleaned == {"on": "2026-11-22", "sum": "1.20", "n": 3, "yes": True, "big": "185****0097", "set": [1]}
    with pytest.raises(TypeError, match="bytes"):
        clean({"sealed": b"x"})


@pytest.mark.django_db
def test_a_dump_of_the_record_holds_no_clear_number(officer):
    officer.full_name = PHONE
    record("edit_member", actor=officer, kind="member", reason=ID_NUMBER, details={"old": PHONE, ID_NUMBER: [PHONE]})
    record_many("import", [uuid.uuid4()], actor=officer, kind="member", reason=PHONE, details={"row": ID_NUMBER})
    record_reading(uuid.uuid4(), ["phone"], f"核对{PHONE}", actor=officer, organization="甲支部")
    record("vet", actor=officer, kind="member", reason=f"绝密{PHONE}", confidential=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, '') FROM audit_auditrecord r")
        dump = cursor.fetchone()[0]
    assert "994439********8073" in dump
    assert ID_NUMBER not in dump
    assert PHONE not in dump


@pytest.mark.django_db
def test_confidential_rows_show_nothing_but_their_time(officer):
    subject = uuid.uuid4()
    with acting_from(Origin(address="10.1.2.3", request_id="b" * 32)):
        record_reading(subject, ["id_number"], "初核", actor=officer, path="00010002", confidential=True)
        record_readings([subject, uuid.uuid4()], ["phone"], "初核", actor=officer, confidential=True)
    assert AuditRecord.objects.count() == 0
    assert AuditRecord.everything.count() == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(r::text, '') FROM audit_auditrecord r")
        dump = cursor.fetchone()[0]
    for secret in ("王书记", str(officer.uuid), str(subject), "初核", "read_sensitive", "00010002", "10.1.2.3", "b" * 32):
        assert secret not in dump


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_auditrecord SET reason = 'x'", "DELETE FROM audit_auditrecord", "DELETE FROM audit_auditseal"]
)
def test_the_database_refuses_changes(officer, statement):
    record("edit_member", actor=officer, kind="member")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit_auditseal VALUES (1, 1, 1, 1, 1, '{1}', '{1}', '', '', '', '', 1, now())"
        )  # fmt: skip
        for role in ("origin", "replica"):
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
            with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
                cursor.execute(statement)
    assert AuditRecord.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["audit_auditrecord", "audit_auditseal"])
def test_the_database_refuses_to_be_emptied(table):
    """In a database of the test runner the guard stands aside; without that condition the same trigger refuses."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s", [f"{table}_no_truncate"])
        definition = cursor.fetchone()[0]
        assert "BEFORE TRUNCATE" in definition
        condition = definition[definition.index("WHEN") : definition.index("EXECUTE")]
        assert "test\\_%" in condition
        cursor.execute(definition.replace(condition, "").replace("_no_truncate", "_unconditional"))
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            cursor.execute(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("production", "forwarded", "expected"),
    [
        (False, "203.0.113.9", "127.0.0.1"),
        (True, "203.0.113.9", "203.0.113.9"),
        (True, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (True, "nonsense", ""),
        (True, "", "127.0.0.1"),
    ],
)
def test_the_middleware_notes_where_a_request_comes_from(settings, production, forwarded, expected):
    settings.PRODUCTION = production
    seen = []

    def view(request):
        seen.append((current(), request.audit_request_id))
        return HttpResponse("ok")

    response = AuditContextMiddleware(view)(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=forwarded))
    (origin, number), outside = seen[0], current()
    assert (origin.address, origin.os_user) == (expected, "")
    assert origin.request_id == number == response["X-Request-Id"]
    assert outside == Origin(os_user=os_user())
