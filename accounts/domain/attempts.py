"""Failed attempts to sign in, for the audit record.

Only what could be a login name is written down: not a number, nor what may be a password in the wrong box.
"""

from accounts import rules
from accounts.backends import find_by_name
from accounts.models import User
from audit.domain import record

HIDDEN = "（不像登录名，不记录）"


def note_failed_sign_in(typed: str) -> None:
    user = find_by_name(typed)
    shown = typed.strip() if rules.may_be_a_username(typed.strip()) else HIDDEN
    details = {"known": True} if user else {"known": False, "name": shown}
    record("sign_in_failed", actor=None, kind="account", subject=user.uuid if user else None, details=details)


def note_lock_out(counted_as: str) -> None:
    """`counted_as` is the key of `lockout.attempt_name`: the account, or a hash."""
    user = User.objects.filter(uuid=counted_as.removeprefix("account:")).first() if counted_as.startswith("account:") else None
    record("sign_in_locked", actor=None, kind="account", subject=user.uuid if user else None)
