"""What is no longer needed is deleted: wrong tries, sessions that are over, addresses of failed sign-ins."""

from datetime import timedelta

from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import queries
from accounts.domain import sessions, tries


def sweep() -> None:
    """Safe to run twice, and while people sign in: only what is past every limit goes."""
    now = timezone.now()
    longest = max(limit.window for limit in (queries.code_tries(), queries.password_tries(), queries.sign_in_tries()))
    tries.clear_old_tries(max(longest, timedelta(days=1)))
    sessions.clear_old_sessions()
    Session.objects.filter(expire_date__lt=now).delete()
    AccessAttempt.objects.filter(attempt_time__lt=now - max(longest, timedelta(days=1))).delete()
