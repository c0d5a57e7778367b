"""The test suite: fixed keys that protect nothing, fast password hashing."""

import os

from config.settings import published

os.environ.setdefault("SECRET_KEY", published.SECRET_KEY)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", published.FIELD_ENCRYPTION_KEY)
os.environ.setdefault("DATABASE_URL", "postgres://postgres@127.0.0.1:5432/numberyard")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:6379/0")
os.environ.setdefault("SANDBOX_API_KEY", published.SANDBOX_API_KEY)

from config.settings.base import *  # noqa: F403 - after the keys above; a settings module extends another this way
from config.settings.base import DATABASES, STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
DATABASES["default"]["OPTIONS"].get("pool", {})["timeout"] = 60  # 64 threads of one process wait for its connections
STORAGES["lab_evidence"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
STORAGES["documents"] = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
QUARANTINE_SENTINELS = 0.0  # of a few numbers one may always be a sentinel; their own tests set a share
LAB_MMS_ADDRESS = "127.0.0.1:0"  # daemons of several tests at once
ACCOUNT_RATE_LIMITS = False  # all tests come from one address; their own tests set them
MFA_RATE_LIMITS = False
PORTAL_RATE_LIMITS = {}
