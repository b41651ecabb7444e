"""The door for programs: the token says who acts, narrows what they hold, and is counted."""

import time
from ipaddress import ip_address, ip_network
from typing import Any

from django.core.cache import cache
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import User
from accounts.queries import lacks_factor, must_change, parameters, policy_lines, read_policies
from audit.domain import origin
from orgs.domain import tokens
from orgs.models import ApiToken
from orgs.queries import narrow_to

WINDOW = 60  # seconds
REFUSED = "接口令牌不能用：没有这个令牌，或已到期、已收回，或本人的账号已停用、口令待更换，或不是从允许的地址使用。"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`. One answer for every token that is no good."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        words = get_authorization_header(request).decode("latin-1").split()
        if not words or words[0].lower() != "bearer":
            return None
        token = _find(words[1]) if len(words) == 2 else None
        address = origin().address
        if token is None or not may_be_used(token, address):
            raise AuthenticationFailed(REFUSED, code="token_refused")
        tokens.note_use(token, address)
        narrow_to(token.owner, token)
        return token.owner, token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _find(plain: str) -> ApiToken | None:
    known = ApiToken.objects.select_related("owner", "organization").annotate(policies=policy_lines())
    return known.filter(token_hash=tokens.hash_of(plain)).first()


def may_be_used(token: ApiToken, address: str) -> bool:
    """In force, from where it may be used, for an owner whose account and password are in force."""
    owner = token.owner
    in_force = token.revoked_at is None and timezone.now() < token.expires_at
    at_work = (
        owner.is_active
        and owner.is_officer
        and not owner.administrator
        and not (must_change(owner) or lacks_factor(owner, read_policies(token.policies)))
    )
    return in_force and at_work and _from_where_it_may(token, address)


def _from_where_it_may(token: ApiToken, address: str) -> bool:
    if not token.addresses:
        return True
    try:
        return any(ip_address(address) in ip_network(network) for network in token.addresses)
    except ValueError:
        return False


class Throttle(BaseThrottle):
    """So many requests a minute for each token, and for each person with everything they use; fixed windows in the cache."""

    def allow_request(self, request: Request, view: Any) -> bool:
        limits = parameters()
        counted = []
        if isinstance(request.auth, ApiToken):
            counted.append((f"token:{request.auth.pk}", limits.integer("token_requests_per_minute")))
        if request.user and request.user.is_authenticated:
            counted.append((f"owner:{request.user.pk}", limits.integer("owner_requests_per_minute")))
        return all([_count(name) <= most for name, most in counted])

    def wait(self) -> float:
        """Until the next window begins."""
        return WINDOW - time.time() % WINDOW + 1


def _count(name: str) -> int:
    key = f"api:{name}:{int(time.time()) // WINDOW}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        return cache.incr(key)
    except ValueError:  # gone between the two: a new window has begun
        return 1
