import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from core.installation import is_demo

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")
application = get_wsgi_application()

if settings.PRODUCTION and is_demo():
    raise ImproperlyConfigured("正式环境不能使用演示数据库。")
