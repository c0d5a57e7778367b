"""What is kept is English, whoever is served meanwhile: rows, ledgers, and what programs are told."""

from django.conf import settings
from django.utils import translation


def in_english() -> translation.override:
    """For a `with`, or before a function: sentences made inside of it are English."""
    return translation.override(settings.LANGUAGE_CODE)
