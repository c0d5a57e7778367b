"""In which language a person is written to."""

from django.conf import settings
from django.db.models.functions import Lower

from accounts.models import User


def of_letters_to(address: str) -> str:
    """One of `LANGUAGES`: that in which the person of this address last used the pages; English for strangers."""
    people = User.objects.alias(lowered=Lower("email")).filter(lowered=address.lower())
    return people.values_list("language", flat=True).first() or settings.LANGUAGE_CODE


def remember(user: User, language: str) -> None:
    """Write to the person in this language from now on. One that the pages do not speak changes nothing."""
    if language in dict(settings.LANGUAGES) and language != user.language:
        user.language = language
        user.save(update_fields=["language"])
