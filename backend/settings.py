"""Django's settings: one file, fed by backend.env."""

from __future__ import annotations

from typing import Any

import dj_database_url
from csp.constants import NONCE, NONE, SELF

from backend import env, logs

ENV = env.load_or_exit()
ROOT = env.ROOT
DATA_DIR = ENV.data_dir
BACKUP_DUE_DAYS = ENV.backup_due_days
STATE_DIR = ENV.state_dir
INSTALLATION_MARKER = DATA_DIR / env.MARKER

SECRET_KEY = ENV.secret_key or env.read_or_create_secret(DATA_DIR, "secret_key")
SECRET_KEY_FALLBACKS = ENV.secret_key_fallbacks
# Encrypted columns derive their keys from SECRET_KEY and these; the first encrypts, all of them decrypt.
SALT_KEY = ENV.encryption_keys or [env.read_or_create_secret(DATA_DIR, "encryption_key")]

DEBUG = False
ALLOWED_HOSTS = [*ENV.allowed_hosts, "127.0.0.1", "localhost", "[::1]"]  # loopback: health is asked there
BASE_URL = ENV.public_url

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widgets' templates, beside the console's own for fields and forms
    "auditlog",
    "csp",
    "django_htmx",
    "ninja",
    "media",
    "campaigns.planning",
    "campaigns.mailing",
    "campaigns.bulletins",
    "campaigns.website",
    "campaigns.hiring",
    "scheduler",
    "backend.accounts",
    "backend.audit",
    "backend.notifications",
    "backend.api",
    "backend.site",
    "backend.console",
]

MIDDLEWARE = [
    "backend.request_log.RequestIdMiddleware",
    "backend.api.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "backend.accounts.middleware.PersonMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "backend.audit.middleware.AuditMiddleware",
]

ROOT_URLCONF = "backend.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # The console's templates stand beside their views: backend/console/plan/board.html is console/plan/board.html.
        "DIRS": [ROOT / "backend"],
        "OPTIONS": {
            "loaders": [("django.template.loaders.cached.Loader", ["backend.template_loader.CompactLoader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "backend.site.context.organisation",
                "backend.console.frame.navigation.frame",
            ],
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if ENV.database_url:
    DATABASES: dict[str, Any] = {
        "default": dj_database_url.parse(ENV.database_url, conn_max_age=60, conn_health_checks=True)
    }
    # A server that has gone without a word is noticed: in seconds by a new connection, in milliseconds by an open one.
    DATABASES["default"]["OPTIONS"] = {"connect_timeout": 3, "tcp_user_timeout": 10_000} | DATABASES["default"].get(
        "OPTIONS", {}
    )
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "promenade.sqlite3",
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;",
            },
        }
    }

# The task queue carries ids only; which work is due is decided by rows in the database.
REDIS_URL = ENV.redis_url
WORKER_THREADS = ENV.worker_threads
# Who may read /metrics; empty: nobody, and there is no such page.
METRICS_KEY = ENV.metrics_key
# Which private networks channels and webhooks may call, and take plain http from.
PRIVATE_ADDRESSES = ENV.private_addresses
# Our own apps at channels where people sign in on the channel's pages, by kind: id and secret.
SIGN_IN_APPS = {
    "x": (ENV.x_consumer_key, ENV.x_consumer_secret),
    "linkedin": (ENV.linkedin_client_id, ENV.linkedin_client_secret),
    "facebook": (ENV.facebook_client_id, ENV.facebook_client_secret),
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["backend.accounts.backends.PersonBackend"]
PASSWORD_HASHERS = ["backend.accounts.password_hashing.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "console:sign_in"
LOGIN_REDIRECT_URL = "console:today"
LOGOUT_REDIRECT_URL = "console:sign_in"

# Of whom a second step is asked at each sign-in: whoever has none yet sets it up then.
SECOND_STEP_FOR = ENV.second_step_for

AUDITLOG_LOGENTRY_MODEL = "audit.LogEntry"
AUDITLOG_DISABLE_REMOTE_ADDR = True
MIGRATION_MODULES = {"auditlog": None}  # its own table is swapped out for ours and would only stand about empty
AUDITLOG_STORE_JSON_CHANGES = True  # null stays null, and a number a number

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"  # Django's own default; the organisation's is a setting of its row (organisation_clock)
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static" if ENV.production else None  # locally WhiteNoise serves from the packages
WHITENOISE_USE_FINDERS = not ENV.production
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes; pictures come as files and have their own limit

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SESSION_ENGINE = "backend.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
if ENV.production:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    CSRF_TRUSTED_ORIGINS = [ENV.base_url]
    if ENV.trusted_proxies:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING_CONFIG = None
logs.configure(level=ENV.log_level, form=ENV.log_format)
