"""A real deployment: HTTPS only. It refuses to start while a demo secret is in place or a real one is missing."""

from django.core.exceptions import ImproperlyConfigured

from config.settings.base import *  # noqa: F403 - a settings module extends another this way
from config.settings.base import ALLOWED_HOSTS, DATABASES, METRICS_TOKEN, PUBLIC_URL

_problems = [
    problem
    for refused, problem in (
        (not PUBLIC_URL.startswith("https://"), "NUMBERYARD_URL must be an https:// origin"),
        (
            set(ALLOWED_HOSTS) <= {"localhost", "127.0.0.1", "[::1]"},
            "ALLOWED_HOSTS must name the public host",
        ),
        ("*" in ALLOWED_HOSTS, "ALLOWED_HOSTS must not be *"),
        (not METRICS_TOKEN, "METRICS_TOKEN must be set: /metrics is not public"),
        (not DATABASES["default"].get("PASSWORD"), "DATABASE_URL must carry a password"),
    )
    if refused
]
if _problems:
    raise ImproperlyConfigured("production settings refused: " + "; ".join(_problems))

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
