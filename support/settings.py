"""Django's settings, all from support/config/environment.py; the project's own first, then what follows from them."""

import logging
from urllib.parse import urlsplit

import django_stubs_ext
from csp.constants import NONCE, NONE, SELF

from infra.logs.logging import LogFile, logging_config
from infra.mail import server_of
from infra.redis.sentinel import layer_host
from infra.writing.catalogues import languages
from support.config import environment
from support.config.schema import BASE_DIR, BOOTSTRAP, Config
from support.config.storages import file_storage
from support.http.assets import library_files
from support.ops import sentry
from support.server.listening import in_url

# `ModelAdmin[Operator]` and the like must also mean something when the code runs.
django_stubs_ext.monkeypatch()

CONFIG = environment.current()

# `django.conf.settings.NAME` for each field of the schema but those that only open the store of secrets.
globals().update({name: getattr(CONFIG, name) for name in Config.model_fields.keys() - BOOTSTRAP})
PUBLIC_URL = CONFIG.public_url
REDIS_URL = environment.redis_url(CONFIG)

DEBUG = CONFIG.is_development
DEPLOYED = not CONFIG.is_development
SECRET_KEY = environment.secret_key(CONFIG)
ALLOWED_HOSTS = [
    in_url(urlsplit(PUBLIC_URL).hostname or "localhost"),
    *CONFIG.ALLOWED_HOSTS,
    *(["localhost", "127.0.0.1", "[::1]"] if DEBUG else []),
]

INSTALLED_APPS = [
    "infra.apps.InfraConfig",
    "bot.apps.BotConfig",
    "notifications.apps.NotificationsConfig",
    "hours.apps.HoursConfig",
    "sites.apps.SitesConfig",
    "accounts.apps.AccountsConfig",
    "queueing.apps.QueueingConfig",
    "desk.apps.DeskConfig",
    "messages_left.apps.MessagesLeftConfig",
    "appointments.apps.AppointmentsConfig",
    "signaling.apps.SignalingConfig",
    "support.apps.SupportConfig",
    "whitenoise.runserver_nostatic",
    "accounts.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "csp",
    "django_prometheus",
    "django_structlog",
]

MIDDLEWARE = [
    "support.http.middleware.PolicyHeadersMiddleware",
    "support.http.clients.limit.HttpLimitMiddleware",
    "support.http.middleware.ProbeMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "support.http.requestlog.RequestLogMiddleware",
    "support.http.middleware.ErrorShapeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "support.http.assets.compression.CompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "support.http.middleware.LanguageMiddleware",
    "support.http.clients.admin_networks.AdminNetworksMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "support.http.middleware.ErrorPageMiddleware",
    "support.http.middleware.AddressMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "support.urls"
ASGI_APPLICATION = "support.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

DATABASES = {"default": environment.database(CONFIG)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        # A list, since Django cuts a text at commas and a Sentinel URL has some.
        "LOCATION": [REDIS_URL],
        "KEY_PREFIX": f"{CONFIG.REDIS_NAMESPACE}:cache",
        "OPTIONS": {
            "socket_timeout": 1,
            "socket_connect_timeout": 1,
            "pool_class": "infra.redis.client.CachePool",
        },
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "infra.redis.layer.PatientLayer",
        "CONFIG": {"hosts": [layer_host(REDIS_URL)], "prefix": f"{CONFIG.REDIS_NAMESPACE}:layer:"},
    }
}

AUTH_USER_MODEL = "accounts.Operator"
AUTHENTICATION_BACKENDS = ["accounts.access.backends.OtpBackend"]
LOGIN_URL = "/admin/login/"
LOGIN_REDIRECT_URL = "/admin/console/"
SESSION_ENGINE = "accounts.session_store"
SESSION_COOKIE_NAME = "__Host-adminSession" if DEPLOYED else "adminSession"
OTP_NONCE_COOKIE_NAME = "__Host-otpNonce" if DEPLOYED else "otpNonce"
KNOWN_DEVICE_COOKIE_NAME = "__Host-knownDevice" if DEPLOYED else "knownDevice"
SESSION_COOKIE_AGE = CONFIG.SESSION_TTL_MS // 1000
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = DEPLOYED
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_NAME = "csrftoken"
CSRF_COOKIE_SECURE = DEPLOYED
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
CSRF_FAILURE_VIEW = "support.http.errors.csrf_failure"

SECURE_SSL_REDIRECT = DEPLOYED
SECURE_REDIRECT_EXEMPT = [r"^metrics$"]
SECURE_HSTS_SECONDS = CONFIG.HSTS_SECS if DEPLOYED else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = DEPLOYED
SECURE_HSTS_PRELOAD = DEPLOYED
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# X-Forwarded-* are judged once, before Django, for HTTP and WebSocket alike: support/http/clients/proxies.py.
SECURE_PROXY_SSL_HEADER = None
USE_X_FORWARDED_HOST = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# 'self' does not cover WebSockets in older Safari, so the socket's address stands there too.
SOCKET_SOURCES = (
    ["ws:", "wss:"] if DEBUG else [PUBLIC_URL.replace("https://", "wss://", 1).replace("http://", "ws://", 1)]
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "media-src": [SELF, "blob:"],
        "connect-src": [SELF, *SOCKET_SOURCES],
        "worker-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
    },
}

CORS_ALLOWED_ORIGINS = CONFIG.ALLOWED_ORIGINS
# The admin and its API accept their own origin alone.
CORS_URLS_REGEX = r"^/(?!admin/|metrics|health).*$"
CORS_ALLOW_METHODS = ["GET", "HEAD", "OPTIONS"]

# For `manage.py sendtestemail`; what we send ourselves goes by notifications/transports/mail.py, which reads MAIL_URL.
if CONFIG.MAIL_URL:
    _MAIL = server_of(CONFIG.MAIL_URL)
    EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.tls == "starttls", _MAIL.tls == "tls"
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = CONFIG.MAIL_FROM

LANGUAGE_CODE = CONFIG.LANGUAGE_CODE
LOCALE_PATHS = [CONFIG.LOCALE_DIR]
_SPOKEN = languages(CONFIG.LOCALE_DIR)
LANGUAGES = [(language.code, language.name) for language in _SPOKEN]
LANGUAGES_BIDI = [language.code for language in _SPOKEN if language.direction == "rtl"]
TIME_ZONE = CONFIG.TIME_ZONE
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "support.parts.finder.PartsFinder",
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": file_storage(CONFIG),
    "staticfiles": {
        "BACKEND": "support.http.assets.storage.HashedStaticFilesStorage"
        if DEPLOYED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
if DEBUG:
    WHITENOISE_ADD_HEADERS_FUNCTION = library_files.keep

LOGGING = logging_config(
    CONFIG.LOG_FORMAT, CONFIG.LOG_LEVEL, LogFile(CONFIG.LOG_FILE, CONFIG.LOG_FILE_MAX_MB, CONFIG.LOG_FILE_KEEP)
)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # three sweeps a second are no news
DJANGO_STRUCTLOG_CELERY_TASK_FAILURE_LOG_LEVEL = logging.ERROR
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # in the form that support/http/requestlog.py lets through
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False  # support/http/requestlog.py binds a shortened address
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # the end of a request is its one line
PROMETHEUS_EXPORT_MIGRATIONS = False

sentry.start(CONFIG)
