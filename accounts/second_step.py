"""Between the right password and the second factor: who is meant waits in the session, and nobody is signed in yet."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import queries
from accounts.models import User

WAITING = "second_step"


def wait_for(request: HttpRequest, user: User, target: str) -> None:
    """A fresh session key: what was set before the password was given does not carry over."""
    request.session.cycle_key()
    request.session[WAITING] = {
        "user": str(user.uuid), "since": timezone.now().timestamp(), "password": user.get_session_auth_hash(), "next": target,
    }  # fmt: skip


def waiting(request: HttpRequest) -> User | None:
    """Who gave the password here, while the time runs, the account is open and the password is still the same."""
    kept = request.session.get(WAITING)
    if not kept:
        return None
    user = User.objects.filter(uuid=kept["user"], is_active=True).first()
    late = timezone.now().timestamp() - kept["since"] >= queries.second_step_time() / timedelta(seconds=1)
    if user is None or late or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        del request.session[WAITING]
        return None
    return user


def finish(request: HttpRequest) -> str:
    """Done: where to go now."""
    return str(request.session.pop(WAITING)["next"])
