"""Settings of the worker that a test starts: the product's own, in the test's database and folder, on the test's broker."""

import os
from pathlib import Path

from dangwu.settings_test import *  # noqa: F403

DATA_DIR = Path(os.environ["WORKER_FOLDER"])
DATABASES["default"]["NAME"] = os.environ["WORKER_DATABASE"]  # noqa: F405
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TASK_EAGER_PROPAGATES = False
CELERY_BROKER_URL = os.environ["WORKER_BROKER"]
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "processed_folder": str(DATA_DIR / "processed"),
        "control_folder": str(DATA_DIR / "control"),
        "store_processed": False,
    }
    if CELERY_BROKER_URL == "filesystem://"
    else {}
)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "schedule")
# What beat does every minute here happens every second, and nothing else disturbs.
CELERY_BEAT_SCHEDULE = {"resume-imports": {"task": "exchange.tasks.resume", "schedule": 1.0}}
