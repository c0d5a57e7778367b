"""A real deployment: HTTPS only. It refuses to start while a demo secret is in place or a real one is missing."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from config import environment as env
from config.settings import published
from config.settings.base import *  # noqa: F403 - a settings module extends another this way
from config.settings.base import ALLOWED_HOSTS, DATABASES, EMAIL_BACKEND, METRICS_TOKEN, PUBLIC_URL, STORAGES

_problems = [
    problem
    for refused, problem in (
        (not PUBLIC_URL.startswith("https://"), "NUMBERYARD_URL must be an https:// origin"),
        (
            set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"},
            "ALLOWED_HOSTS must name the public host",
        ),
        ("*" in ALLOWED_HOSTS, "ALLOWED_HOSTS must not be *"),
        (len(METRICS_TOKEN) < 16, "METRICS_TOKEN must have 16 characters or more: /metrics is not public"),
        (not DATABASES["default"].get("PASSWORD"), "DATABASE_URL must carry a password"),
        (not urlsplit(env.REDIS_URL).password, "REDIS_URL must carry a password"),
        (
            not EMAIL_BACKEND.endswith("smtp.EmailBackend"),
            "EMAIL_URL must name a mail server (submission://user:password@mail.example): customers wait for letters",
        ),
        (env.SECRET_KEY in published.ALL, "SECRET_KEY is the test suite's, which everybody can read"),
        (
            not published.ALL.isdisjoint(env.FIELD_ENCRYPTION_KEYS),
            "FIELD_ENCRYPTION_KEYS has the test suite's, which everybody can read",
        ),
        (env.SANDBOX_API_KEY in published.ALL, "SANDBOX_API_KEY is the demonstration's"),
        (env.LAB_SMSC_PASSWORD in published.ALL, "LAB_SMSC_PASSWORD must be set, and not to the demonstration's"),
    )
    if refused
]
if _problems:
    raise ImproperlyConfigured("production settings refused: " + "; ".join(_problems))

# A file's name carries the hash of what is in it, so browsers keep it for ever; `collectstatic` compresses it, once.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
LANGUAGE_COOKIE_SECURE = True
