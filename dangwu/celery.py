"""The Celery application. Tasks carry ids, run after commit and may run twice."""

import logging
import os
import sys
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger, beat_init, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from core.logs import formatter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")

app = Celery("dangwu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect
@after_setup_task_logger.connect
def keep_people_out(logger: logging.Logger, **_: Any) -> None:
    """The worker's own lines go through our formatter too."""
    for handler in logger.handlers:
        handler.setFormatter(formatter(settings.LOG_FORMAT))


@worker_init.connect
@beat_init.connect
def refuse_unfit(**_: Any) -> None:
    """As the web server does: no demonstration's data, no missing keys."""
    from core.starting import require_fit  # noqa: PLC0415 - once the rooms are there

    try:
        require_fit()
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"{fault}\n")
        raise SystemExit(2) from None
