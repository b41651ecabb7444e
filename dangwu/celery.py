"""The Celery application. Tasks carry ids, run after commit and may run twice."""

import logging
import os
from typing import Any

from celery import Celery
from celery.signals import after_setup_logger, after_setup_task_logger

from core.logs import Formatter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")

app = Celery("dangwu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@after_setup_logger.connect
@after_setup_task_logger.connect
def keep_people_out(logger: logging.Logger, **_: Any) -> None:
    """The worker's own lines go through our formatter too."""
    for handler in logger.handlers:
        handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
