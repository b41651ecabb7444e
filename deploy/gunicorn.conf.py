"""gunicorn of the web service. Looks once before it forks; an unfit installation ends with a sentence and code 2."""

import os
import shutil
import sys
from pathlib import Path

from core.logs import formatter

wsgi_app = "dangwu.wsgi:application"
bind = os.environ.get("DANGWU_BIND", "127.0.0.1:8000")
worker_class = "gthread"
workers = int(os.environ.get("DANGWU_WORKERS", "4"))
threads = int(os.environ.get("DANGWU_THREADS", "8"))
timeout = 120
graceful_timeout = 30
keepalive = 15
max_requests = 20_000
max_requests_jitter = 2_000
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
accesslog = None  # the product writes its own line for each request: without address, query and person
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"own": {"()": formatter, "kind": os.environ.get("DANGWU_LOG_FORMAT", "json")}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "own"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": ["console"], "propagate": False},
        "gunicorn.access": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}


def on_starting(server: object) -> None:
    """In the parent, before any child."""
    import django  # noqa: PLC0415 - only a start needs the product itself
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")
    try:
        _empty(os.environ.get("PROMETHEUS_MULTIPROC_DIR", ""))
        django.setup()
        from core.starting import require_fit_and_let_go  # noqa: PLC0415

        require_fit_and_let_go()
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(2)


def child_exit(server: object, worker: object) -> None:
    """What a worker that is gone has counted stays in the sums; its own file is let go."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess  # noqa: PLC0415

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[attr-defined]


def _empty(folder: str) -> None:
    """Counters of the run before mean nothing now."""
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        Path(folder).mkdir(parents=True, exist_ok=True)
