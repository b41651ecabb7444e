"""Of whom a second factor is required: one row for a kind of account, a post of 三员, or a role."""

from django.db import transaction
from django.utils import timezone

from accounts import queries, rules
from accounts.enums import FactorSubject, GuardedAct
from accounts.models import FactorPolicy, User
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError, NotAllowed

WEAKEN = "set_factor_policy"
CLAUSE = "GB/T 22239-2019 8.1.4.1（两种及以上组合鉴别；条款内容待核）"


@transaction.atomic
def begin() -> None:
    """What holds when an installation is founded: everybody but the members, and every guarded act. What already stands is
    left as it is."""
    for subject in (*FactorSubject.values, *GuardedAct.values):
        standing = {"required": subject != FactorSubject.MEMBER, "reason": "建立平台时的规定"}
        FactorPolicy.objects.get_or_create(subject=subject, defaults=standing)


@transaction.atomic
def set_policy(subject: str, *, required: bool | None, reason: str, actor: User) -> FactorPolicy | None:
    """Require it, or not; None gives a role back to the policy of all officers. At once, also for who is signed in."""
    if not rules.may_set_policy(actor):
        raise NotAllowed("security_administrator_only", "二次验证的规定由安全保密管理员办理。", clause="三员分立")
    if subject not in {key for key, _ in subjects()}:
        raise DomainError("subject_unknown", "没有这个角色或类别。", field="subject")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明依据。", field="reason")
    standing = FactorPolicy.objects.select_for_update().filter(subject=subject).first()
    if (standing.required if standing else None) == required:
        raise Conflict("policy_unchanged", "现在就是这样规定的，没有改动。")
    if not required:
        access.require_elevated(actor, WEAKEN, "", act="放宽二次验证的规定")
    made = _write(subject, standing, required, reason.strip()[:200], actor)
    record("set_factor_policy", actor=actor, kind="policy", reason=reason, details={"subject": subject, "required": required})
    return made


def _write(subject: str, standing: FactorPolicy | None, required: bool | None, reason: str, actor: User) -> FactorPolicy | None:
    if required is None:
        if not subject.startswith(rules.ROLE):
            raise DomainError("subject_needs_answer", "这一类没有上一级规定，请选“要求”或“不要求”。", field="required")
        FactorPolicy.objects.filter(subject=subject).delete()
        return None
    made = standing or FactorPolicy(subject=subject)
    made.required, made.reason, made.changed_by, made.changed_at = required, reason, actor.full_name, timezone.now()
    made.save()
    return made


def subjects() -> list[tuple[str, str]]:
    """Everything a policy can be about, with the name people read: kinds and posts first, then the acts and the roles."""
    acts = [(act.value, f"办理前再次验证：{act.label}") for act in GuardedAct]
    roles = [(f"{rules.ROLE}{code}", name) for code, name in queries.every_role()]
    return [*FactorSubject.choices, *acts, *roles]
