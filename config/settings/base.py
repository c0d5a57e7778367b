"""What is the same in every deployment. Values that differ come from `config.environment`."""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

from config import environment as env
from config.logs import configure as configure_logs
from console import theme

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = env.SECRET_KEY
FIELD_ENCRYPTION_KEYS = env.FIELD_ENCRYPTION_KEYS
DEBUG = False
ALLOWED_HOSTS = env.ALLOWED_HOSTS
PUBLIC_URL = env.PUBLIC_URL
CSRF_TRUSTED_ORIGINS = [env.PUBLIC_URL]

INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "django_prometheus",
    "django_structlog",
    "drf_spectacular",
    "pgtrigger",
    "rest_framework",
    "numbering",
    "accounts",
    "compliance",
    "inventory",
    "testing_lab",
    "api",
    "console",
    "portal",
]

MIDDLEWARE = [
    "config.content_length.check_content_length",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.page_headers.PageHeaders",  # above what begins sessions, whose first answer is personal too
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.request_log.RequestLog",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.unwritable.NoNul",
    "allauth.account.middleware.AccountMiddleware",
    "console.sign_in.StaffSecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
    "console.policy.ContentSecurityPolicy",
    "portal.policy.ContentSecurityPolicy",
    "portal.language.CustomersLanguage",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
APPEND_SLASH = False  # Twilio's SDKs don't follow redirects

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
            ],
        },
    },
]

# A pool serves the threads of a web process; with size 0 each thread keeps one of its own.
_POOL: dict[str, Any] = (
    {"pool": {"min_size": 1, "max_size": env.DATABASE_POOL_SIZE, "timeout": 10}} if env.DATABASE_POOL_SIZE else {}
)
_STATEMENT_MILLISECONDS = int(env.STATEMENT_TIMEOUT / timedelta(milliseconds=1))
DATABASES: dict[str, Any] = {
    "default": {
        **env.DATABASE,
        "CONN_MAX_AGE": 0 if env.DATABASE_POOL_SIZE else 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            # Only `inventory.search.prepared` prepares: at once, and planned once for all values.
            "prepare_threshold": 0,
            "options": f"-c plan_cache_mode=force_generic_plan -c statement_timeout={_STATEMENT_MILLISECONDS}",
            **env.DATABASE.get("OPTIONS", {}),
            **_POOL,
        },
    },
}

EMAIL_BACKEND = env.EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = env.EMAIL["EMAIL_HOST"], env.EMAIL["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env.EMAIL["EMAIL_HOST_USER"], env.EMAIL["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = env.EMAIL["EMAIL_USE_TLS"], env.EMAIL["EMAIL_USE_SSL"]
EMAIL_FILE_PATH = env.EMAIL["EMAIL_FILE_PATH"]  # where it is a folder and no server
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.DEFAULT_FROM_EMAIL
SUPPORT_EMAIL = env.SUPPORT_EMAIL

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.signing_in.PatientBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
CSRF_FAILURE_VIEW = "portal.language.forged"
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"  # portal.entrance.adapter sends staff without an account to the console

# django-allauth: who comes in, at both doors. What each setting is for: docs/accounts.md.
ACCOUNT_ADAPTER = "portal.entrance.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True  # one address each; the old one holds until the new one is verified
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
# Codes of a second factor; of passwords `accounts.signing_in` counts the tries, whichever door they come to.
# Each sign-up may open a trial; each forgotten password is a letter to somebody, who may not have asked for it.
ACCOUNT_RATE_LIMITS: Any = {
    "login_failed": "10/15m/key",
    "signup": "20/h/ip",
    "reset_password": "20/m/ip,5/h/key",
}
ACCOUNT_FORMS = {
    "login": "portal.entrance.forms.SignInForm",
    "signup": "portal.entrance.forms.SignUpForm",
    "add_email": "portal.entrance.forms.NewAddressForm",
    "change_email": "portal.entrance.forms.OtherAddressForm",
    "change_password": "portal.entrance.forms.ChangePasswordForm",
    "set_password": "portal.entrance.forms.SetPasswordForm",
    "reset_password": "portal.entrance.forms.ForgottenForm",
    "reset_password_from_key": "portal.entrance.forms.NewPasswordForm",
    "reauthenticate": "portal.entrance.forms.PasswordAgainForm",
    "confirm_email_verification_code": "portal.entrance.forms.AddressCodeForm",
    "confirm_password_reset_code": "portal.entrance.forms.ForgottenCodeForm",
}
MFA_ADAPTER = "accounts.second_factors.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Numberyard"
MFA_TOTP_TOLERANCE = 1  # a clock that is half a minute off
MFA_FORMS = {
    "authenticate": "portal.entrance.forms.CodeForm",
    "reauthenticate": "portal.entrance.forms.CodeAgainForm",
    "activate_totp": "portal.entrance.forms.FirstCodeForm",
    "add_webauthn": "portal.entrance.forms.PasskeyForm",
    "edit_webauthn": "portal.entrance.forms.PasskeyNameForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.TRUSTED_PROXIES
STAFF_SECOND_FACTOR = env.STAFF_SECOND_FACTOR
#: Of a person; of strangers, from one network address (`portal.limits`).
PORTAL_RATE_LIMITS = {"search": "60/m", "upload": "120/h"}
INVITATION_LIFETIME = timedelta(days=7)

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]  # of the portal
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600  # seconds that a browser remembers which one was chosen
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["console.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Ciphertext only, see compliance.vault. A folder, or what speaks S3; empty keys are looked for where boto looks.
_DOCUMENTS: dict[str, Any] = (
    {
        "BACKEND": "compliance.vault.bucket.DocumentBucket",
        "OPTIONS": {
            "bucket_name": env.DOCUMENTS_S3_BUCKET,
            "endpoint_url": env.DOCUMENTS_S3_ENDPOINT or None,
            "region_name": env.DOCUMENTS_S3_REGION or None,
            "access_key": env.DOCUMENTS_S3_ACCESS_KEY or None,
            "secret_key": env.DOCUMENTS_S3_SECRET_KEY or None,
        },
    }
    if env.DOCUMENTS_S3_BUCKET
    else {
        "BACKEND": "compliance.vault.folder.DocumentFolder",
        "OPTIONS": {
            "location": BASE_DIR / env.DOCUMENTS_DIR,
            "base_url": None,
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    }
)

STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    # The audio behind verdicts. No URL: only the console hands it out, and writes down to whom.
    "lab_evidence": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": BASE_DIR / env.LAB_EVIDENCE_DIR,
            "base_url": None,
            "file_permissions_mode": 0o640,
            "directory_permissions_mode": 0o750,
        },
    },
    "documents": _DOCUMENTS,
}

TRAFFIC_REDIS_URL = env.TRAFFIC_REDIS_URL
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env.REDIS_URL}}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.AccountAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [],  # authentication is not optional: it raises
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.FormParser",
        "api.parsing.OrjsonParser",
    ],
    "DEFAULT_RENDERER_CLASSES": ["api.rendering.OrjsonRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.answer",
    "UNAUTHENTICATED_USER": None,
}

SPECTACULAR_SETTINGS = {
    "TITLE": "Numberyard Phone Numbers API",
    "DESCRIPTION": "Twilio-compatible phone number search and ownership, and our own extensions.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [],  # the default one would name our enums by chance
}

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.error_reports.NoValues"
LOGGING_CONFIG = None
configure_logs(env.LOG_LEVEL, env.LOG_FORMAT)
DJANGO_STRUCTLOG_CELERY_ENABLED = True
# The level of what a worker notes: after a stop the messages of its sweeps have expired, which is no news.
DJANGO_STRUCTLOG_CELERY_TASK_RETRY_LOG_LEVEL = logging.INFO

METRICS_TOKEN = env.METRICS_TOKEN
CONCURRENT_REQUESTS = env.CONCURRENT_REQUESTS
CALLBACK_ALLOWED_NETWORKS = env.CALLBACK_ALLOWED_NETWORKS
CALLBACK_PORTS = env.CALLBACK_PORTS
NOTICE_GIVE_UP_AFTER = env.NOTICE_GIVE_UP_AFTER
QUARANTINE_SENTINELS = env.QUARANTINE_SENTINELS
BULK_RELEASES_ALONE = env.BULK_RELEASES_ALONE
RECLAIM_WINDOW = env.RECLAIM_WINDOW
RESTOCK_LEAD_TIME = env.RESTOCK_LEAD_TIME
CATALOGUE_INTERVAL = env.CATALOGUE_INTERVAL
OFFER_HONESTY = env.OFFER_HONESTY
DECRYPT_GRANT_LIFETIME = env.DECRYPT_GRANT_LIFETIME

UNFOLD: dict[str, Any] = theme.UNFOLD

CELERY_APP = "config.celery.app"  # by name: the rooms below send messages through it and may not import it
# A provider is one folder in inventory/providers/ and one line here.
PROVIDER_ADAPTERS = {
    "sandbox": "inventory.providers.sandbox.SandboxProvider",
    "telnyx": "inventory.providers.telnyx.TelnyxProvider",
    "didww": "inventory.providers.didww.DidwwProvider",
    "twilio": "inventory.providers.twilio.TwilioProvider",
    "own_blocks": "inventory.providers.own_blocks.OwnBlocks",
}
PROVIDER_CREDENTIALS = env.PROVIDER_CREDENTIALS
PROVIDER_ALLOWED_NETWORKS = env.PROVIDER_ALLOWED_NETWORKS
SANDBOX_URL = env.SANDBOX_URL
SANDBOX_API_KEY = env.SANDBOX_API_KEY

LAB_SIP_ADDRESS = env.LAB_SIP_ADDRESS
LAB_TRUNK_ADDRESS = env.LAB_TRUNK_ADDRESS
LAB_SMSC_ADDRESS = env.LAB_SMSC_ADDRESS
LAB_SMSC_SYSTEM_ID = env.LAB_SMSC_SYSTEM_ID
LAB_SMSC_PASSWORD = env.LAB_SMSC_PASSWORD
LAB_REFERENCE_NUMBER = env.LAB_REFERENCE_NUMBER
LAB_STIR_CERTIFICATES = env.LAB_STIR_CERTIFICATES
LAB_FURTHER_REFERENCE_NUMBERS = env.LAB_FURTHER_REFERENCE_NUMBERS
LAB_MMS_ADDRESS = env.LAB_MMS_ADDRESS
LAB_MMSC_ADDRESS = env.LAB_MMSC_ADDRESS
LAB_MMS_DOMAIN = env.LAB_MMS_DOMAIN
LAB_MMS_TRANSCODES = env.LAB_MMS_TRANSCODES
LAB_EVIDENCE_DAYS = env.LAB_EVIDENCE_DAYS
LAB_CARRIER_SOURCES = env.LAB_CARRIER_SOURCES
LAB_CONCURRENCY = env.LAB_CONCURRENCY
LAB_TESTS_PER_DAY = env.LAB_TESTS_PER_DAY
PASSPORT_LINK_LIFETIME = env.PASSPORT_LINK_LIFETIME
LAB_SAMPLE_INTERVAL = env.LAB_SAMPLE_INTERVAL

CLAMAV_ADDRESS = env.CLAMAV_ADDRESS
