"""`make run`: one machine, plain HTTP on loopback, secrets made on first start and kept under `.data/`."""

import logging

from config.settings.base import *  # noqa: F403 - a settings module extends another this way

# The credentials on the screen shall not scroll away behind what went well: LOG_LEVEL=DEBUG shows it.
DJANGO_STRUCTLOG_STATUS_2XX_LOG_LEVEL = logging.DEBUG
DJANGO_STRUCTLOG_STATUS_DEFAULT_LOG_LEVEL = logging.DEBUG  # redirects, and what a browser has already
DJANGO_STRUCTLOG_CELERY_DEFAULT_LOG_LEVEL = logging.DEBUG  # nudges that were sent
