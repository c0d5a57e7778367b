"""The test suite: fixed keys that protect nothing, fast password hashing."""

import os

os.environ.setdefault("SECRET_KEY", "a-fixed-key-that-only-the-test-suite-uses-and-protects-nothing")
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "dGhlLXRlc3Qtc3VpdGUtdXNlcy10aGlzLWtleS1vbmw=")
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/numberyard")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("SANDBOX_API_KEY", "sandbox-key")

from config.settings.base import *  # noqa: F403 - after the keys above; a settings module extends another this way

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
CELERY_TASK_ALWAYS_EAGER = False
