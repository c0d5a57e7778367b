"""In which language a person is written to."""

from django.conf import settings
from django.db.models.functions import Lower

from accounts.models import User


def of_letters_to(*addresses: str) -> dict[str, str]:
    """By address, one of `LANGUAGES`: in which its person last used the pages; English for strangers. One query."""
    people = User.objects.annotate(lowered=Lower("email")).filter(
        lowered__in={each.lower() for each in addresses if each}
    )
    known = dict(people.exclude(language="").values_list("lowered", "language"))
    return {each: known.get(each.lower(), settings.LANGUAGE_CODE) for each in addresses}


def remember(user: User, language: str) -> None:
    """Write to the person in this language from now on. One that the pages do not speak changes nothing."""
    if language in dict(settings.LANGUAGES) and language != user.language:
        user.language = language
        user.save(update_fields=["language"])
