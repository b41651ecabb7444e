"""Records of a life: add, amend, withdraw, open; allowed and denied from one set-up; what is sealed stays sealed."""

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection

from audit.models import AuditRecord
from audit.queries import lookups_of
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain import records
from members.enums import RecordState, SanctionKind
from members.models import RECORD_MODELS, MemberRecord, Sanction
from members.record_kinds import BY_KEY, KINDS, Kind
from members.record_models import FieldCheck
from tests.people import Cast

GIVEN: dict[str, dict[str, object]] = {
    "duties": {"kind": "party", "title": "组织委员", "unit": "第一党支部", "from_on": date(2020, 3, 1)},
    "education": {"mode": "full_time", "level": "21", "school": "样例大学", "degree": "bachelor", "to_on": date(2010, 6, 30)},
    "awards": {"title": "优秀共产党员", "level": "county", "awarded_on": date(2021, 6, 28), "awarded_by": "样东区委"},
    "sanctions": {
        "kind": "warning",
        "decided_on": date(2026, 3, 1),
        "document_no": "样纪〔2026〕3号",
        "decided_by": "样例镇纪委",
    },
    "rectifications": {
        "decided_on": date(2026, 3, 1),
        "ground": "工作消极，不起先锋模范作用",
        "demands": "参加组织生活，完成所分配的工作",
        "due_on": date(2027, 3, 1),
        "document_no": "样组〔2026〕6号",
        "decided_by": "样例镇党委",
    },
    "abroad": {"purpose": "study", "place": "某国", "left_on": date(2026, 1, 5), "contact_note": "电话联系，一切都好"},
    "hardships": {"kind": "illness", "since_on": date(2026, 2, 1), "situation": "长期透析"},
    "helps": {
        "kind": "money",
        "helped_on": date(2026, 2, 5),
        "helper": "镇党委",
        "amount": Decimal("500"),
        "content": "春节慰问",
    },
    "family": {"relation": "spouse", "name": "林亦舒", "birth_month": "1985年2月", "politics": "13", "work": "样例小学教师"},
}
START = datetime(2020, 1, 1, tzinfo=UTC)
SENSITIVE = [k.key for k in KINDS if k.sensitive]


def added(cast: Cast, key: str, who: str = "secretary", **changes: object) -> MemberRecord:
    return records.add_record(cast.members["chen"], BY_KEY[key], GIVEN[key] | changes, actor=cast[who], reason="本人提供材料")


def test_the_kinds_and_the_tables_are_the_same() -> None:
    assert {k.model for k in KINDS} == set(RECORD_MODELS)
    assert set(GIVEN) == set(BY_KEY)
    for kind in KINDS:
        for column in kind.columns:
            assert isinstance(getattr(kind.model, column.name), object)
        assert set(kind.model.SEALED) <= {c.name for c in kind.columns}
        assert set(kind.line) <= {c.name for c in kind.columns}


@pytest.mark.parametrize("key", sorted(GIVEN))
def test_a_record_is_written_amended_and_withdrawn(cast: Cast, key: str) -> None:
    kind, made = BY_KEY[key], added(cast, key)
    stored = kind.model.objects.get(uuid=made.uuid)
    for name, value in GIVEN[key].items():
        assert getattr(stored, name) == value
    assert [h.history_type for h in stored.history.all()] == ["+"]
    column = next(c for c in kind.columns if c.shape in ("text", "words"))
    changed = GIVEN[key] | {column.name: "更正后的文字"}
    records.amend_record(stored, changed, actor=cast["secretary"], reason="更正", version=1)
    stored.refresh_from_db()
    assert (getattr(stored, column.name), stored.version) == ("更正后的文字", 2)
    with pytest.raises(Conflict):
        records.amend_record(stored, GIVEN[key], actor=cast["secretary"], reason="更正", version=1)
    gone = records.withdraw_record(stored, actor=cast["secretary"], reason="登记错了人", version=2)
    assert (gone.state, gone.withdrawn_reason) == (RecordState.WITHDRAWN, "登记错了人")
    with pytest.raises(Conflict):
        records.amend_record(gone, changed, actor=cast["secretary"], reason="更正", version=3)
    assert [h.history_type for h in stored.history.order_by("history_id")] == ["+", "~", "~"]
    assert stored.history.latest("history_id").history_change_reason == "登记错了人"


@pytest.mark.parametrize("key", sorted(GIVEN))
@pytest.mark.parametrize(
    ("who", "error"), [("neighbour", Missing), ("stranger", Missing), ("expired", Missing), ("reader", NotAllowed)]
)
def test_others_write_nothing(cast: Cast, key: str, who: str, error: type[DomainError]) -> None:
    made = added(cast, key)
    with pytest.raises(error):
        added(cast, key, who)
    with pytest.raises(error):
        records.amend_record(made, GIVEN[key], actor=cast[who], reason="更正", version=1)
    with pytest.raises(error):
        records.withdraw_record(made, actor=cast[who], reason="更正", version=1)
    assert BY_KEY[key].model.objects.count() == 1


@pytest.mark.parametrize("key", SENSITIVE)
def test_who_may_edit_but_not_see_such_records_may_not_write_them(cast: Cast, key: str) -> None:
    made = added(cast, key)
    with pytest.raises(NotAllowed):
        added(cast, key, "organizer")
    with pytest.raises(NotAllowed):
        records.withdraw_record(made, actor=cast["organizer"], reason="更正", version=1)
    with pytest.raises(NotAllowed):
        records.open_records(cast.members["chen"], BY_KEY[key], actor=cast["organizer"], reason="contact")
    assert added(cast, "awards", "organizer").recorded_by == "许南乔"


@pytest.mark.parametrize("key", SENSITIVE)
def test_reading_is_written_down_and_the_member_sees_it(cast: Cast, key: str) -> None:
    added(cast, key)
    chen = cast.members["chen"]
    with pytest.raises(DomainError):
        records.open_records(chen, BY_KEY[key], actor=cast["secretary"], reason="other", note="")
    assert not lookups_of(chen.uuid, since=START)
    rows = records.open_records(chen, BY_KEY[key], actor=cast["secretary"], reason="correction", note="核对材料")
    assert len(rows) == 1
    look = lookups_of(chen.uuid, since=START)[0]
    assert (look.name, look.fields) == ("李砚秋", (BY_KEY[key].title,))
    for who, error in (("neighbour", Missing), ("stranger", Missing), ("reader", NotAllowed)):
        with pytest.raises(error):
            records.open_records(chen, BY_KEY[key], actor=cast[who], reason="contact")


def test_texts_that_hurt_are_sealed_in_the_table_and_in_its_history(cast: Cast) -> None:
    for key in SENSITIVE:
        made = added(cast, key)
        for name in made.SEALED:
            if len(text := getattr(made, name)) < 3:
                continue
            for table in (made._meta.db_table, made.history.model._meta.db_table):
                with connection.cursor() as cursor:
                    cursor.execute(f"SELECT t::text FROM {table} t")
                    rows = " ".join(row[0] for row in cursor.fetchall())
                assert text not in rows, f"{table}.{name}"
                assert text.encode().hex() not in rows
    assert made.history.get().name_sealed


def test_a_sanction_is_written_down_in_the_sealed_part_of_the_record(cast: Cast) -> None:
    made = added(cast, "sanctions")
    assert not AuditRecord.objects.filter(verb="add_record").exists()
    assert AuditRecord.everything.filter(part="confidential").count() == 1
    records.withdraw_record(made, actor=cast["secretary"], reason="登记错了人", version=1)
    assert AuditRecord.everything.filter(part="confidential").count() == 2
    added(cast, "family")
    kept = AuditRecord.objects.get(verb="add_record")
    assert (kept.subject, kept.details["record"]) == (cast.members["chen"].uuid, "家庭成员和主要社会关系")
    assert "林亦舒" not in str(kept.details)


def test_a_form_sent_twice_is_one_record(cast: Cast) -> None:
    row, chen, kind = uuid.uuid4(), cast.members["chen"], BY_KEY["awards"]
    first = records.add_record(chen, kind, GIVEN["awards"], actor=cast["secretary"], row=row)
    again = records.add_record(chen, kind, GIVEN["awards"], actor=cast["secretary"], row=row)
    assert first.uuid == again.uuid == row
    elsewhere = records.add_record(cast.members["zhao"], kind, GIVEN["awards"], actor=cast["neighbour"], row=row)
    assert elsewhere.uuid != row
    assert kind.model.objects.count() == 2


@pytest.mark.parametrize(
    ("key", "changes", "field"),
    [
        ("duties", {"title": " "}, "title"),
        ("duties", {"to_on": date(2019, 1, 1)}, "to_on"),
        ("duties", {"from_on": date(2099, 1, 1)}, "from_on"),
        ("duties", {"kind": "queen"}, "kind"),
        ("duties", {"title": "长" * 61}, "title"),
        ("duties", {"from_on": "昨天"}, "from_on"),
        ("helps", {"amount": Decimal("-1")}, "amount"),
        ("helps", {"amount": Decimal("1e9")}, "amount"),
        ("abroad", {"back_on": date(2025, 1, 1)}, "back_on"),
        ("sanctions", {"kind": "watch"}, "months"),
        ("sanctions", {"kind": "watch", "months": "18"}, "months"),
        ("sanctions", {"kind": "watch", "months": "24", "extended_months": "12"}, "extended_months"),
        ("sanctions", {"months": "12"}, "months"),
        ("sanctions", {"kind": "removal"}, "posts_removed"),
        ("sanctions", {"lifted_on": date(2026, 3, 1)}, "lifted_on"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_field(cast: Cast, key: str, changes: dict[str, object], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        added(cast, key, **changes)
    assert refused.value.field == field
    with pytest.raises(DomainError, match="没有这一项"):
        added(cast, key, **{"member_id": 1})


def test_the_periods_of_a_sanction_stand_in_its_row_and_follow_an_amendment(cast: Cast) -> None:
    made = added(cast, "sanctions", kind="watch", months="12", decided_on=date(2024, 3, 1))
    assert isinstance(made, Sanction)
    assert (made.rights_from, made.rights_until) == (date(2024, 3, 1), date(2025, 2, 28))
    assert (made.effect_from, made.effect_until) == (date(2024, 3, 1), date(2027, 2, 28))
    values = GIVEN["sanctions"] | {"kind": "watch", "months": "12", "extended_months": "12", "decided_on": date(2024, 3, 1)}
    records.amend_record(made, values, actor=cast["secretary"], reason="样纪〔2025〕9号延长", version=1)
    made.refresh_from_db()
    assert (made.rights_until, made.effect_until) == (date(2026, 2, 28), date(2028, 2, 29))


def test_a_registration_that_goes_leaves_its_records_to_the_one_that_stays(cast: Cast) -> None:
    made = added(cast, "family")
    FieldCheck.objects.create(
        member=cast.members["chen"], fields=["name"], document="身份证", checked_on=date(2026, 1, 1), actor_name="李砚秋"
    )
    zhao = cast.members["zhao"]
    assert records.hand_over(cast.members["chen"], zhao, actor=cast["committee"], reason="同一个人") == 2
    made.refresh_from_db()
    assert (made.member, made.name) == (zhao, "林亦舒")
    assert zhao.field_checks.count() == 1


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.key)
def test_every_kind_says_what_it_needs(kind: Kind) -> None:
    assert any(c.needed for c in kind.columns)
    assert kind.sensitive == (kind.key not in ("duties", "education", "awards"))
    assert set(SanctionKind) == {code for code, _ in BY_KEY["sanctions"].column("kind").choices()}
