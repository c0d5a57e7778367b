"""What customers read by e-mail: plain words, text only, and no personal data. A bundle is named by its SID, and by the
address of its page: people call it their papers."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from compliance.models import Bundle
from compliance.rulebook.catalogue import catalogue
from compliance.services import rulebooks
from numbering.countries import called


@dataclass(frozen=True)
class Blamed:
    """An item that was rejected: what it is called, why, and how that is mended."""

    name: str
    sentence: str
    hint: str


@dataclass(frozen=True)
class News:
    """What happened. `day`: ISO 8601, of what ends; `blamed` and `kept` (names): of a rejection."""

    event: str
    reason: str = ""
    day: str = ""
    blamed: Sequence[Blamed] = ()
    kept: Sequence[str] = field(default_factory=tuple)


def subject(bundle: Bundle, news: News) -> str:
    """One line."""
    return f"{gettext(_HEADLINES[news.event])}: {bundle.sid}"


def body(bundle: Bundle, news: News) -> str:
    """The letter."""
    parts = [
        f"{about(bundle)}\n{gettext('Bundle %(sid)s') % {'sid': bundle.sid}}",
        gettext(_SAID[news.event]).format(day=news.day),
        *_items(news),
        f"{gettext(_PAGE[news.event])}\n{settings.PUBLIC_URL}{reverse('portal:papers-status', args=[bundle.sid])}",
        gettext("You get this message because this address is named in the papers. Nobody reads answers to it."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def about(bundle: Bundle) -> str:
    """Its regulation in words."""
    regulation = bundle.regulation
    rules = rulebooks.current(regulation.country)
    kinds = (regulation.get_number_type_display().lower(), regulation.get_end_user_type_display().lower())
    return ", ".join([called(regulation.country, rules.name if rules else regulation.country), *map(gettext, kinds)])


def failure_reason(news: News) -> str:
    """Why, in one line; blank where nothing failed."""
    if news.blamed:
        return " ".join(f"{each.name}: {_stopped(each.sentence)} {_stopped(each.hint)}".strip() for each in news.blamed)
    return news.reason


def name_of(document_type: str | None) -> str:
    """What an item is called: the end user (no type), or a kind of paper."""
    return gettext(catalogue().document_name(document_type)) if document_type else gettext("The end user")


def _stopped(sentence: str) -> str:
    """With its full stop, so that another can follow it on the line."""
    return sentence if not sentence or sentence.endswith((".", "!", "?")) else f"{sentence}."


def _items(news: News) -> list[str]:
    to_do = gettext("What to do:")
    blamed = [f"- {each.name}: {each.sentence}\n  {to_do} {each.hint}" for each in news.blamed]
    kept = [f"- {name}" for name in news.kept]
    return [
        "\n".join([gettext("What has to change:"), *blamed]) if blamed else news.reason,
        "\n".join([gettext("What is approved already and stays so:"), *kept]) if kept else "",
    ]


_HEADLINES = {
    "submitted": _("Your papers wait for review"),
    "approved": _("Your papers are approved"),
    "provisionally_approved": _("Your papers are provisionally approved"),
    "rejected": _("Your papers were rejected"),
    "expired": _("The approval of your papers has ended"),
    "regulation_changed": _("The rules have changed for your papers"),
    "document_expires_soon": _("One of your papers expires soon"),
}
_SAID = {
    "submitted": _("Your papers have been handed in. We tell you as soon as it is decided."),
    "approved": _("Your papers are approved. You can buy such numbers with them now."),
    "provisionally_approved": _(
        "Nothing speaks against your papers, but something is still to be proved. They can't be used for numbers yet."
    ),
    "rejected": _("Your papers were rejected. Correct what is named below and hand the same papers in again."),
    "expired": _("The rules changed, and the papers were not brought up to date in time. They are rejected now."),
    "regulation_changed": _(
        "The rules for these numbers have changed, and your papers lack something. They stay approved until {day}.\n"
        "Their page begins a copy of them: complete the copy and hand it in. Over the API, then replace the items\n"
        "of the bundle with those of the copy."
    ),
    "document_expires_soon": _("One of these papers expires on {day}. Please hand in a new one before that day."),
}
#: What the page is for, then.
_PAGE = {
    "submitted": _("How far they are:"),
    "approved": _("Their page, with the way to such numbers:"),
    "provisionally_approved": _("How far they are:"),
    "rejected": _("Correct them here:"),
    "expired": _("Bring them up to date here:"),
    "regulation_changed": _("Bring them up to date here:"),
    "document_expires_soon": _("Replace it here:"),
}
#: What is told by e-mail; customers know what they did themselves.
TOLD_BY_EMAIL = frozenset(_HEADLINES)
