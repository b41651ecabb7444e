"""Counting wrong tries, outside the transaction of the verb they made fail."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import FailedTry
from accounts.rules import TryRules
from core.errors import DomainError


def require_tries_left(key: str, rules: TryRules) -> None:
    since = timezone.now() - rules.window
    if FailedTry.objects.filter(key=key, at__gt=since).count() >= rules.most:
        minutes = int(rules.window.total_seconds() // 60)
        raise TooManyTries(minutes)


class TooManyTries(DomainError):
    status = 429

    def __init__(self, minutes: int) -> None:
        super().__init__("too_many_tries", f"连续输错次数过多，请 {minutes} 分钟后再试。")
        self.minutes = minutes


def note_wrong_try(key: str) -> None:
    FailedTry.objects.create(key=key)


def forget_tries(key: str) -> None:
    FailedTry.objects.filter(key=key).delete()


def clear_old_tries(older_than: timedelta = timedelta(days=1)) -> int:
    deleted, _ = FailedTry.objects.filter(at__lt=timezone.now() - older_than).delete()
    return deleted
