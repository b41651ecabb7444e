"""Passwords (口令): what a new one must be, setting it, changing one's own."""

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import queries, rules
from accounts.domain import sessions, tries
from accounts.models import PasswordHistory, SignedInSession, User
from audit.domain import record
from core.errors import DomainError, NotAllowed

PLAIN = {
    "password_too_similar": "口令与登录名或姓名太像，容易被猜到",
    "password_too_short": "口令太短",
    "password_too_common": "这个口令很多人在用，容易被猜到",
    "password_entirely_numeric": "口令不能全是数字",
}


class PasswordRefused(DomainError):
    """Every fault at once, so that the person does not learn the rules one refusal at a time."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("password_refused", "；".join(faults) + "。", field="new_password")
        self.faults = faults


def require_good_password(user: User, password: str) -> None:
    faults = _general_faults(user, password) + _own_faults(user, password)
    if faults:
        raise PasswordRefused(list(dict.fromkeys(faults)))


def _general_faults(user: User, password: str) -> list[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return [PLAIN.get(str(fault.code), fault.messages[0]) for fault in error.error_list if fault.code != "password_too_short"]
    return []


def _own_faults(user: User, password: str) -> list[str]:
    wanted = queries.password_rules(user)
    faults = []
    if len(password) < wanted.min_length:
        faults.append(f"口令太短，至少要 {wanted.min_length} 个字符")
    if rules.character_classes(password) < wanted.min_classes:
        faults.append(f"小写字母、大写字母、数字、符号，至少要用 {wanted.min_classes} 种")
    if not faults and _was_used(user, password, wanted.kept):
        faults.append(f"不能与最近 {wanted.kept} 次用过的口令相同")
    return faults


def _was_used(user: User, password: str, kept: int) -> bool:
    earlier = list(user.password_history.order_by("-set_at", "-id").values_list("password", flat=True)[:kept])
    if user.has_usable_password() and user.password not in earlier:
        earlier.append(user.password)
    return any(check_password(password, hashed) for hashed in earlier)


def write_password(user: User, password: str) -> User:
    """Set a password that has been found good; the caller holds the row. Sessions elsewhere are ended by the caller."""
    now = timezone.now()
    if user.has_usable_password() and not user.password_history.filter(password=user.password).exists():
        PasswordHistory.objects.create(user=user, password=user.password, set_at=user.password_changed_at or user.created_at)
    user.password = make_password(password)
    user.password_changed_at = now
    user.must_change_password = False
    user.save(update_fields=["password", "password_changed_at", "must_change_password"])
    PasswordHistory.objects.create(user=user, password=user.password, set_at=now)
    _drop_old_history(user)
    return user


def _drop_old_history(user: User) -> None:
    kept = user.password_history.order_by("-set_at", "-id").values_list("pk", flat=True)[: queries.password_rules(user).kept]
    user.password_history.exclude(pk__in=list(kept)).delete()


def change_password(user: User, present: str, new_password: str, *, actor: User, here: SignedInSession | None = None) -> User:
    """The person's own change. `here` is the session that stays; all others end."""
    if actor.pk != user.pk:
        raise NotAllowed("not_own_password", "只能修改自己的口令。")
    key = f"password:{user.uuid}"
    tries.require_tries_left(key, queries.password_tries())
    if not user.check_password(present):
        tries.note_wrong_try(key)
        raise DomainError("present_password_wrong", "现在的口令不对，请再看一看大小写。", field="present_password")
    tries.forget_tries(key)
    return _change(user, new_password, here)


@transaction.atomic
def _change(user: User, new_password: str, here: SignedInSession | None) -> User:
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    require_good_password(locked, new_password)
    write_password(locked, new_password)
    sessions.end_others(locked, here)
    record("change_password", actor=locked, kind="account", subject=locked.uuid)
    return locked
