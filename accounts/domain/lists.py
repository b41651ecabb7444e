"""Officers' accounts: proposed as one list, in force after another person's review (rules.md §11.2)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import queries, rules, signals
from accounts.domain.codes import IssuedCode, write_code
from accounts.enums import AccountKind, CodePurpose, LineOutcome, ListState
from accounts.models import AccountList, AccountListLine, User
from accounts.rules import LineDraft, LineFault
from audit.domain import record
from core.errors import Conflict, DomainError, NotAllowed
from core.transitions import check, move

CLAUSE = "系统管理员建号，安全保密管理员审核后生效（三员分立）"


class ListRefused(DomainError):
    """Every faulty line, so that all are mended at once."""

    def __init__(self, faults: list[LineFault]) -> None:
        first = faults[0]
        super().__init__("list_refused", f"有 {len(faults)} 处要改。第 {first.row} 行：{first.message}。", clause=CLAUSE)
        self.faults = faults


@dataclass(frozen=True)
class ApprovedList:
    """The list and its codes, for the sheet that is printed once."""

    list: AccountList
    codes: tuple[IssuedCode, ...]


@transaction.atomic
def propose_list(lines: Sequence[LineDraft], *, actor: User, note: str = "") -> AccountList:
    if not rules.may_propose(actor):
        raise NotAllowed("not_system_administrator", "账号名单由系统管理员提出。", clause=CLAUSE)
    if not lines:
        raise DomainError("empty_list", "名单是空的，请至少填一行。", field="lines")
    if len(lines) > queries.most_lines():
        raise DomainError("too_many_lines", f"一份名单最多 {queries.most_lines()} 个账号，请分几份提出。", field="lines")
    faults = faults_of(lines)
    if faults:
        raise ListRefused(faults)
    proposed = AccountList.objects.create(proposed_by=actor, note=note.strip()[:200])
    AccountListLine.objects.bulk_create(
        AccountListLine(list=proposed, position=position, **vars(line)) for position, line in enumerate(lines, start=1)
    )
    record("propose_list", actor=actor, kind="account_list", subject=proposed.uuid, details={"lines": len(lines)})
    return proposed


def faults_of(lines: Sequence[LineDraft]) -> list[LineFault]:
    """What the lines, the names already taken, and higher rooms (roles, organisations) object to, in row order."""
    faults = rules.line_faults(lines) + _taken_faults(lines)
    for _, answer in signals.lines_proposed.send(sender=AccountList, drafts=list(lines)):
        faults += answer or []
    return sorted(faults, key=lambda fault: fault.row)


def _taken_faults(lines: Sequence[LineDraft]) -> list[LineFault]:
    names = [line.username for line in lines]
    taken = set(User.objects.filter(username__in=names).values_list("username", flat=True))
    waiting = AccountListLine.objects.filter(username__in=names, list__state=ListState.PROPOSED)
    asked = set(waiting.values_list("username", flat=True))
    return [
        LineFault(row, "username", "username_taken", f"登录名“{line.username}”已有人用，或在另一份待审核的名单里")
        for row, line in enumerate(lines, start=1)
        if line.username in taken | asked
    ]


@transaction.atomic
def approve_list(proposed: AccountList, *, actor: User, leave_out: Collection[str] = ()) -> ApprovedList:
    """In force at once, except the login names left out. `list_approved` is heard inside this transaction."""
    locked = _locked_for_review(proposed, actor)
    check(AccountList, locked.state, ListState.APPROVED)
    lines = list(locked.lines.order_by("position"))
    wanted = [line for line in lines if line.username not in leave_out]
    if not wanted:
        raise DomainError("nothing_left", "一个账号也没有留下。都不同意时，请退回名单。", clause=CLAUSE)
    _require_free([line.username for line in wanted])
    move(locked, ListState.APPROVED, reviewed_by=actor, reviewed_at=timezone.now())
    codes = tuple(_open(line, actor) for line in wanted)
    locked.lines.exclude(pk__in=[line.pk for line in wanted]).update(outcome=LineOutcome.LEFT_OUT)
    details = {"created": len(wanted), "left_out": len(lines) - len(wanted)}
    record("approve_list", actor=actor, kind="account_list", subject=locked.uuid, details=details)
    signals.list_approved.send(sender=AccountList, list=locked, lines=wanted, actor=actor)
    return ApprovedList(locked, codes)


def _locked_for_review(proposed: AccountList, actor: User) -> AccountList:
    locked = AccountList.objects.select_for_update().get(pk=proposed.pk)
    if not rules.may_review(actor, locked):
        raise NotAllowed("not_reviewer", "名单由安全保密管理员审核，提出名单的人不能审核。", clause=CLAUSE)
    return locked


def _require_free(names: list[str]) -> None:
    taken = User.objects.filter(username__in=names).order_by("username").values_list("username", flat=True)
    if taken:
        raise Conflict("username_taken", f"登录名“{'、'.join(taken)}”已有人用，请退回名单修改。")


def _open(line: AccountListLine, actor: User) -> IssuedCode:
    """The account of one line, in force and without a password until its code is used."""
    line.user = User.objects.create(
        username=line.username,
        full_name=line.full_name,
        kind=AccountKind.OFFICER,
        is_active=True,
        password=make_password(None),
    )
    line.outcome = LineOutcome.CREATED
    line.save(update_fields=["user", "outcome"])
    record("open_account", actor=actor, kind="account", subject=line.user.uuid)
    return write_code(line.user, CodePurpose.ACTIVATE, actor=actor)


@transaction.atomic
def return_list(proposed: AccountList, reason: str, *, actor: User) -> AccountList:
    locked = _locked_for_review(proposed, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明退回的原因，提出的人好修改。", field="reason")
    move(locked, ListState.RETURNED, reviewed_by=actor, reviewed_at=timezone.now(), reason=reason.strip()[:200])
    record("return_list", actor=actor, kind="account_list", subject=locked.uuid, reason=locked.reason)
    return locked
