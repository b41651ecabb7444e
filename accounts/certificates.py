"""Client certificates as the proxy in front reports them (also SM2: the proxy checks, we believe its word).

Off unless both settings are given. A header counts only from the proxy's address and beside the secret that only it knows:
anybody else can write the same header.
"""

import hmac
import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest

from accounts.models import ClientCertificate, User

_FINGERPRINT = re.compile(r"[0-9a-f]{40,128}")


@dataclass(frozen=True)
class Presented:
    fingerprint: str
    name: str


def presented(request: HttpRequest) -> Presented | None:
    """The certificate of this connection, if the proxy vouches for it."""
    if not _from_the_proxy(request) or request.META.get("HTTP_X_CLIENT_VERIFY", "") != "SUCCESS":
        return None
    fingerprint = str(request.META.get("HTTP_X_CLIENT_FINGERPRINT", "")).replace(":", "").lower()
    if not _FINGERPRINT.fullmatch(fingerprint):
        return None
    return Presented(fingerprint, str(request.META.get("HTTP_X_CLIENT_SUBJECT", ""))[:200])


def _from_the_proxy(request: HttpRequest) -> bool:
    secret, addresses = settings.CERTIFICATE_PROXY_SECRET, settings.CERTIFICATE_PROXIES
    if not secret or request.META.get("REMOTE_ADDR", "") not in addresses:
        return False
    return hmac.compare_digest(str(request.META.get("HTTP_X_PROXY_SECRET", "")).encode(), secret.encode())


def is_shown_by(user: User, request: HttpRequest) -> bool:
    """Whether this connection carries a certificate bound to the account."""
    shown = presented(request)
    return shown is not None and ClientCertificate.objects.filter(user=user, fingerprint=shown.fingerprint).exists()
