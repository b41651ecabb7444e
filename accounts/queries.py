"""Reads: the parameters in force, lists and requests that wait, where a person is signed in."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import CharField, Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from accounts import rules
from accounts.enums import AccountKind, Administrator, CodePurpose, FactorMethod, GuardedAct, ListState, RequestState
from accounts.models import (
    AccountList,
    AccountRequest,
    ActivationCode,
    ClientCertificate,
    Elevation,
    FactorPolicy,
    RecoveryCode,
    SecondFactor,
    SignedInSession,
    User,
)
from accounts.rules import PasswordRules, SessionRules, TryRules, password_has_expired
from audit.domain import origin
from core import dates
from regulations.packs import Pack, pack

PACK = "accounts"

# The rooms above know what role and organisation codes mean: (role codes, organisation codes) -> their names, for the reviewer.
Namer = Callable[[set[str], set[str]], tuple[dict[str, str], dict[str, str]]]
code_namers: list[Namer] = []

# Role codes a person holds now, and every role as (code, name): asked of the room above that keeps the grants.
role_finders: list[Callable[[User], set[str]]] = []
role_listers: list[Callable[[], list[tuple[str, str]]]] = []


def parameters() -> Pack:
    return pack(PACK, on=dates.today())


def password_rules(user: User) -> PasswordRules:
    return password_rules_of(user.kind)


def must_change(user: User) -> bool:
    """Whether nothing is open to the person but changing the password."""
    wanted = password_rules(user)
    return user.must_change_password or password_has_expired(user.password_changed_at, timezone.now(), wanted)


def password_hint() -> str:
    """Before the code is known to be right, the page does not know whose it is: the rules of both kinds."""
    member, officer = password_rules_of(AccountKind.MEMBER), password_rules_of(AccountKind.OFFICER)
    return (
        f"小写字母、大写字母、数字、符号混用：党员至少 {member.min_length} 位、{member.min_classes} 种，"
        f"工作人员至少 {officer.min_length} 位、{officer.min_classes} 种"
    )


def password_rules_of(kind: str) -> PasswordRules:
    values = parameters()
    return PasswordRules(
        min_length=values.integer(f"password_min_length_{kind}"),
        min_classes=values.integer(f"password_min_classes_{kind}"),
        kept=values.integer("password_history_kept"),
        expires_days=values.integer(f"password_expires_days_{kind}"),
    )


def session_rules(kind: str) -> SessionRules:
    values = parameters()
    return SessionRules(
        idle=timedelta(minutes=values.integer(f"session_idle_minutes_{kind}")),
        absolute=timedelta(hours=values.integer(f"session_absolute_hours_{kind}")),
        most=values.integer(f"sessions_at_once_{kind}"),
    )


def code_lifetime(purpose: str) -> timedelta:
    key = "activation_code_days" if purpose == CodePurpose.ACTIVATE else "reset_code_days"
    return timedelta(days=parameters().integer(key))


def sign_in_tries() -> TryRules:
    """Wrong passwords before a lock-out, and how long it lasts."""
    values = parameters()
    return TryRules(values.integer("lockout_failures"), timedelta(minutes=values.integer("lockout_minutes")))


def code_tries() -> TryRules:
    """Wrong activation codes from one address."""
    values = parameters()
    return TryRules(values.integer("code_tries"), timedelta(minutes=values.integer("code_tries_minutes")))


def password_tries() -> TryRules:
    """Wrong present passwords typed into the change form of one account."""
    values = parameters()
    return TryRules(values.integer("password_tries"), timedelta(minutes=values.integer("password_tries_minutes")))


def factor_tries() -> TryRules:
    """Wrong codes at the second step of one account."""
    values = parameters()
    return TryRules(values.integer("factor_tries"), timedelta(minutes=values.integer("factor_tries_minutes")))


def second_step_time() -> timedelta:
    return timedelta(minutes=parameters().integer("second_step_minutes"))


def totp_window() -> int:
    return parameters().integer("totp_window_steps")


def codes_of_a_sheet(method: str) -> int:
    return parameters().integer("sheet_codes" if method == FactorMethod.SHEET else "recovery_codes")


def most_lines() -> int:
    return parameters().integer("list_lines_most")


def account_lists() -> QuerySet[AccountList]:
    waiting_first = Q(state=ListState.PROPOSED)
    return (
        AccountList.objects.select_related("proposed_by", "reviewed_by")
        .annotate(size=Count("lines"), waits=waiting_first)
        .order_by("-waits", "-proposed_at", "-id")
    )


def names_of_codes(roles: set[str], organizations: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    role_names: dict[str, str] = {}
    organization_names: dict[str, str] = {}
    for namer in code_namers:
        of_roles, of_organizations = namer(roles, organizations)
        role_names |= of_roles
        organization_names |= of_organizations
    return role_names, organization_names


def account_requests() -> QuerySet[AccountRequest]:
    return (
        AccountRequest.objects.select_related("user", "requested_by", "decided_by")
        .annotate(waits=Q(state=RequestState.REQUESTED))
        .order_by("-waits", "-requested_at", "-id")
    )


def officer_accounts(search: str = "") -> QuerySet[User]:
    """Officers and administrators; members' logins belong to the member file."""
    found = User.objects.filter(kind=AccountKind.OFFICER).order_by("username")
    term = search.strip()
    return found.filter(Q(username__contains=term.lower()) | Q(full_name__contains=term)) if term else found


def sessions_of(user: User) -> QuerySet[SignedInSession]:
    return SignedInSession.objects.filter(user=user)


def officers_signed_in() -> QuerySet[SignedInSession]:
    """Where officers and administrators are signed in now; members' logins are not the administrators' matter."""
    return SignedInSession.objects.filter(user__kind=AccountKind.OFFICER, user__is_active=True).select_related("user")


def waiting_for(user: User) -> list[tuple[str, int, str]]:
    """What waits for one of the three administrators: (what, how many, page)."""
    asked = AccountRequest.objects.filter(state=RequestState.REQUESTED).select_related("user", "requested_by")
    to_confirm = sum(rules.may_confirm(user, request) for request in asked)
    found = [("待确认的申请", to_confirm, "accounts:requests")]
    if rules.in_post(user, Administrator.SECURITY):
        lists = AccountList.objects.filter(state=ListState.PROPOSED).exclude(proposed_by=user).count()
        found.append(("待审核的账号名单", lists, "accounts:lists"))
    if rules.in_post(user, Administrator.SYSTEM):
        returned = AccountList.objects.filter(state=ListState.RETURNED, proposed_by=user).count()
        found.append(("被退回的账号名单", returned, "accounts:lists"))
    return [line for line in found if line[1]]


def codes_issued_to(user: User) -> QuerySet[ActivationCode]:
    """Who issued codes for this account and when: shown to the person, so that none is issued behind their back."""
    return ActivationCode.objects.filter(user=user).order_by("-issued_at")


def waiting_code(user: User) -> ActivationCode | None:
    """The code that could still be used, if any."""
    return ActivationCode.objects.filter(user=user, used_at=None, superseded_at=None).first()


# --- the second factor ---


def factor_policies() -> dict[str, bool]:
    return dict(FactorPolicy.objects.values_list("subject", "required"))


def is_guarded(act: GuardedAct) -> bool:
    """Whether a policy asks for an elevated session before this act."""
    return FactorPolicy.objects.filter(subject=act, required=True).exists()


def factor_required(user: User, policies: dict[str, bool] | None = None) -> bool:
    """Whether this person must have a second factor; roles are asked for only where a role has a policy of its own."""
    standing = factor_policies() if policies is None else policies
    by_role = user.is_officer and not user.administrator and any(subject.startswith(rules.ROLE) for subject in standing)
    return rules.factor_required(user, standing, roles_of(user) if by_role else set())


def every_role() -> list[tuple[str, str]]:
    """Every role as (code, name), from the room above that keeps them."""
    return [role for lister in role_listers for role in lister()]


def roles_of(user: User) -> set[str]:
    return set().union(*(finder(user) for finder in role_finders))


def factor_of(user: User) -> SecondFactor | None:
    """The factor in force: phone or sheet."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).first()


def is_enrolled(user: User) -> bool:
    return factor_of(user) is not None or ClientCertificate.objects.filter(user=user).exists()


def lacks_factor(user: User, policies: dict[str, bool]) -> bool:
    """A second factor is required of this person, and none is bound: until then no door opens, a program's neither."""
    return bool(policies) and factor_required(user, policies) and not is_enrolled(user)


def is_elevated(user: User, capability: str, path: str) -> bool:
    """Whether this very session was lifted for this capability on this node, and the time still runs.

    A command or a task has no session: the server's operator answers for it, and the record names the user of the operating
    system. What came over the network without a session (a program's token) is never lifted.
    """
    session = getattr(user, "present_session", None)
    if session is None:
        return not origin().address
    return elevations_of(session).filter(capability=capability, path=path).exists()


def elevations_of(session: SignedInSession) -> QuerySet[Elevation]:
    """Those that still run."""
    return Elevation.objects.filter(session=session, ended_at=None, expires_at__gt=timezone.now())


def elevated_time() -> timedelta:
    return timedelta(minutes=parameters().integer("elevated_minutes"))


def codes_left(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def policy_lines() -> ArraySubquery:
    """All policies as texts, to be read along with another row; `read_policies` understands them."""
    line = Concat("subject", Value("="), Cast("required", CharField()), output_field=CharField())
    return ArraySubquery(FactorPolicy.objects.order_by("pk").values(line=line))


def read_policies(lines: Iterable[str]) -> dict[str, bool]:
    return {subject: value == "true" for subject, _, value in (line.rpartition("=") for line in lines)}


def session_with_factor(user: User, token_hash: bytes) -> SignedInSession | None:
    """The session with what its gate asks, in one query: whether the person is enrolled, and the policies."""
    found = SignedInSession.objects.filter(user=user, token_hash=token_hash).annotate(
        phone_or_sheet=Exists(SecondFactor.objects.filter(user=OuterRef("user"), confirmed_at__isnull=False)),
        certificate=Exists(ClientCertificate.objects.filter(user=OuterRef("user"))),
        policies=policy_lines(),
    )
    return found.first()
