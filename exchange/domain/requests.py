"""Exports that need a second person: asked for, approved by somebody else, made by a task, fetched until they expire."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.domain.elevation import require_by_policy
from accounts.enums import GuardedAct
from accounts.models import User
from audit.domain import record
from core import access, paths
from core.dates import today
from core.errors import Conflict, DomainError, NotAllowed
from core.transitions import move
from exchange.domain import exports, registers, taking_out, vault
from exchange.enums import PRODUCED, RequestKind, RequestState
from exchange.models import ExportRequest
from exchange.rules import guarded
from members.models import Member
from members.queries import Filter
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import token_of
from regulations.packs import pack
from workflow.domain import cases
from workflow.domain.cases import Matter

PROCEDURE = {RequestKind.MEMBERS: "exchange.export", RequestKind.TAKE_OUT: "exchange.take_out"}
NEEDS = {
    RequestKind.MEMBERS: Capability.EXPORT_MEMBERS,
    RequestKind.TAKE_OUT: Capability.TAKE_OUT,
    RequestKind.DUES: Capability.COLLECT_DUES,
}


@transaction.atomic
def request_export(chosen: Filter, place: Organization | None, reason: str, *, actor: User) -> ExportRequest:
    """Ask for an export that is too large for one person."""
    asked = exports.asked_for(chosen, place, reason, actor=actor)
    if len(asked.narrowed.tops) != 1:
        raise DomainError("place_missing", "范围跨几个组织，请先在名册里选定一个组织，再导出。")
    exports.require_shown(asked, actor)
    return _request(
        RequestKind.MEMBERS, Organization.objects.get(path=asked.narrowed.tops[0]), reason, actor, count=asked.count,
        filter={k: v for k, v in asdict(chosen).items() if v}, clear=not asked.reveal.is_empty,
    )  # fmt: skip


@transaction.atomic
def request_take_out(node: Organization, reason: str, *, actor: User) -> ExportRequest:
    """Ask for the whole of an organisation."""
    access.require(actor, Capability.TAKE_OUT, node.path)
    taking_out.check_whole(node)
    _require_reason(reason, node.path)
    require_by_policy(actor, GuardedAct.TAKE_OUT, node.path, words=f"整体带出{node.short_name}")
    count = Member.objects.filter(org_path__gte=node.path, org_path__lt=paths.upper(node.path)).count()
    return _request(RequestKind.TAKE_OUT, node, reason, actor, count=count, filter={}, clear=True)


def _require_reason(reason: str, path: str) -> None:
    fewest = pack("registry", on=today(), at=path).integer("reveal.reason.min")
    if len(reason.strip()) < fewest:
        raise DomainError("reason_missing", f"请写明做什么用，至少 {fewest} 个字。", field="reason")


def _request(kind: RequestKind, node: Organization, reason: str, actor: User, **facts: object) -> ExportRequest:
    made = ExportRequest.objects.create(
        kind=kind, organization=node, org_path=node.path, reason=guarded(reason.strip())[:200], requester=actor,
        requester_name=actor.full_name, through=token_of(actor), **facts,
    )  # fmt: skip
    title = f"{kind.label}：{node.short_name}，{made.count:,} 人"
    case = cases.start(PROCEDURE[kind], Matter(made.uuid, node, title), actor=actor, opinion=made.reason)
    made.case = case.uuid
    made.save(update_fields=["case"])
    record(
        "request_export", actor=actor, kind="export", subject=made.uuid, path=made.org_path, reason=made.reason,
        details={"what": kind.label, "filter": made.filter, "count": made.count},
    )  # fmt: skip
    return made


def _lock(found: ExportRequest) -> ExportRequest:
    return ExportRequest.objects.select_for_update(of=("self",)).select_related("organization", "requester").get(pk=found.pk)


# --- what the procedure decides ---


def approve(found: ExportRequest, *, actor: User) -> ExportRequest:
    """By the procedure, inside its transaction: somebody else has agreed. The file is made by a task."""
    found = _lock(found)
    access.require(actor, Capability.APPROVE_EXPORTS, found.org_path)
    if found.requester_id == actor.pk:
        raise DomainError("second_person", "自己提出的导出，要由另一位同志批准。")
    until = timezone.now() + timedelta(days=pack("registry", on=today(), at=found.org_path).integer("export.keep_days"))
    move(found, RequestState.APPROVED, approver=actor, approver_name=actor.full_name, expires_at=until)
    record("approve_export", actor=actor, kind="export", subject=found.uuid, path=found.org_path, details={"count": found.count})
    if found.kind == RequestKind.MEMBERS:
        from exchange.tasks import produce  # noqa: PLC0415 - tasks call the domain

        produce.delay_on_commit(found.pk)
    return found


def refuse(found: ExportRequest, *, actor: User) -> ExportRequest:
    found = move(_lock(found), RequestState.REFUSED, approver=actor, approver_name=actor.full_name)
    record("refuse_export", actor=actor, kind="export", subject=found.uuid, path=found.org_path)
    return found


def withdraw(found: ExportRequest, *, actor: User) -> ExportRequest:
    found = move(_lock(found), RequestState.WITHDRAWN)
    record("withdraw_export", actor=actor, kind="export", subject=found.uuid, path=found.org_path)
    return found


# --- what comes of it ---


def carry_out(request_id: int) -> None:
    """Make the file of an approved export. Safe to run twice; a refusal is written down for the requester."""
    try:
        _produce(request_id)
    except DomainError as refused:
        _fail(request_id, refused)


@transaction.atomic
def _produce(request_id: int) -> None:
    rows = ExportRequest.objects.select_for_update(skip_locked=True, of=("self",)).select_related("organization", "requester")
    found = rows.filter(pk=request_id, state=RequestState.APPROVED, kind__in=PRODUCED).first()
    if found is None:
        return
    requester = found.asker
    access.forget(requester)
    if not requester.is_active:
        raise Conflict("actor_gone", "提出人的账号已停用，没有生成文件。")
    made = _written(found, requester)
    vault.keep(vault.EXPORTS, found.uuid, made.content)
    move(found, RequestState.READY, count=made.count, produced_at=timezone.now())
    record("produce_export", actor=None, kind="export", subject=found.uuid, path=found.org_path, details={"count": made.count})


def _written(found: ExportRequest, requester: User) -> exports.Exported:
    if found.kind == RequestKind.DUES:
        return registers.write_register(found, actor=requester)
    reason = f"{found.reason}（{found.approver_name}批准）"
    return exports.write_export(Filter(**found.filter), found.organization, reason, actor=requester, identifier=str(found.uuid))


@transaction.atomic
def _fail(request_id: int, refused: DomainError) -> None:
    found = ExportRequest.objects.select_for_update().get(pk=request_id)
    if found.state == RequestState.APPROVED:
        move(found, RequestState.FAILED, notice=refused.message[:200])


@transaction.atomic
def fetch(found: ExportRequest, *, actor: User) -> bytes:
    """The file, for who asked for it, until it expires."""
    found = _own(found, actor, RequestState.READY)
    if found.clear:
        require_by_policy(actor, GuardedAct.NUMBERS, found.org_path, words=exports.IN_CLEAR)
    content = vault.kept(vault.EXPORTS, found.uuid)
    record("fetch_export", actor=actor, kind="export", subject=found.uuid, path=found.org_path, details={"count": found.count})
    return content


@transaction.atomic
def stream(found: ExportRequest, passphrase: str, *, actor: User) -> Iterator[bytes]:
    """The archive of an approved taking out, encrypted as it leaves; nothing of it is kept here."""
    found = _own(found, actor, RequestState.APPROVED)
    words = f"整体带出{found.organization.short_name}"
    require_by_policy(actor, GuardedAct.TAKE_OUT, found.org_path, words=words)
    chunks = taking_out.take_out(found.organization, passphrase, actor=actor, approver=found.approver)
    record("fetch_export", actor=actor, kind="export", subject=found.uuid, path=found.org_path, details={"count": found.count})
    return chunks


def _own(found: ExportRequest, actor: User, state: str) -> ExportRequest:
    found = _lock(found)
    access.require(actor, NEEDS[RequestKind(found.kind)], found.org_path)
    if not is_asked_by(found, actor):
        raise NotAllowed("not_yours", "这份导出由别人提出，只有提出的人能下载。")
    if found.state != state or found.expires_at <= timezone.now():
        raise Conflict("export_not_ready", "这份导出现在不能下载：还没有批准、还在生成，或已过期。")
    return found


def is_asked_by(found: ExportRequest, actor: User) -> bool:
    """By this person and through this very door: what was asked in person does not leave by a token, nor by another one."""
    token = token_of(actor)
    return found.requester_id == actor.pk and found.through_id == (token.pk if token else None)


def forget_exports() -> int:
    """Delete what has expired; that it was, for whom and what for stays known."""
    old = ExportRequest.objects.filter(state__in=(RequestState.APPROVED, RequestState.READY), expires_at__lte=timezone.now())
    return sum(_expire(found) for found in old)


@transaction.atomic
def _expire(found: ExportRequest) -> int:
    found = move(_lock(found), RequestState.EXPIRED)
    record("forget_upload", actor=None, kind="export", subject=found.uuid, path=found.org_path)
    vault.forget(vault.EXPORTS, found.uuid)
    return 1
