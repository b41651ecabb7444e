"""Configuration only. Every value a person may set comes from the environment (see README)."""

import os

from django.core.exceptions import ImproperlyConfigured

from dangwu import environment, production
from dangwu.environment import BASE_DIR

DATA_DIR = environment.data_dir()
PRODUCTION = environment.flag("DANGWU_PRODUCTION")
ZONE = environment.choice("DANGWU_ZONE", ("inner", "outer", "both"), "both")
DEBUG = environment.flag("DANGWU_DEBUG")
REDIS_URL = environment.text("REDIS_URL")
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL") or REDIS_URL or "filesystem://"
METRICS_TOKEN = environment.text("DANGWU_METRICS_TOKEN")
METRICS_ADDRESSES = environment.listed("DANGWU_METRICS_ADDRESSES")
ALLOWED_HOSTS = environment.listed("DANGWU_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,testserver")
CSRF_TRUSTED_ORIGINS = environment.listed("DANGWU_ORIGINS")
if PRODUCTION:
    given = production.Given(
        secret_key=environment.text("DANGWU_SECRET_KEY"),
        database_url=environment.text("DATABASE_URL"),
        redis_url=REDIS_URL,
        broker_url=CELERY_BROKER_URL,
        zone=ZONE,
        hosts=tuple(ALLOWED_HOSTS),
        metrics_token=METRICS_TOKEN,
        debug=DEBUG,
    )
    if found := production.faults(given):
        raise ImproperlyConfigured("正式环境不能这样启动：\n" + "\n".join(f"· {fault}" for fault in found))
SECRET_KEY = environment.secret_key(DATA_DIR)
DUES_SANDBOX_SECRET = environment.text("DANGWU_DUES_SANDBOX_SECRET") or f"sandbox {SECRET_KEY}"

INSTALLED_APPS = [
    "core",  # first: its createsuperuser stands before Django's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.admin",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "simple_history",
    "axes",
    "csp",
    "django_htmx",
    "regulations",
    "audit",
    "upkeep",
    "accounts",
    "orgs",
    "workflow",
    "members",
    "cadres",
    "ballots",
    "dues",
    "exchange",
    "insight",
    "portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "core.secrecy.NamelessMiddleware",
    "audit.middleware.AuditContextMiddleware",
    "core.observing.ObservingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.sessions.SessionLimitsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.zones.ZoneMiddleware",
    "core.web.DeclaredAccessMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dangwu.urls"
WSGI_APPLICATION = "dangwu.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.web.page_context",
            ],
        },
    },
]

DATABASES = {"default": environment.database(DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
ANONYMOUS_USER_NAME = None
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.AccountBackend",
]
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "portal:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

AXES_FAILURE_LIMIT = "accounts.lockout.failure_limit"
AXES_COOLOFF_TIME = "accounts.lockout.cool_off"
AXES_USERNAME_CALLABLE = "accounts.lockout.attempt_name"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.client_ip"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "accounts.lockout.answer"
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

# Client certificates are believed only from these addresses and beside this secret; both empty: never.
CERTIFICATE_PROXIES = [a.strip() for a in os.environ.get("DANGWU_CERT_PROXIES", "").split(",") if a.strip()]
CERTIFICATE_PROXY_SECRET = os.environ.get("DANGWU_CERT_PROXY_SECRET", "")

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # messages name people: not in a cookie
CSRF_FAILURE_VIEW = "core.web.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"  # for this host only, never over plain HTTP
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without TLS
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["dangwu.formats"]

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("DANGWU_STATIC", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["exchange.uploading.MemoryOnly"]
UPLOAD_LIMIT_BYTES = 20 * 1024 * 1024

CACHES = {"default": environment.cache()}

CELERY_BROKER_TRANSPORT_OPTIONS = environment.broker_options(CELERY_BROKER_URL, DATA_DIR)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "sweep-grants": {"task": "orgs.tasks.sweep_grants", "schedule": 3600},
    "seal-audit": {"task": "audit.seal", "schedule": 60},
    "sweep-audit": {"task": "audit.sweep", "schedule": 86_400},
    "sweep-sign-ins": {"task": "accounts.tasks.sweep_sign_ins", "schedule": 3600},
    "sweep-cases": {"task": "workflow.tasks.sweep", "schedule": 3600},
    "resume-imports": {"task": "exchange.tasks.resume", "schedule": 60},
    "sweep-attachments": {"task": "members.tasks.sweep_attachments", "schedule": 86_400},
    "forget-uploads": {"task": "exchange.tasks.forget_uploads", "schedule": 86_400},
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["orgs.api_access.TokenAuthentication", "core.api_wire.OwnPages"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api_wire.Declared"],
    "DEFAULT_THROTTLE_CLASSES": ["orgs.api_access.Throttle"],
    "DEFAULT_PARSER_CLASSES": ["core.api_wire.StrictJson"],
    "DEFAULT_RENDERER_CLASSES": ["core.api_wire.Plain"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "core.api_wire.OnlyJson",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "core.api_refusals.refused",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "电子党务平台接口",
    "DESCRIPTION": "同网页一样的办事规则、一样的管理范围。令牌在“接口令牌”页制作；怎样开始见 docs/api.md。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.api_schema.note_refusals"],
    "ENUM_NAME_OVERRIDES": {
        "MemberStanding": "members.enums.Standing.choices",
        "CaseState": "workflow.enums.CaseState.choices",
        "ExportState": "exchange.enums.RequestState.choices",
        "ImportState": "exchange.enums.BatchState.choices",
    },
    "OAS_VERSION": "3.1.0",
}

NAMELESS_PATHS = ("/vote/",)  # nobody is known there, and nothing of it is written down
BALLOT_CHECKERS = int(environment.text("DANGWU_BALLOT_CHECKERS") or os.cpu_count() or 1)  # processes beside each server process

# Keys of the encrypted fields, blind indexes and the audit chain live outside the database.
KEYRING_FILE = os.environ.get("DANGWU_KEYRING", str(DATA_DIR / "keyring.json"))
AUDIT_ANCHOR_DIR = os.environ.get("DANGWU_AUDIT_ANCHORS", str(DATA_DIR / "audit-anchors"))

LOG_FORMAT = environment.choice("DANGWU_LOG_FORMAT", ("json", "line"), "json" if PRODUCTION else "line")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"own": {"()": "core.logs.formatter", "kind": LOG_FORMAT}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "own"}},
    "root": {"handlers": ["console"], "level": os.environ.get("DANGWU_LOG", "WARNING")},
    "loggers": {"dangwu.requests": {"level": "INFO" if PRODUCTION else "WARNING"}},
}

SILENCED_SYSTEM_CHECKS = [
    "guardian.W001",  # its back end is left out on purpose: core.access.scope() joins its rows with the terms of the grants
    "security.W021",  # preloading into browsers is for names of the public Internet
]
