"""接口令牌: made by its owner, shown once, kept as a hash, taken back by the owner or the security administrator."""

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.enums import Administrator
from accounts.models import User
from accounts.queries import parameters
from audit.domain import record
from core import access
from core.errors import Conflict, DomainError, Missing, NotAllowed
from orgs.enums import Capability
from orgs.models import ApiToken, Organization
from orgs.queries import tokens_in_force

PREFIX = "dangwu_"
COARSE = timedelta(minutes=1)  # the time of last use is coarse: one write a minute
BY_SYSTEM = "系统"


@dataclass(frozen=True)
class Issued:
    """The only moment the token itself exists on our side."""

    token: ApiToken
    plain: str


@dataclass(frozen=True)
class Wanted:
    """What a token is to be good for."""

    name: str
    organization: Organization
    capabilities: Sequence[str]
    days: int
    addresses: Sequence[str] = ()


def hash_of(plain: str) -> bytes:
    """A token is 256 random bits: a plain hash cannot be turned round."""
    return hashlib.sha256(plain.encode()).digest()


@transaction.atomic
def make_token(wanted: Wanted, *, actor: User) -> Issued:
    """A token of the actor's own, for capabilities the actor holds on the node now. Administrators (三员) have none."""
    _require_owner(actor)
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    capabilities, addresses = _capabilities(wanted, actor), _addresses(wanted.addresses)
    _require_room(actor)
    now, plain = timezone.now(), PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        owner=actor, organization=wanted.organization, name=_name(wanted.name), capabilities=capabilities, addresses=addresses,
        token_hash=hash_of(plain), hint=plain[-4:], made_at=now, expires_at=now + timedelta(days=_days(wanted.days)),
    )  # fmt: skip
    record(
        "make_token", actor=actor, kind="token", subject=token.uuid, path=wanted.organization.path, reason=token.name,
        details={"organization": wanted.organization.name, "capabilities": capabilities, "until": token.expires_at.isoformat()},
    )  # fmt: skip
    return Issued(token, plain)


def _require_owner(actor: User) -> None:
    """An officer in person: no administrator, no member, and never a program through a token it already has."""
    if actor.administrator or not actor.is_officer:
        raise NotAllowed("no_token_for_this_account", "三员账号和党员账号不能有接口令牌。", clause="三员分立")
    if access.narrowing_of(actor):
        raise NotAllowed("not_through_a_token", "接口令牌要本人登录后在网页上制作。")


def _capabilities(wanted: Wanted, actor: User) -> list[str]:
    chosen = sorted(set(wanted.capabilities))
    if not chosen or set(chosen) - set(Capability.values):
        raise DomainError("capabilities_missing", "请至少勾选一项权限。", field="capabilities")
    path = wanted.organization.path
    held = [c for c in chosen if access.scope(actor, c).covers(path)]
    if not held:
        raise Missing
    if left := [Capability(c).label for c in chosen if c not in held]:
        raise DomainError("capability_not_held", f"您在这个组织没有这些权限：{'、'.join(left)}。", field="capabilities")
    return chosen


def _addresses(written: Iterable[str]) -> list[str]:
    """Single addresses and networks, as the library writes them."""
    found = []
    for text in written:
        try:
            found.append(str(ipaddress.ip_network(text.strip(), strict=False)))
        except ValueError:
            message = f"看不懂这个地址：{text.strip()[:40]}。请写作 10.1.2.3 或 10.1.2.0/24。"
            raise DomainError("bad_address", message, field="addresses") from None
    return found


def _require_room(actor: User) -> None:
    most = parameters().integer("tokens_at_once")
    if tokens_in_force().filter(owner=actor).count() >= most:
        raise Conflict("too_many_tokens", f"同时有效的令牌最多 {most} 个，请先收回不用的。")


def _name(name: str) -> str:
    if not name.strip():
        raise DomainError("name_missing", "请写明令牌做什么用。", field="name")
    return name.strip()


def _days(days: int) -> int:
    values = parameters()
    most = values.integer("token_days_most")
    if not 1 <= days <= most:
        clause = str(values.clause("token_days_most"))
        raise DomainError("bad_term", f"有效期要在 1 到 {most} 天之间。", clause=clause, field="days")
    return days


@transaction.atomic
def revoke_token(token: ApiToken, reason: str, *, actor: User) -> ApiToken:
    """End a token at once: the owner's own, or any by the security administrator."""
    security = actor.is_active and actor.administrator == Administrator.SECURITY
    if token.owner_id != actor.pk and not security:
        raise Missing
    if access.narrowing_of(actor):
        raise NotAllowed("not_through_a_token", "接口令牌要本人登录后在网页上收回。")
    token = ApiToken.objects.select_for_update(of=("self",)).select_related("organization").get(pk=token.pk)
    if token.revoked_at is not None:
        raise Conflict("already_revoked", "这个令牌已经收回。")
    if security and not reason.strip():
        raise DomainError("reason_missing", "请写明收回的理由。", field="reason")
    _end([token], reason.strip() or "本人收回", by=actor.full_name, actor=actor)
    return token


@transaction.atomic
def revoke_tokens_of(owner: User, reason: str, *, actor: User | None) -> int:
    """All of them: when an account is closed. Opening it again brings none back."""
    running = list(
        ApiToken.objects.select_for_update(of=("self",)).select_related("organization").filter(owner=owner, revoked_at=None)
    )
    _end(running, reason, by=actor.full_name if actor else BY_SYSTEM, actor=actor)
    return len(running)


def _end(tokens: Sequence[ApiToken], reason: str, *, by: str, actor: User | None) -> None:
    for token in tokens:
        token.revoked_at, token.revoked_by, token.revoked_why = timezone.now(), by, reason[:200]
        token.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
        record("revoke_token", actor=actor, kind="token", subject=token.uuid, path=token.organization.path, reason=reason)


def note_use(token: ApiToken, address: str) -> None:
    """When and from where it was last used; no trace of every request."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= COARSE:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now, last_address=address[:64])
