"""Signing in with a name and a password. Only active accounts; no permission ever comes from here."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from accounts.models import User

MOST_TYPED = 200

# A higher room may know a person by another name (ID number, phone). Each finder answers the user or None
# and does the same look-ups whether or not it knows the name.
alternative_names: list[Callable[[str], User | None]] = []


def find_by_name(typed: str) -> User | None:
    """Every finder is asked, also after the first success, so that known and unknown names cost the same."""
    name = typed.strip()
    if not name or len(name) > MOST_TYPED or "\0" in name:
        return None
    answers = [User.objects.filter(username=name.lower()).first(), *(finder(name) for finder in alternative_names)]
    return next((user for user in answers if user is not None), None)


class AccountBackend(BaseBackend):
    """One password hash for every attempt, whether the name is known, unknown, closed or not yet activated."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None or len(password) > MOST_TYPED:
            return None
        user = find_by_name(username)
        if user is None or not user.has_usable_password():
            make_password(password)
            return None
        good = check_password(password, user.password, setter=_rehash(user, password))
        return user if good and user.is_active else None

    def get_user(self, user_id: int) -> User | None:
        """Asked at every request: a closed account is out at the next one."""
        return User.objects.filter(pk=user_id, is_active=True).first()


def _rehash(user: User, password: str) -> Callable[[str], None]:
    """When the cost of hashing has been raised: the same password under the new cost."""

    def setter(_: str) -> None:
        User.objects.filter(pk=user.pk, password=user.password).update(password=make_password(password))

    return setter
