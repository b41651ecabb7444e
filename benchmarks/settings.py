"""Settings of the benchmarks: the product's own, in a database of their own, with no broker."""

from dangwu.settings import *  # noqa: F403
from dangwu.settings import DATABASES as PRODUCT

DATABASE = "dangwu_bench"
DATABASES = {"default": {**PRODUCT["default"], "NAME": DATABASE, "BOOTSTRAP": DATABASE}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
