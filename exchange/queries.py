"""Reads of imports."""

from datetime import timedelta

from django.utils import timezone

from exchange.enums import RUNNING
from exchange.models import ImportBatch

PATIENCE = timedelta(minutes=1)


def left_behind() -> list[int]:
    """Imports that have waited for a worker longer than a minute. One that lives still holds its lock and is left alone."""
    waiting = ImportBatch.objects.filter(state__in=RUNNING, touched_at__lt=timezone.now() - PATIENCE)
    return list(waiting.order_by("pk").values_list("pk", flat=True))
