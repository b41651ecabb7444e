"""Set-based twins of the roll's verbs: a checked batch of drafts enters in a few statements, or is taken back whole.

Callers hold the subtree (`core.locks.hold_subtree`) and one transaction around the whole act.
"""

import uuid
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record_many
from core import names
from core.dates import today
from core.errors import Conflict
from members import signals
from members.domain.numbers import drafts_brought_forward, indexes_of, release
from members.enums import MovementKind, Standing
from members.models import RECORD_MODELS, Attachment, FieldCheck, Member, MemberDraft, Movement, PersonColumns

PERSON = [f.column for f in PersonColumns._meta.local_fields]
HISTORY = [f.column for f in Member.history.model._meta.concrete_fields if not f.name.startswith("history_")]
TRIES = 3
# whether anything stands below a member that came with its own hands
RECORDED = " OR ".join(
    f"EXISTS (SELECT 1 FROM {model._meta.db_table} r WHERE r.member_id = m.id)"  # noqa: S608 - tables of ours
    for model in (*RECORD_MODELS, FieldCheck, Attachment)
)


@dataclass(frozen=True)
class Entered:
    """How many persons a batch has enrolled and amended."""

    enrolled: int
    amended: int


def enter(batch: uuid.UUID, *, actor: User, ground: str, reason: str) -> Entered:
    """Take the drafts of `batch` into the file: those without a member as new, the others as changes."""
    drafts_brought_forward(batch)
    enrolled = enrol_many(batch, actor=actor, ground=ground, reason=reason)
    return Entered(enrolled, amend_many(batch, actor=actor, reason=reason))


def enrol_many(batch: uuid.UUID, *, actor: User, ground: str, reason: str) -> int:
    """The twin of `enrol` for all drafts of `batch` without a member. A number known elsewhere makes the row contested."""
    ids = _insert_members(batch)
    if not ids:
        return 0
    write_history(ids, "+", actor, reason)
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_movement
              (member_id, org_path, kind, happened_on, document_no, reason, batch, actor_name, recorded_at)
            SELECT id, org_path, %s, %s, '', %s, %s, %s, now() FROM members_member WHERE id = ANY (%s) RETURNING id""",
            [ground, today(), reason[:200], batch, actor.full_name, ids],
        )
        movements = [row[0] for row in cursor.fetchall()]
    signals.members_changed.send(Member, ids=ids)
    signals.movements_recorded.send(Movement, ids=movements)
    _record("enrol_member", ids, actor, reason)
    return len(ids)


def _insert_members(batch: uuid.UUID) -> list[int]:
    """Insert, computing `contested` anew; a number registered by somebody else meanwhile makes us look again."""
    columns = ", ".join(c for c in PERSON if c != "contested")
    sql = f"""
        INSERT INTO members_member (uuid, organization_id, org_path, {columns}, contested, version, created_at, updated_at)
        SELECT d.uuid, d.organization_id, d.org_path, {", ".join("d." + c for c in PERSON if c != "contested")},
          EXISTS (SELECT 1 FROM members_member k WHERE k.id_blind = d.id_blind AND NOT k.contested), 1, now(), now()
        FROM members_memberdraft d WHERE d.batch = %s AND d.member_id IS NULL ORDER BY d.row_no RETURNING id"""  # noqa: S608
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(sql, [batch])
                ids = [row[0] for row in cursor.fetchall()]
                break
        except IntegrityError:
            if not left:
                raise
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_memberdraft d SET member_id = m.id, version_after = 1 FROM members_member m
            WHERE d.batch = %s AND m.uuid = d.uuid AND d.member_id IS NULL""",
            [batch],
        )
    return ids


def amend_many(batch: uuid.UUID, *, actor: User, reason: str) -> int:
    """The twin of `amend`: for each draft with `changes` (columns), take over just those."""
    ids = list(
        MemberDraft.objects.filter(batch=batch, version_after=None, member__isnull=False)
        .exclude(changes=[])
        .values_list("member_id", flat=True)
    )
    if not ids:
        return 0
    signals.members_changing.send(Member, ids=ids)
    _remember_history(batch, ids)
    assignments = ", ".join(
        f"{c} = CASE WHEN '{c}' = ANY (d.changes) THEN d.{c} ELSE m.{c} END" for c in PERSON if c not in ("checked", "contested")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE members_member m SET {assignments}, checked = m.checked || d.checked,
              version = m.version + 1, updated_at = now()
            FROM members_memberdraft d WHERE d.batch = %s AND d.member_id = m.id AND m.id = ANY (%s)""",  # noqa: S608
            [batch, ids],
        )
        cursor.execute(
            """UPDATE members_memberdraft d SET version_after = m.version FROM members_member m
            WHERE d.batch = %s AND d.member_id = m.id AND m.id = ANY (%s)""",
            [batch, ids],
        )
    write_history(ids, "~", actor, reason)
    signals.members_changed.send(Member, ids=ids)
    _record_conversions(batch, actor, reason)
    _record("amend_member", ids, actor, reason)
    return len(ids)


def _record_conversions(batch: uuid.UUID, actor: User, reason: str) -> None:
    """The movement that `convert` writes, for those whom the batch made full members; the paper stays with the branch."""
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO members_movement
              (member_id, org_path, kind, happened_on, document_no, reason, batch, actor_name, recorded_at)
            SELECT m.id, m.org_path, %s, m.converted_on, '', %s, d.batch, %s, now()
            FROM members_memberdraft d JOIN members_member m ON m.id = d.member_id
              JOIN members_historicalmember h ON h.history_id = d.history_before
            WHERE d.batch = %s AND h.standing = %s AND m.standing = %s RETURNING id""",
            [MovementKind.CONVERTED, reason[:200], actor.full_name, batch, Standing.PROBATIONARY, Standing.FULL],
        )
        made = [row[0] for row in cursor.fetchall()]
    if made:
        signals.movements_recorded.send(Movement, ids=made)


def take_back(batch: uuid.UUID, *, actor: User, reason: str) -> Entered:
    """Undo what `enter` did: new persons go, changed ones become what they were. Refuses where later work rests on it."""
    touched = later_work(batch)
    if touched:
        listed = "、".join(touched[:5]) + ("等" if len(touched) > 5 else "")
        raise Conflict("later_work", f"导入之后，{listed} {len(touched)} 人的档案又有办理，不能整批撤销。请逐人更正。")
    amended = _restore_amended(batch, actor, reason)
    return Entered(_remove_enrolled(batch, actor, reason), amended)


def later_work(batch: uuid.UUID) -> list[str]:
    """Names of the persons of the batch whose file was worked on after it: changed, or given a login or records."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT m.name FROM members_memberdraft d JOIN members_member m ON m.id = d.member_id
            WHERE d.batch = %s AND d.version_after IS NOT NULL AND (m.version <> d.version_after
              OR d.history_before IS NULL AND (m.user_id IS NOT NULL OR {RECORDED})) ORDER BY m.name_sort, m.id""",  # noqa: S608
            [batch],
        )
        return [row[0] for row in cursor.fetchall()]


def _restore_amended(batch: uuid.UUID, actor: User, reason: str) -> int:
    drafts = MemberDraft.objects.filter(batch=batch, version_after__isnull=False, history_before__isnull=False)
    ids = list(drafts.values_list("member_id", flat=True))
    if not ids:
        return 0
    _take_back_conversions(batch, ids)
    signals.members_changing.send(Member, ids=ids)
    back = ", ".join(f"{c} = h.{c}" for c in PERSON if c not in ("tokens", "contested"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE members_member m SET {back}, version = m.version + 1, updated_at = now()
            FROM members_memberdraft d JOIN members_historicalmember h ON h.history_id = d.history_before
            WHERE d.batch = %s AND d.member_id = m.id""",  # noqa: S608
            [batch],
        )
    _agree_again(batch)
    renamed = drafts.filter(changes__contains=["name"]).values_list("member_id", flat=True)
    for member in Member.objects.filter(pk__in=list(renamed)):
        Member.objects.filter(pk=member.pk).update(tokens=names.tokens(member.name))
    write_history(ids, "~", actor, reason)
    signals.members_changed.send(Member, ids=ids)
    _record("take_back_amendment", ids, actor, reason)
    return len(ids)


def _take_back_conversions(batch: uuid.UUID, ids: list[int]) -> None:
    movements = Movement.objects.filter(batch=batch, member_id__in=ids, kind=MovementKind.CONVERTED)
    found = list(movements.values_list("pk", flat=True))
    if found:
        signals.movements_removing.send(Movement, ids=found)
        movements.delete()


def _agree_again(batch: uuid.UUID) -> None:
    """The batch before this one finds the persons as it left them: it may be taken back next."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_memberdraft earlier SET version_after = m.version
            FROM members_memberdraft d JOIN members_member m ON m.id = d.member_id
            WHERE d.batch = %s AND d.history_before IS NOT NULL AND earlier.member_id = d.member_id
              AND earlier.batch <> d.batch AND earlier.version_after = d.version_after - 1""",
            [batch],
        )


def _remove_enrolled(batch: uuid.UUID, actor: User, reason: str) -> int:
    drafts = MemberDraft.objects.filter(batch=batch, version_after__isnull=False, history_before__isnull=True)
    ids = list(drafts.values_list("member_id", flat=True))
    if not ids:
        return 0
    signals.members_changing.send(Member, ids=ids)
    movements = Movement.objects.filter(member_id__in=ids)
    signals.movements_removing.send(Movement, ids=list(movements.values_list("pk", flat=True)))
    write_history(ids, "-", actor, reason)
    _record("take_back_enrolment", ids, actor, reason)
    numbers = indexes_of(Member.objects.filter(pk__in=ids, contested=False, id_blind__isnull=False))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_movement WHERE member_id = ANY (%s)", [ids])
        cursor.execute("UPDATE members_memberdraft SET member_id = NULL WHERE member_id = ANY (%s)", [ids])
        cursor.execute("DELETE FROM members_member WHERE id = ANY (%s)", [ids])
    release(numbers)
    return len(ids)


def _remember_history(batch: uuid.UUID, ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE members_memberdraft d SET history_before =
              (SELECT max(h.history_id) FROM members_historicalmember h WHERE h.id = d.member_id)
            WHERE d.batch = %s AND d.member_id = ANY (%s)""",
            [batch, ids],
        )


def write_history(ids: list[int], kind: str, actor: User, reason: str) -> None:
    """A history row of each as it stands now, in one statement."""
    columns = ", ".join(HISTORY)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO members_historicalmember
              ({columns}, history_date, history_type, history_user_id, history_change_reason)
            SELECT {columns}, %s, %s, %s, %s FROM members_member WHERE id = ANY (%s)""",  # noqa: S608
            [timezone.now(), kind, actor.pk, reason[:300], ids],
        )


def _record(verb: str, ids: list[int], actor: User, reason: str) -> None:
    rows = list(Member.objects.filter(pk__in=ids).values_list("uuid", "org_path"))
    record_many(verb, [r[0] for r in rows], actor=actor, kind="member", path=[r[1] for r in rows], reason=reason)
