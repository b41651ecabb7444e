"""Verbs of the base: the member declares it or says "unchanged", the branch confirms or returns it.

What it changes for months already assessed is settled once, when it is confirmed.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access
from core.dates import today
from core.errors import Conflict, DomainError, NotAllowed
from core.transitions import check
from dues.domain.assessing import settle
from dues.domain.opening import span_of
from dues.domain.reckoning import hold
from dues.enums import FIXED, UNSETTLED, Kind, Source, StandardState
from dues.models import Standard
from dues.queries import in_force
from dues.rules import PACK, Amount, assess, base_of, checked_base, first_of
from members.enums import ON_ROLL
from members.models import Member
from orgs.enums import Capability
from regulations.packs import Pack, pack

ITEMS_MOST = 12


@dataclass(frozen=True)
class Declaration:
    """What somebody says of an income: parts put in and (less than zero) taken off; `why` where a base stands already."""

    kind: str
    items: Sequence[tuple[str, Decimal]] = ()
    month: date | None = None
    why: str = ""


@transaction.atomic
def declare(member: Member, declaration: Declaration, *, actor: User) -> Standard:
    """Declare a base: the member for the own file, or the branch for who cannot. It counts once the branch has confirmed it."""
    member = _for_base(member, actor)
    kind, month = _checked(declaration)
    base = None if kind in FIXED else base_of([(label, checked_base(abs(a)).copy_sign(a)) for label, a in declaration.items])
    _check_change(member, declaration, kind, month)
    source = Source.DECLARED if member.user_id == actor.pk else Source.BRANCH
    found = _unsettled(member) or Standard(member=member)
    found.kind, found.why = kind, mask_numbers(declaration.why)[:200]
    found.from_month, found.to_month = _span(member, kind, month)
    found.items_json = (
        json.dumps([[label, str(a)] for label, a in declaration.items], ensure_ascii=False) if base is not None else ""
    )
    found.base_text = str(base) if base is not None else ""
    return _declared(found, source, actor)


@transaction.atomic
def keep_unchanged(member: Member, *, actor: User) -> Standard:
    """ "和去年一样": one tap. The last confirmed base is declared for the span that is asked for."""
    member = _for_base(member, actor)
    found = _unsettled(member)
    last = in_force(member, first_of(today()))
    if found is None or last is None or last.kind in FIXED:
        raise Conflict("nothing_to_keep", "现在没有要申报的，或者还没有以前的基数，请刷新页面。")
    found.kind, found.why = last.kind, ""
    found.from_month, found.to_month = _span(member, last.kind, found.from_month)
    found.items_json, found.base_text = last.items_json, last.base_text
    return _declared(found, Source.UNCHANGED, actor)


def _declared(found: Standard, source: str, actor: User) -> Standard:
    if found.pk and found.state != StandardState.DECLARED:
        check(Standard, found.state, StandardState.DECLARED)
    found.version += 1 if found.pk else 0
    found.state, found.source, found.returned_why = StandardState.DECLARED, source, ""
    found.declared_by, found.declared_at = actor.full_name, timezone.now()
    found.monthly = _amount(found).amount
    _save(found, "declare_dues_base", Source(source).label, actor)
    return found


@transaction.atomic
def confirm(found: Standard, *, actor: User, version: int) -> Decimal:
    """The branch confirms a declared base. Returns the difference for the months already assessed, settled here and once."""
    return confirm_all([found], actor=actor, versions={found.pk: version})


@transaction.atomic
def confirm_all(found: Sequence[Standard], *, actor: User, versions: dict[int, int]) -> Decimal:
    """Confirm what was seen; if one has changed since, none is confirmed."""
    hold()
    locked = [_locked(one, versions[one.pk], actor) for one in sorted(found, key=lambda s: s.pk)]
    for one in locked:
        if one.member.user_id == actor.pk:
            raise NotAllowed("own_base", "自己的基数由别的同志确认。")
        _confirm(one, actor)
    return _settled([one.member_id for one in locked], actor)


def _confirm(one: Standard, actor: User) -> None:
    check(Standard, one.state, StandardState.CONFIRMED)
    former = Standard.objects.filter(member=one.member_id, from_month=one.from_month, state=StandardState.CONFIRMED)
    for old in former.select_for_update(no_key=True):
        old.state, old.version = StandardState.REPLACED, old.version + 1
        _save(old, "replace_dues_base", one.why or "新的基数已确认", actor)
    counted = _amount(one)
    one.monthly, one.pack = counted.amount, counted.pack
    one.state, one.version = StandardState.CONFIRMED, one.version + 1
    one.confirmed_by, one.confirmed_at = actor.full_name, timezone.now()
    _save(one, "confirm_dues_base", "", actor)


@transaction.atomic
def return_base(found: Standard, why: str, *, actor: User, version: int) -> Standard:
    """Give a declared base back with what is asked."""
    if not why.strip():
        raise DomainError("reason_missing", "请写明要本人改什么。", field="why")
    one = _locked(found, version, actor)
    check(Standard, one.state, StandardState.RETURNED)
    one.state, one.version, one.returned_why = StandardState.RETURNED, one.version + 1, mask_numbers(why.strip())[:200]
    _save(one, "return_dues_base", one.returned_why, actor)
    return one


def _settled(members: Sequence[int], actor: User) -> Decimal:
    from dues.queries import assessed_total  # noqa: PLC0415 - beside its only use

    before = assessed_total(members)
    settle(members, actor=actor)
    return assessed_total(members) - before


def _locked(found: Standard, version: int, actor: User) -> Standard:
    one = Standard.objects.select_for_update(no_key=True, of=("self",)).select_related("member").get(pk=found.pk)
    access.require(actor, Capability.COLLECT_DUES, one.member.org_path)
    if one.version != version:
        raise Conflict("changed_meanwhile", "在您打开以后，这份基数又有变动。请刷新后再办。")
    return one


def _for_base(member: Member, actor: User) -> Member:
    """The member under a lock that keeps its place; the member's own, or somebody's who collects there."""
    member = Member.objects.select_for_update(no_key=True, of=("self",)).select_related("organization").get(pk=member.pk)
    if member.user_id != actor.pk:
        access.require(actor, Capability.COLLECT_DUES, member.org_path)
    if member.standing not in ON_ROLL:
        raise DomainError("not_on_roll", "不在册的党员不交党费。")
    return member


def _unsettled(member: Member) -> Standard | None:
    return Standard.objects.select_for_update(no_key=True).filter(member=member, state__in=UNSETTLED).first()


def _checked(declaration: Declaration) -> tuple[str, date]:
    if declaration.kind not in Kind.values:
        raise DomainError("kind_missing", "请选择交纳类别。", field="kind")
    if declaration.kind not in FIXED and (not declaration.items or len(declaration.items) > ITEMS_MOST):
        raise DomainError("base_missing", "请填写收入。", field="base")
    return declaration.kind, first_of(declaration.month or today())


def _check_change(member: Member, declaration: Declaration, kind: str, month: date) -> None:
    """年初核定，年内一般不变: a base of the same kind that stands is changed for a reason that is written down (C5)."""
    rules = rules_of(member, month)
    last = in_force(member, month)
    stands = last is not None and last.kind == kind and last.to_month >= month
    if stands and not rules.value("within_year.change") and not declaration.why.strip():
        message = "基数已经核定，年内一般不变。确有差错或者情况变化的，请写明原因。"
        raise DomainError("base_stands", message, clause=str(rules.clause("within_year.change")), field="why")


def _span(member: Member, kind: str, month: date) -> tuple[date, date]:
    """From the beginning of the year, quarter or month; from this month where another kind stood, or rates follow the pay."""
    first, last = span_of(kind, month)
    before = in_force(member, month)
    stands = before is not None and before.to_month >= month
    follows = rules_of(member, month).value("within_year.change")
    return (month if stands and before and (before.kind != kind or follows) else first), last


def rules_of(member: Member, month: date) -> Pack:
    return pack(PACK, on=month, at=member.org_path)


def _amount(one: Standard) -> Amount:
    return assess(one.kind, one.base, rules_of(one.member, one.from_month))


def _save(one: Standard, verb: str, reason: str, actor: User) -> None:
    one._history_user, one._change_reason = actor, reason[:300]
    one.save()
    details = {"month": f"{one.from_month:%Y-%m}", "kind": one.get_kind_display()}
    record(
        verb, actor=actor, kind="member", subject=one.member.uuid, path=one.member.org_path, reason=reason, details=details
    )  # fmt: skip
