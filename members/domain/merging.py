"""One person registered twice: one registration stays, the other is merged into it and nothing of either is lost.

What hangs on the registration that goes is pointed to the one that stays: this room does its own, `signals.merged` asks the
others. It stays as a closed row (`merged_into`) on no roll and in no list; what it said is in its history.
"""

from collections.abc import Mapping
from datetime import date

from django.db import transaction
from django.db.models import Max, Min, Q

from accounts.domain.logins import deactivate
from accounts.models import User
from audit.domain import record
from audit.domain.masking import mask_numbers
from core import access, crypto
from core.dates import today
from core.errors import Conflict, DomainError, NotAllowed
from core.locks import hold_value
from members import signals
from members.domain.merged_fields import FIELDS, GONE, KEEP, is_verified, same_number, take_over
from members.domain.numbers import brought_forward, release
from members.domain.records import hand_over
from members.domain.roll import KEY_DATES, may_change_dates
from members.domain.writing import lock, save
from members.enums import ON_ROLL, MovementKind, Standing
from members.models import Member, Movement, NotTheSame
from orgs.enums import Capability
from workflow.domain.following import start_as
from workflow.domain.following import take_over as take_over_cases

LOGIN = "login"  # the choice between two logins
KIND = "member"
EDIT = Capability.EDIT_MEMBERS


@transaction.atomic
def merge(
    keep: Member,
    gone: Member,
    *,
    choices: Mapping[str, str],
    reason: str,
    actor: User,
    versions: tuple[int, int] | None = None,
) -> Member:
    """Make one file of two registrations of one person. `choices`: field (merged_fields.FIELDS, LOGIN) → KEEP or GONE, whose
    value stays; what is not named stays as in `keep`. `versions`: the two as the actor saw them.
    """
    for one in (keep, gone):
        access.require(actor, EDIT, one.org_path)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明依据：看了什么材料、问了谁。", field="reason")
    keep, gone = lock_both(keep, gone, versions or (keep.version, gone.version))
    _require_mergeable(keep, gone, choices, actor)
    return absorb(keep, gone, choices=choices, reason=reason, actor=actor)


def absorb(keep: Member, gone: Member, *, choices: Mapping[str, str], reason: str, actor: User) -> Member:
    """Make one file of two that are locked and may be merged: what `merge` and the checker of numbers do alike."""
    said = [word for _, words in signals.merging.send(Member, keep=keep, gone=gone, actor=actor) for word in words or ()]
    if said:
        raise Conflict("merge_hindered", "；".join(said) + "。")
    signals.members_changing.send(Member, ids=[keep.pk, gone.pk])
    moved = _hand_over(keep, gone, actor, reason)
    _close(keep, gone, choices, actor=actor, reason=mask_numbers(reason))
    record(
        "merge_members", actor=actor, kind=KIND, subject=keep.uuid, path=keep.org_path, reason=reason,
        details={"merged": str(gone.uuid), "rows": moved, "fields": [f for f in FIELDS if choices.get(f) == GONE]},
    )  # fmt: skip
    return keep


def lock_both(keep: Member, gone: Member, versions: tuple[int, int]) -> tuple[Member, Member]:
    """Both rows, locked in the order of their ids: two merges that cross wait for each other and do not block each other."""
    if keep.pk == gone.pk:
        raise Conflict("same_registration", "这是同一份登记。")
    seen = sorted(((keep, versions[0]), (gone, versions[1])), key=lambda pair: pair[0].pk)
    rows = {one.pk: lock(one, version=version) for one, version in seen}
    return rows[keep.pk], rows[gone.pk]


def _require_mergeable(keep: Member, gone: Member, choices: Mapping[str, str], actor: User) -> None:
    """Two registrations of one person by number or by name and birth, none of them the actor's own."""
    wrong = [f for f, side in choices.items() if f not in (*FIELDS, LOGIN) or side not in (KEEP, GONE)]
    if wrong:
        raise DomainError("choice_unknown", "没有这个选项。", field=wrong[0])
    if actor.pk in (keep.user_id, gone.user_id):
        raise NotAllowed("not_oneself", "不能合并自己的档案，请由另一位同志办理。")
    if not same_number(keep, gone) and (keep.name, keep.birth_date) != (gone.name, gone.birth_date):
        raise DomainError("not_alike", "两份登记的号码不同，姓名和出生日期也不相同，不能合并。请先核实更正。")
    if keep.standing not in ON_ROLL and gone.standing in ON_ROLL:
        raise DomainError("keep_the_standing_one", "另一份还在册，请保留在册的那一份。", field="keep")
    _require_rights(keep, gone, actor)


def _require_rights(keep: Member, gone: Member, actor: User) -> None:
    """What needs more than the right to edit: differing key dates the committee's, two sound numbers the checker's."""
    dates = [f for f in KEY_DATES if getattr(keep, f) != getattr(gone, f)]
    if dates and not (may_change_dates(actor, keep) and may_change_dates(actor, gone)):
        message = "两份登记的出生、入党或转正日期不同，以哪一份为准由基层党委认定，请党委办理合并。"
        raise DomainError("dates_need_committee", message, field=dates[0] if dates[0] == "birth_date" else "party")
    if is_verified(keep) and is_verified(gone) and not same_number(keep, gone):
        checks = access.scope(actor, Capability.CHECK_IDENTITIES)
        if not (checks.covers(keep.org_path) and checks.covers(gone.org_path)):
            message = "两份登记的公民身份号码都有效但不同，要由有“核对号码”权限的上级认定。"
            raise DomainError("numbers_differ", message, field="id_number")


def _hand_over(keep: Member, gone: Member, actor: User, reason: str) -> int:
    """Everything that hangs on `gone` comes to `keep`; answers how many rows that were."""
    why = f"合并重复登记：{reason}"
    moved = hand_over(gone, keep, actor=actor, reason=why)
    moved += _movements(keep, gone)
    moved += Member.ever.filter(merged_into=gone).update(merged_into=keep)
    moved += _verdicts(keep, gone)
    moved += take_over_cases(KIND, gone.uuid, keep.uuid)
    answers = signals.merged.send(Member, keep=keep, gone=gone, actor=actor, reason=why)
    return moved + sum(count or 0 for _, count in answers)


def _movements(keep: Member, gone: Member) -> int:
    """One after the other they are one life; where the roll held both at a time each movement remembers whose it was."""
    if not _one_after_the_other(keep, gone):
        gone.movements.filter(registration=None).update(registration=gone)
    return gone.movements.update(member=keep)


def _one_after_the_other(keep: Member, gone: Member) -> bool:
    """`gone` had left the roll for good before `keep` came onto it."""
    ended: date | None = gone.movements.aggregate(day=Max("happened_on"))["day"]
    began: date | None = keep.movements.aggregate(day=Min("happened_on"))["day"]
    return gone.standing not in ON_ROLL and ended is not None and began is not None and ended < began


def _verdicts(keep: Member, gone: Member) -> int:
    """Who is not `gone` is not `keep` either; what was said of the two themselves is overtaken."""
    NotTheSame.objects.filter(Q(first=gone, second=keep) | Q(first=keep, second=gone)).delete()
    known = set(_others(keep))
    rows = list(NotTheSame.objects.filter(Q(first=gone) | Q(second=gone)))
    for row in rows:
        other = row.second_id if row.first_id == gone.pk else row.first_id
        if other in known:
            row.delete()
            continue
        row.first_id, row.second_id = sorted((other, keep.pk))
        row.save(update_fields=["first", "second"])
    return len(rows)


def _others(member: Member) -> list[int]:
    either = NotTheSame.objects.filter(Q(first=member) | Q(second=member))
    return [a if b == member.pk else b for a, b in either.values_list("first_id", "second_id")]


def _close(keep: Member, gone: Member, choices: Mapping[str, str], *, actor: User, reason: str) -> None:
    """`gone` lets go of what only one may have, `keep` takes the chosen values; the roll counts the person once from today."""
    place, was_on_roll, numbers = gone.org_path, gone.standing in ON_ROLL, _numbers(keep, gone)
    for digest in sorted({digest for number in numbers for digest in crypto.blinds(number, "id_number")}):
        hold_value("id_number", digest)
    taken = take_over(keep, gone, choices)
    kept_login, other_login = _logins(keep, gone, choices)
    Member.ever.filter(pk__in=[keep.pk, gone.pk]).update(user=None)
    gone.standing, gone.merged_into, gone.user = Standing.MERGED, keep, other_login
    gone.organization, gone.org_path = keep.organization, keep.org_path
    gone.id_number = gone.phone = gone.landline = gone.address = ""
    gone.id_blind = gone.phone_blind = None
    gone.contested, gone.tokens, gone.id_unverified = False, [], "登记已合并"
    save(gone, "close_merged", actor=actor, reason=f"重复登记，已合并：{reason}")
    keep.user = kept_login
    save(keep, "amend_member", actor=actor, reason=f"合并重复登记：{reason}", details={"fields": taken})
    if was_on_roll:
        _correct_the_roll(keep, gone, place, actor, reason)
    release(brought_forward(numbers))
    if kept_login and other_login:
        start_as(KIND, keep.uuid, other_login, kept_login)
    if other_login and other_login.is_active:
        deactivate(other_login, f"重复登记合并，账号并为一个：{reason}", actor=actor)


def _numbers(*members: Member) -> list[str]:
    return sorted({one.id_number for one in members if one.id_number})


def _logins(keep: Member, gone: Member, choices: Mapping[str, str]) -> tuple[User | None, User | None]:
    """The login that stays, and the other one, which stays with the closed row. A closed login comes to nobody."""
    first, second = (gone.user, keep.user) if choices.get(LOGIN) == GONE else (keep.user, gone.user)
    if first is None and second is not None and second.is_active:
        return second, None
    return first, second


def _correct_the_roll(keep: Member, gone: Member, place: str, actor: User, reason: str) -> None:
    """The roll held the person twice: one registration less, at the place where it stood (更正)."""
    made = Movement(
        member=keep, registration=gone, org_path=place, kind=MovementKind.CORRECTED, happened_on=today(),
        reason=f"重复登记合并：{reason}"[:200], actor_name=actor.full_name,
    )  # fmt: skip
    made.save()
    signals.movements_recorded.send(Movement, ids=[made.pk])
