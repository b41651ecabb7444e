"""Signing in with a name and a password. Only active accounts; no permission ever comes from here."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from accounts.models import User
from accounts.rules import MOST_MEANT, may_be_a_username

MOST_TYPED = 200

# A higher room may know people by another name (ID number, phone). Each finder answers those it may mean, first come
# first, and does the same look-ups whether or not it knows the name.
alternative_names: list[Callable[[str], Sequence[User]]] = []


def people_meant(typed: str) -> list[User]:
    """Every finder is asked, also after the first success, so that known and unknown names cost the same."""
    name = typed.strip()
    if not name or len(name) > MOST_TYPED or "\0" in name:
        return []
    found = list(User.objects.filter(username=name.lower()))
    for finder in alternative_names:
        found += finder(name)
    return list({user.pk: user for user in found}.values())[:MOST_MEANT]


def find_by_name(typed: str) -> User | None:
    """The one person a name means; None when it means nobody or several."""
    meant = people_meant(typed)
    return meant[0] if len(meant) == 1 else None


class AccountBackend(BaseBackend):
    """The password decides among those who share a number: else a second registration of it would shut the first one out,
    and not getting in would tell that it is registered elsewhere. The same number of hashes for every attempt by a login
    name, and for every one by a number, whether it is known, unknown, closed or not yet activated."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        if username is None or password is None or len(password) > MOST_TYPED:
            return None
        open_ = [user for user in people_meant(username) if user.has_usable_password()]
        good = [user for user in open_ if check_password(password, user.password, setter=_rehash(user, password))]
        for _ in range(len(open_), 1 if may_be_a_username(username.strip().lower()) else MOST_MEANT):
            make_password(password)
        return next((user for user in good if user.is_active), None)

    def get_user(self, user_id: int) -> User | None:
        """Asked at every request: a closed account is out at the next one."""
        return User.objects.filter(pk=user_id, is_active=True).first()


def _rehash(user: User, password: str) -> Callable[[str], None]:
    """When the cost of hashing has been raised: the same password under the new cost."""

    def setter(_: str) -> None:
        User.objects.filter(pk=user.pk, password=user.password).update(password=make_password(password))

    return setter
