"""One settings file; everything that differs between labs comes from the environment.

Every variable is documented in docs/settings.md. A missing or impossible value stops the start and names the variable.
"""

import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from qdlab import environment

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What kind of lab this is -------------------------------------------------------------------------------------

QDLAB_ENV = environment.choice("QDLAB_ENV", ("demo", "lab", "production"), default="lab")
DATA_DIR = environment.folder("QDLAB_DATA", default=BASE_DIR / "var" / QDLAB_ENV)
PRODUCTION = QDLAB_ENV == "production"
DEBUG = environment.flag("QDLAB_DEBUG", default=False)
if DEBUG and PRODUCTION:
    raise ImproperlyConfigured("QDLAB_DEBUG must not be set when QDLAB_ENV=production.")


def _secret_key(path: Path) -> str:
    """The key in ``path``, made on the first start; web and worker share it."""
    try:
        with open(path, "x", opener=lambda name, flags: environment.open_private(name, flags)) as new:
            new.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    key = path.read_text().strip()
    if len(key) < 50 or key.startswith("django-insecure"):
        raise ImproperlyConfigured(f"The secret in {path} is too short or known. Remove the file: a new one is made.")
    return key


SECRET_KEY = _secret_key(DATA_DIR / "secret_key")

ALLOWED_HOSTS = environment.words(
    "QDLAB_HOSTS", default=["*"] if QDLAB_ENV == "lab" else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = environment.words("QDLAB_ORIGINS", default=[])
if PRODUCTION and "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("QDLAB_HOSTS must name the host names of the lab when QDLAB_ENV=production, not *.")

# --- Applications -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "qdlab.records",
    "qdlab.access",
    "synthesis",
    "spectra",
    "qdlab.dashboards",
    "qdlab.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "bootstrap",
    "django_htmx",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qdlab.access.middleware.ContentSecurityPolicy",
    "qdlab.access.middleware.Door",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "qdlab.access.middleware.SignInForParts",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "qdlab.access.middleware.ProblemPages",
]

ROOT_URLCONF = "qdlab.urls"
WSGI_APPLICATION = "qdlab.wsgi.application"

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
                "qdlab.access.context.page",
                "spectra.context.inbox",
            ],
        },
    },
]

# --- Database: SQLite in the data folder, or PostgreSQL by DATABASE_URL --------------------------------------------


def _database(url: str) -> dict:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "qdlab.sqlite3",
            # IMMEDIATE: two writers wait for each other instead of failing with "database is locked".
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA synchronous=FULL; PRAGMA mmap_size=0; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in ("postgres", "postgresql"):
        raise ImproperlyConfigured("DATABASE_URL must start with postgresql:// (leave it empty for SQLite).")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": environment.query(parts, "host") or parts.hostname or "",
        "PORT": parts.port or "",
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }


DATABASES = {"default": _database(environment.text("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Files --------------------------------------------------------------------------------------------------------

BLOB_DIR = DATA_DIR / "blobs"
PREVIEW_DIR = DATA_DIR / "previews"  # drawn from the blobs, and drawn again where missing
MAX_UPLOAD_BYTES = environment.number("QDLAB_MAX_UPLOAD_MB", default=8192) * 1024 * 1024
FREE_SPACE_FLOOR_BYTES = environment.number("QDLAB_FREE_SPACE_FLOOR_MB", default=512) * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = environment.made(DATA_DIR / "incoming")
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "qdlab.records.arriving.HashingUploadHandler",
]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 50

STATIC_URL = "static/"
STATIC_ROOT = environment.folder("QDLAB_STATIC", default=DATA_DIR / "static")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "media"}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if environment.flag("QDLAB_STATIC_MANIFEST", default=True) and not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
STATICFILES_DIRS = [BASE_DIR / "qdlab" / "static", ("plotly", environment.package_folder("plotly", "package_data"))]

# --- Celery: it only wakes workers; the queue is a table -------------------------------------------------------------

REDIS_URL = environment.text("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"  # the name only keeps kombu from warning that there is none
_spool = DATA_DIR / "queue"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "visibility_timeout": 3600,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "retry_on_timeout": False,
        # A broker that is away is asked twice and not for seconds: nobody's upload waits for a wake-up.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.2,
        "interval_max": 0.2,
    }
    if REDIS_URL
    else {
        "data_folder_in": str(environment.made(_spool)),
        "data_folder_out": str(_spool),
        "control_folder": str(environment.made(DATA_DIR / "queue-control")),
        "polling_interval": 0.03,
    }
)
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_LOST_WAIT = 2.0  # the fence in the database keeps a job whole, so a dead child need not be waited for
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_SOFT_TIME_LIMIT = 840
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "dispatch": {"task": "spectra.tasks.dispatch", "schedule": 30.0},
    "refresh-index": {
        "task": "qdlab.dashboards.tasks.refresh_index",
        "schedule": 30.0,
        "options": {"expires": 60},  # whoever asks renews it too: old messages are worth nothing
    },
}
JOB_LEASE_S = environment.number("QDLAB_JOB_LEASE_S", default=960)
JOB_ATTEMPTS = 3

# --- People and sign-in -------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
CSRF_FAILURE_VIEW = "qdlab.access.views.problems.csrf_failed"
LOGIN_URL = "access:sign_in"
LOGIN_REDIRECT_URL = "dashboards:home"
LOGOUT_REDIRECT_URL = "access:sign_in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "access/locked_out.html"
# X-Forwarded-For is believed only when a proxy is configured; otherwise anybody could choose an address.
BEHIND_PROXY = environment.flag("QDLAB_BEHIND_PROXY", default=PRODUCTION)
AXES_IPWARE_PROXY_COUNT = 1 if BEHIND_PROXY else 0
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600

# --- HTTPS --------------------------------------------------------------------------------------------------------

if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- API ----------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "qdlab.access.api.authentication.BearerToken",
        "qdlab.access.api.authentication.BrowserSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["qdlab.access.api.permissions.SignedInWithScope"],
    "DEFAULT_RENDERER_CLASSES": ["qdlab.access.api.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["qdlab.access.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "qdlab.access.api.pagination.KeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "qdlab.access.api.problems.handler",
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.AnonRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"user": "6000/min", "anon": "60/min"},
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "QDLab",
    "DESCRIPTION": "Recipes, raw files and the numbers computed from them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],  # it tells nothing about a lab
    "PREPROCESSING_HOOKS": ["qdlab.access.api.routers.one_form_of_each_address"],
    "ENUM_NAME_OVERRIDES": {
        "MeasurementRole": "spectra.models.measurements.Role",
        "IngredientRole": "synthesis.models.recipes.IngredientRole",
        "JobState": "spectra.models.uploads.State",
        "WhyReadAgain": "spectra.models.rereadings.Why",
        "WhyComputeAgain": "spectra.models.recomputations.WhyAgain",
        "UploadStatus": "spectra.models.uploads.Upload.Status",
        "BatchStatus": "synthesis.models.batches.Status",
        "SampleState": "synthesis.models.samples.SampleState",
    },
}

# --- Language, time, logging ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LOCALE_PATHS = [BASE_DIR / "qdlab" / "locale"]
TIME_ZONE = environment.time_zone("QDLAB_TIME_ZONE")  # of the lab: pages show it, and instruments keep it
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.text("QDLAB_LOG_LEVEL", "WARNING")},
}
