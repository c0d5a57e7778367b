"""English sentences that were filled in elsewhere, in the language that is spoken now."""

import re
from collections.abc import Iterable
from functools import cache

from django.utils.translation import gettext

_PLACE = re.compile(r"\{(\w+)[^}]*\}")


def retold(kept: str, templates: Iterable[str]) -> str:
    """`kept` is one of the templates with what is in its braces filled in: it is taken apart and put together again
    from the translated template and, where those are known, translated words. What fits none stays as it is."""
    for template in templates:
        if found := _taken_apart(template).fullmatch(kept):
            words = {name: gettext(word) if word else "" for name, word in found.groupdict().items()}
            return _PLACE.sub(lambda place: words[place[1]], gettext(template))  # noqa: B023 - used at once
    return kept


@cache
def _taken_apart(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)
    return re.compile("".join(f"(?P<{part}>.+?)" if nth % 2 else re.escape(part) for nth, part in enumerate(parts)))
