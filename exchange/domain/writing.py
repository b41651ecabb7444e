"""Carrying out what was asked of a reviewed import: entering the registry, or being taken back. All or nothing.

A request is a state of the row. Whoever finds it carries it out in one transaction; killed in the middle, nothing has
happened and the state is found again.
"""

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError
from core.locks import hold_subtree
from core.transitions import move
from exchange.domain.places import importable
from exchange.enums import BatchState
from exchange.models import ImportBatch, ImportRow
from members.domain import batch as roll
from members.domain.numbers import drafts_brought_forward
from members.enums import EnrolGround
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization

CHANGED = "数据已变化：核对之后，登记库里有人办理过其中的党员或支部。已重新比对，请再看一遍后确认。尚未写入任何数据。"


class ChangedMeanwhile(Conflict):
    """What was reviewed is no longer what would be written."""

    def __init__(self) -> None:
        super().__init__("changed_meanwhile", CHANGED)


def carry_out(batch_id: int) -> None:
    """Do what the state asks for, once. A refusal is written down beside the state the import falls back to."""
    state = ImportBatch.objects.values_list("state", flat=True).get(pk=batch_id)
    act = {BatchState.COMMIT_REQUESTED: _commit, BatchState.UNDO_REQUESTED: _undo}.get(state)
    if act is None:
        return
    try:
        act(batch_id)
    except DomainError as refused:
        _fall_back(batch_id, refused)


def _locked(batch_id: int, state: str) -> ImportBatch | None:
    """The import, if it still asks for this and nobody is carrying it out."""
    rows = ImportBatch.objects.select_for_update(skip_locked=True, of=("self",)).select_related("organization", "actor")
    return rows.filter(pk=batch_id, state=state).first()


@transaction.atomic
def _commit(batch_id: int) -> None:
    batch = _locked(batch_id, BatchState.COMMIT_REQUESTED)
    if batch is None:
        return
    require_still(batch.uploader, batch)
    hold_subtree(batch.org_path)
    _require_unchanged(batch)
    entered = roll.enter(batch.uuid, actor=batch.uploader, ground=EnrolGround.REGISTRY_BUILD, reason=_reason(batch))
    written = {"enrolled": entered.enrolled, "amended": entered.amended}
    move(batch, BatchState.COMMITTED, committed_at=timezone.now(), written=written, notice="")
    record(
        "commit_import", actor=batch.uploader, kind="import", subject=batch.uuid, path=batch.org_path,
        details={"file": batch.file_name, **written, "left_out": batch.refused},
    )  # fmt: skip


@transaction.atomic
def _undo(batch_id: int) -> None:
    batch = _locked(batch_id, BatchState.UNDO_REQUESTED)
    if batch is None:
        return
    actor = User.objects.get(pk=batch.undo_actor_id)
    require_still(actor, batch)
    hold_subtree(batch.org_path)
    taken = roll.take_back(batch.uuid, actor=actor, reason=f"撤销导入：{batch.undo_reason}")
    move(batch, BatchState.UNDONE, undone_at=timezone.now(), notice="")
    record(
        "undo_import", actor=actor, kind="import", subject=batch.uuid, path=batch.org_path, reason=batch.undo_reason,
        details={"enrolled": taken.enrolled, "amended": taken.amended},
    )  # fmt: skip


def _reason(batch: ImportBatch) -> str:
    return f"导入名册：{batch.file_name}"


def require_still(actor: User, batch: ImportBatch) -> None:
    """The person is still in office and still holds the capability there, judged now."""
    access.forget(actor)
    if not User.objects.filter(pk=actor.pk, is_active=True).exists():
        raise Conflict("actor_gone", "提交人的账号已停用，没有写入。")
    access.require(actor, Capability.IMPORT_MEMBERS, batch.org_path)


def _require_unchanged(batch: ImportBatch) -> None:
    """Persons, numbers and branches as they were judged; the persons are locked until the end."""
    rows = ImportRow.objects.filter(batch=batch, action__in=("new", "update"))
    _require_same_branches(batch)
    if _moved_on(batch):
        raise ChangedMeanwhile
    drafts_brought_forward(batch.uuid)
    view = access.scope(batch.uploader, Capability.VIEW_MEMBERS)
    condition, params = view.sql("m.org_path")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT EXISTS (SELECT 1 FROM members_memberdraft d JOIN members_member m ON m.id_blind = d.id_blind
            WHERE d.batch = %s AND d.member_id IS NULL AND {condition})""",  # noqa: S608
            [batch.uuid, *params],
        )
        if cursor.fetchone()[0]:
            raise ChangedMeanwhile
    if rows.filter(organization__isnull=True).exists():
        raise ChangedMeanwhile


def _require_same_branches(batch: ImportBatch) -> None:
    """Every branch still stands where it stood, still holds members, and may still be imported into."""
    wanted = set(ImportRow.objects.filter(batch=batch, action__in=("new", "update")).values_list("organization_id", flat=True))
    within = importable(batch.uploader, batch.org_path)
    standing = within.filter(Organization.objects.select_for_update(of=("self",)).filter(pk__in=wanted), "path")
    if {o.pk for o in standing if o.holds_members} != wanted:
        raise ChangedMeanwhile


def _moved_on(batch: ImportBatch) -> bool:
    expected = {
        pk: (version, organization)
        for pk, version, organization in ImportRow.objects.filter(batch=batch, action="update").values_list(
            "member_id", "member_version", "organization_id"
        )
    }
    now = Member.objects.select_for_update().filter(pk__in=expected).order_by("pk")
    return {m[0]: m[1:] for m in now.values_list("pk", "version", "organization_id")} != expected


@transaction.atomic
def _fall_back(batch_id: int, refused: DomainError) -> None:
    batch = ImportBatch.objects.select_for_update().get(pk=batch_id)
    back = {BatchState.COMMIT_REQUESTED: BatchState.REVIEW, BatchState.UNDO_REQUESTED: BatchState.COMMITTED}.get(batch.state)
    if back is None:
        return
    if isinstance(refused, ChangedMeanwhile):
        back = BatchState.READING
        from exchange.tasks import read  # noqa: PLC0415 - tasks call the domain

        read.delay_on_commit(batch.pk)
    move(batch, back, notice=refused.message[:400], touched_at=timezone.now())
