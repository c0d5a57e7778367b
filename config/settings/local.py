"""`make run`: one machine, plain HTTP on loopback, secrets made on first start and kept under `.data/`."""

from config.settings.base import *  # noqa: F403 - a settings module extends another this way
