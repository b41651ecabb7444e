"""The Celery application. Tasks carry ids, run after commit and may run twice."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")

app = Celery("dangwu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
