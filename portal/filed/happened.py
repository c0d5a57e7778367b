"""What happened to a bundle, in its customer's words, the newest first."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext

from compliance.models import Bundle, BundleEntry, Recheck
from compliance.services import expiring_papers
from compliance.services.notices import TEST_BUNDLE

MOST = 60


class Event(NamedTuple):
    """One line of the story: `tone` and `icon` as a `Mark` has them, `text` may be blank."""

    at: datetime
    title: str | Promise
    text: str
    tone: str
    icon: str


def story(bundle: Bundle, history: Sequence[BundleEntry], rechecks: Iterable[Recheck]) -> list[Event]:
    """`history`: the ledger. Who of the staff did what is not the customer's to know, nor what they did among
    themselves: only these verbs are told."""
    told = [_MOVES[entry.verb](entry) for entry in history if entry.verb in _MOVES]
    events = [*told, *_rules(rechecks), *_warnings(bundle)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:MOST]


def _said(title: Promise, tone: str, icon: str, text: Promise | str = "") -> Callable[[BundleEntry], Event]:
    return lambda entry: Event(entry.at, title, str(text), tone, icon)


def _submitted(entry: BundleEntry) -> Event:
    clone = entry.reason.startswith("clone of ")
    text = _("As a clone it takes over the approval of its original.") if clone else ""
    return Event(entry.at, _("You handed it in"), text, "going", "waiting")


def _approved(entry: BundleEntry) -> Event:
    if entry.actor == "review:automatic":
        text = _("Every check passed, and these rules ask for no more: nobody had to look.")
    else:
        text = _("Numbers may hang on it now.")
    return Event(entry.at, _("Approved"), text, "pass", "approved")


def _provisional(entry: BundleEntry) -> Event:
    text = _("Still to be proved: %(what)s") % {"what": entry.reason} if entry.reason else ""
    return Event(entry.at, _("Provisionally approved"), text, "going", "looking")


def _rejected(entry: BundleEntry) -> Event:
    if entry.reason == TEST_BUNDLE:
        said = _("A test bundle is always rejected: nobody looked at it.")
        return Event(entry.at, _("The test is over"), said, "idle", "draft")
    blamed: Mapping[str, str] = entry.data.get("items", {})
    said = ngettext("%(n)s item has to be corrected.", "%(n)s items have to be corrected.", len(blamed))
    return Event(entry.at, _("Not approved yet"), said % {"n": len(blamed)} if blamed else "", "fail", "rejected")


def _expired(entry: BundleEntry) -> Event:
    said = _("The rules had changed, and it was not brought up to date in time. Numbers in service stay in service.")
    return Event(entry.at, _("The approval ended"), said, "fail", "rejected")


def _replaced(entry: BundleEntry) -> Event:
    said = _("Its papers are those of %(sid)s now.") % {"sid": entry.data.get("from", "")}
    return Event(entry.at, _("Brought up to date"), said, "pass", "approved")


_MOVES: Mapping[str, Callable[[BundleEntry], Event]] = {
    "create": _said(lazy("Begun"), "idle", "draft"),
    "submit": _submitted,
    "recall": _said(lazy("You took it back"), "idle", "draft"),
    "reopen": _said(lazy("You took it up again to correct it"), "idle", "draft"),
    "claim": _said(lazy("The review began"), "going", "looking"),
    "approve": _approved,
    "approve_provisionally": _provisional,
    "reject": _rejected,
    "expire": _expired,
    "replace_items": _replaced,
}


def _rules(rechecks: Iterable[Recheck]) -> Iterator[Event]:
    for recheck in rechecks:
        if recheck.lacks:
            said = ngettext(
                "%(n)s thing is missing under the new rules.",
                "%(n)s things are missing under the new rules.",
                len(recheck.lacks),
            )
            text = said % {"n": len(recheck.lacks)}
            yield Event(recheck.created_at, _("The rules changed"), text, "stuck", "ending")


def _warnings(bundle: Bundle) -> Iterator[Event]:
    for warning in expiring_papers.told().filter(bundle=bundle):
        yield Event(warning.created_at, _("We told you that a paper expires soon"), "", "stuck", "ending")
