"""Why a person may, or may not, use a capability on a node: the answer of `core.access.scope`, with its grounds in words.

What a running case lends is one object, not a node: it does not make the answer a yes, but is named beside it, by the kind of
case and without the object's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from core import access, paths
from core.access import Lent, Scope
from orgs.enums import Capability, GrantState, Ground
from orgs.models import Grant, Organization, Role, Seal
from orgs.queries import grants_in_force, grants_reaching

SUPERIOR = "上级党组织"
ELSEWHERE = "别处的党组织"


@dataclass(frozen=True)
class Reason:
    """One ground of the answer. `organization` is where the grant was given, the seal lies or the loan goes to."""

    ground: Ground
    text: str
    grant: Grant | None = None
    organization: Organization | None = None
    loan: Lent | None = None

    @property
    def allows(self) -> bool:
        return self.ground == Ground.GRANT

    def as_json(self) -> dict[str, object]:
        found: dict[str, object] = {"ground": self.ground.value, "allows": self.allows, "text": self.text}
        if self.organization is not None:
            found["organization"] = {"code": self.organization.code, "name": self.organization.name}
        if self.grant is not None:
            found |= _grant_json(self.grant)
        if self.loan is not None:
            found |= _loan_json(self.loan)
        return found


def _grant_json(grant: Grant) -> dict[str, object]:
    return {
        "grant": str(grant.uuid),
        "role": {"code": grant.role.code, "name": grant.role.name},
        "from": grant.valid_from.isoformat(),
        "until": grant.valid_to.isoformat() if grant.valid_to else None,
        "why": grant.why,
        "granted_by": grant.granted_by,
    }


def _loan_json(loan: Lent) -> dict[str, object]:
    until = loan.until.isoformat() if loan.until else None
    return {"object": str(loan.uuid), "case": str(loan.case), "matter": loan.matter, "until": until}


@dataclass(frozen=True)
class Verdict:
    allowed: bool
    because: tuple[Reason, ...]

    def as_json(self) -> dict[str, object]:
        return {"allowed": self.allowed, "because": [reason.as_json() for reason in self.because]}


def verdict(user: User, capability: str, organization: Organization, *, seen: Scope | None = None) -> Verdict:
    """Whether `user` may use `capability` on the node now. `seen` is what the reader may see named; None: everything."""
    access.forget(user)
    allowed = access.scope(user, capability).covers(organization.path)
    writer = _Writer(user, capability, organization, seen)
    reasons = tuple(writer.grounds_for() if allowed else writer.grounds_against())
    return Verdict(allowed, reasons)


class _Writer:
    def __init__(self, user: User, capability: str, organization: Organization, seen: Scope | None) -> None:
        self.user, self.capability, self.node, self.seen = user, Capability(capability), organization, seen
        self.above = paths.ancestors(organization.path)

    def name(self, organization: Organization) -> str:
        if self.seen is None or self.seen.covers(organization.path):
            return organization.name
        return SUPERIOR

    def grounds_for(self) -> Iterator[Reason]:
        for grant in grants_reaching(self.node.path).filter(user=self.user, role__capabilities__contains=[self.capability]):
            text = f"{self._given(grant)}，{_until(grant)}；依据：{grant.why}。"
            yield Reason(Ground.GRANT, text, grant, grant.organization)

    def grounds_against(self) -> list[Reason]:
        against = list(self._about_the_person()) or list(self._about_the_grants()) or list(self._elsewhere())
        return [*against, *self._lent()]

    def _lent(self) -> Iterator[Reason]:
        """Single objects at the node or below it that running cases lend to the person."""
        found = access.loans_within(self.user, self.capability, self.node.path)
        nodes = {o.path: o for o in Organization.objects.filter(path__in={one.node_path for one in found})} if found else {}
        for one in found:
            to = nodes[one.node_path]
            known = self.seen is None or self.seen.covers(to.path)
            name = to.name if known else ELSEWHERE
            term = f"，这一步{one.until:%Y年%-m月%-d日}前办完" if one.until else ""
            text = f"“{one.matter}”办理期间借给{name}：只限这件事所办的一个对象，办结即止{term}。"
            yield Reason(Ground.LENT, text, None, to if known else None, one)

    def _about_the_person(self) -> Iterator[Reason]:
        if self.user.administrator:
            text = f"{self.user.get_administrator_display()}是三员之一，三员不持有业务权限。"
            yield Reason(Ground.ADMINISTRATOR, text)
        if not self.user.is_officer:
            yield Reason(Ground.MEMBER, "这是党员账号，只能办本人的事，不能授权。")
        if not self.user.is_active:
            yield Reason(Ground.INACTIVE, "账号已停用或尚未生效，停用期间任何授权都不起作用。")

    def _about_the_grants(self) -> Iterator[Reason]:
        """Grants on the node or above it, in whatever state: each with what keeps it from allowing."""
        given = Grant.objects.filter(user=self.user, organization__path__in=self.above).select_related("role", "organization")
        lowest = self._lowest_seal()
        for grant in given.order_by("-organization__path", "-pk"):
            if self.capability in grant.role.capabilities:
                yield self._failed(grant, lowest)
            elif grant.state == GrantState.IN_FORCE:
                text = f"{self._given(grant)}，但这个角色没有“{self.capability.label}”。"
                yield Reason(Ground.ROLE, text, grant, grant.organization)

    def _failed(self, grant: Grant, lowest: Seal | None) -> Reason:
        given, state = self._given(grant), grant.state
        if state == GrantState.REVOKED:
            when = f"{timezone.localtime(grant.revoked_at):%Y年%-m月%-d日}"
            return Reason(Ground.REVOKED, f"{given}，已于{when}收回：{grant.revoked_why}。", grant, grant.organization)
        if state == GrantState.EXPIRED:
            return Reason(Ground.EXPIRED, f"{given}，{_until(grant)}，现已到期。", grant, grant.organization)
        if state == GrantState.TO_COME:
            start = f"{timezone.localtime(grant.valid_from):%Y年%-m月%-d日}"
            return Reason(Ground.TO_COME, f"{given}，从{start}起才生效。", grant, grant.organization)
        if lowest is not None and grant.organization.path < lowest.organization.path:
            text = f"{given}，但{self.name(lowest.organization)}已凭{lowest.document_no}封闭，上级的授权不及于其中。"
            return Reason(Ground.SEAL, text, grant, lowest.organization)
        return Reason(Ground.LATE, f"{given}，权限正在生效，请稍后再看。", grant, grant.organization)

    def _lowest_seal(self) -> Seal | None:
        sealed = Seal.objects.filter(lifted_at__isnull=True, organization__path__in=self.above)
        return sealed.select_related("organization").order_by("-organization__path").first()

    def _elsewhere(self) -> Iterator[Reason]:
        held = grants_in_force().filter(user=self.user, role__capabilities__contains=[self.capability])
        for grant in held.select_related("role", "organization").order_by("organization__path") if self.seen is None else []:
            yield Reason(Ground.ELSEWHERE, f"{self._given(grant)}，但那里不是这个组织或它的上级。", grant, grant.organization)
        if self.seen is not None or not held.exists():
            yield NOTHING

    def _given(self, grant: Grant) -> str:
        return f"在{self.name(grant.organization)}任“{grant.role.name}”"


NOTHING = Reason(Ground.NOTHING, "没有及于这个组织的授权。")


def nobody() -> Verdict:
    """The answer about an account that does not exist, or that has nothing to do with the node: the same for both."""
    return Verdict(False, (NOTHING,))


def _until(grant: Grant) -> str:
    last = grant.last_day
    return f"到{last:%Y年%-m月%-d日}止" if last else "没有定截止日期"


# --- what would a role open ---


def opened_by(role: Role, organization: Organization) -> access.Holdings:
    """What a person would hold who had only `role` on the node; nothing is written."""
    sealed = Seal.objects.filter(lifted_at__isnull=True).values_list("organization__path", flat=True)
    return access.Holdings({c: [organization.path] for c in role.capabilities}, list(sealed))
