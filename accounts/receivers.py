"""What follows from signing in and out, one domain call each."""

from typing import Any

from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from accounts.domain import attempts
from accounts.domain import sessions as places
from accounts.models import User


@receiver(user_logged_in, dispatch_uid="accounts.begin_session")
def begin_session(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    sessions.begin(request, user)


@receiver(user_logged_out, dispatch_uid="accounts.end_session")
def end_session(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    here = places.find(user, request.session.get(sessions.TOKEN, "")) if user else None
    if here is not None:
        places.end(here, actor=user)


@receiver(user_login_failed, dispatch_uid="accounts.note_failure")
def note_failure(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    if request is not None and not getattr(request, "axes_locked_out", False):
        attempts.note_failed_sign_in(str(credentials.get("username") or ""))


@receiver(user_locked_out, dispatch_uid="accounts.note_lock_out")
def note_lock_out(sender: Any, request: HttpRequest, username: str, **kwargs: Any) -> None:
    attempts.note_lock_out(username)
