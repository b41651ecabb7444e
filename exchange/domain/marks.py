"""Who took something out, as it stands on every page of it."""

from django.utils import timezone

from accounts.models import User
from exchange.rules import guarded


def watermark(actor: User, what: str = "导出") -> str:
    now = timezone.localtime()
    return f"{guarded(actor.full_name)}（{actor.username}）{now:%Y-%m-%d %H:%M} {what}，内部资料，用后删除"
