"""What of the accounts still needs a key that is to be retired."""

from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from accounts.models import ActivationCode


def codes_waiting_since_before(moment: datetime) -> str:
    """Activation codes issued before a change of keys and not used yet: only their old key finds them."""
    now = timezone.now()
    waiting = ActivationCode.objects.filter(issued_at__lt=moment, expires_at__gt=now, used_at=None, superseded_at=None)
    if not (number := waiting.count()):
        return ""
    last = timezone.localtime(waiting.aggregate(last=Max("expires_at"))["last"])
    return f"换密钥之前发出的启用码还有 {number} 个没有用，最晚 {last:%Y-%m-%d %H:%M} 到期。"
