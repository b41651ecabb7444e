"""What the web server calls."""

import os

from django.core.wsgi import get_wsgi_application

from core.starting import require_fit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")
application = get_wsgi_application()
require_fit()
