"""What is kept is English, whoever is served meanwhile: rows, ledgers, and what programs are told."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation


@contextmanager
def in_english() -> Iterator[None]:
    """For a `with`, or before a function: sentences made inside of it are English.

    Before a function it is made anew for each call. Django's `override` would be one for all threads, and hand each
    the language that another one came with.
    """
    with translation.override(settings.LANGUAGE_CODE):
        yield
