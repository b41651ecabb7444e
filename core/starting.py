"""The last look before real people are served: what cannot be read from the environment alone."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from core import keyring
from core.installation import is_demo


def require_fit() -> None:
    """Refuse production on a demonstration's data, without keys, or with settings that show errors to strangers."""
    if not settings.PRODUCTION:
        return
    keyring.ring()
    if settings.DEBUG:
        raise ImproperlyConfigured("正式环境不能打开调试（DEBUG）：出错页会带出数据。")
    if is_demo():
        raise ImproperlyConfigured("正式环境不能使用演示数据库。")


def require_fit_and_let_go() -> None:
    """The same in a process that is going to fork: no connection may be shared with its children."""
    try:
        require_fit()
    finally:
        connections.close_all()
