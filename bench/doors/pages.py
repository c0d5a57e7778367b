"""The pages that are looked at: a name, addresses that a person would open, and who opens them.

Those of the console's lists come from the lists themselves: each filter with each choice, a search, a deep page.
"""

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib import admin
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import Account, User
from compliance.models import Bundle
from console.keyset import columns, written
from inventory.lifecycle import State
from inventory.models import Did
from testing_lab.demo.cast import FILER, LARGEST

CHOICES = 6  # of each filter, from the beginning and the end
EXAMPLES = 5  # rows whose pages are opened


class Page(NamedTuple):
    """`urls` are of one kind and opened in turn. `account`: for which the customer acts; None for staff.

    `stranger`: nobody is signed in.
    """

    name: str
    urls: list[str]
    account: str = ""
    stranger: bool = False

    @property
    def is_console(self) -> bool:
        return not self.account and not self.stranger


def every() -> Iterator[Page]:
    """All of them, the console's first."""
    yield from _console()
    yield from _lists()
    yield from _strangers()
    yield from _shop("customer", account=LARGEST)
    yield from _customer()


def _console() -> Iterator[Page]:
    yield Page("console home", [reverse("admin:index")])
    yield Page("console search in the bar", [_with(reverse("admin:search"), s=text) for text in ("+1415", "Clinic")])
    board = reverse("admin:inventory_quarantine_board")
    yield Page("quarantine board", [board, _with(board, country="US"), _with(board, country="DE")])
    yield Page("lab scorecard", [reverse("admin:testing_lab_suiterun_scorecard")])
    yield Page("bulk, dry run", list(_dry_runs()))
    yield Page("number list, two filters and more", list(_numbers_list()))


def _numbers_list() -> Iterator[str]:
    """What an operator would ask of the whole stock."""
    url = reverse("admin:inventory_phonenumber_changelist")
    for state, country in itertools.product((State.AVAILABLE, State.QUARANTINED, State.FAILED), ("US", "GB", "AT")):
        yield _with(url, state__exact=state, country=country)
        yield _with(url, state__exact=state, country=country, age="longer", carries="mms")
    yield _with(url, blocked="yes", number_type__exact="mobile")
    yield _with(url, order="waiting", carries="fax", age="quarter")


def _dry_runs() -> Iterator[str]:
    url = reverse("admin:inventory_bulkrun_new")
    yield _with(url, verb="block", state__exact=State.AVAILABLE, country="GB")
    yield _with(url, verb="start_tests", state__exact=State.FAILED)


def _lists() -> Iterator[Page]:
    request: Any = RequestFactory().get("/")
    request.user = User.objects.filter(is_superuser=True).order_by("pk")[0]
    request.session = {}
    for model, options in admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        url = reverse(f"admin:{label}_changelist")
        name = str(model._meta.verbose_name_plural)
        yield Page(f"list of {name}", [url])
        if filtered := list(dict.fromkeys(_filtered(url, options, request))):
            yield Page(f"list of {name}, filtered", filtered)
        if deep := list(_deep(url, options, request)):
            yield Page(f"list of {name}, deep", deep)
        if options.search_fields:
            yield Page(
                f"list of {name}, searched", [_with(url, q=text) for text in ("+1415", "4155", "Clinic", "demo")]
            )
        keys = list(_some(options, request))
        if keys:
            yield Page(f"page of one of {name}", [reverse(f"admin:{label}_change", args=[key]) for key in keys])


def _filtered(url: str, options: Any, request: Any) -> Iterator[str]:
    """One filter at a time, with the choices at both ends of its list."""
    shown = options.get_changelist_instance(request)
    for spec in shown.filter_specs:
        found = [choice["query_string"] for choice in spec.choices(shown) if "query_string" in choice]
        for query in [*found[:CHOICES], *found[-CHOICES:]]:
            if len(str(query)) > 1:
                yield f"{url}{query}"


def _deep(url: str, options: Any, request: Any) -> Iterator[str]:
    """After the middle of the table, and before its end."""
    shown = options.get_changelist_instance(request)
    order = columns(options.model, shown.queryset.query.order_by)
    last = options.model._default_manager.order_by("-pk").first()
    if order and last and isinstance(last.pk, int):
        middle = options.model._default_manager.filter(pk__gte=last.pk // 2).order_by("pk").first()
        for row in (middle, last):
            yield _with(url, after=written(order, row))
            yield _with(url, before=written(order, row))


def _some(options: Any, request: Any) -> Iterator[Any]:
    """From the beginning, the middle and the end."""
    rows = options.model._default_manager
    last = rows.order_by("-pk").values_list("pk", flat=True).first()
    if not isinstance(last, int):
        return
    for part in range(EXAMPLES):
        found = rows.filter(pk__gte=last * part // (EXAMPLES - 1)).order_by("pk").values_list("pk", flat=True).first()
        if found:
            yield found


def _strangers() -> Iterator[Page]:
    yield Page("stranger's home", [reverse("portal:home")], stranger=True)
    yield Page("sign-in", [reverse("portal:sign-in")], stranger=True)
    yield from _shop("stranger", stranger=True)


def _shop(who: str, **options: Any) -> Iterator[Page]:
    find, shown = reverse("portal:search"), reverse("portal:map")
    yield Page(f"{who}: find, nothing asked", [find], **options)
    for name, asked in SEARCHES.items():
        urls = [_with(find, **{"country": "US", "type": "local", **each}) for each in asked]
        yield Page(f"{who}: find, {name}", urls, **options)
    maps = [shown, *(_with(shown, country=country, type="local") for country in ("US", "DE", "AT"))]
    yield Page(f"{who}: map", maps, **options)
    towns = reverse("portal:towns")
    typed = [_with(towns, country="US", type="local", locality=text) for text in ("s", "san", "San Fr", "zzz")]
    yield Page(f"{who}: towns while typing", typed, **options)


SEARCHES: dict[str, list[dict[str, Any]]] = {
    "a kind": [{}, {"country": "DE"}, {"country": "GB", "type": "mobile"}, {"type": "toll_free"}],
    "area code": [{"area_code": code} for code in ("415", "212", "907")],
    "town": [{"locality": town} for town in ("Chicago", "San Francisco", "Denver", "Boston")],
    "around a town": [{"locality": "Denver", "km": km} for km in (10, 50, 500)],
    "region": [{"region": name} for name in ("CA", "TX", "WY")],
    "digits": [{"contains": text} for text in ("22", "555", "5*5*5", "7777", "00$")],
    "digits with few hits": [{"contains": text} for text in ("123456", "98765", "5*5*5*5*5", "777777", "TAXI")],
    "digits and a town": [{"contains": "77", "locality": "Chicago"}, {"contains": "7777", "locality": "Denver"}],
    "nothing there": [{"contains": "1111111"}, {"locality": "Nome", "contains": "999"}, {"area_code": "907", "km": ""}],
    "must carry": [{"can": "FAX"}, {"can": ["SMS", "MMS"]}, {"can": "VOICE", "tested": 7}],
}


def _customer() -> Iterator[Page]:
    large, filer = Account.objects.get(friendly_name=LARGEST), Account.objects.get(friendly_name=FILER)
    for name, account in (("100,000 numbers", large), ("20,000 bundles", filer)):
        for view in (
            "home",
            "cart",
            "waitlist",
            "team",
            "keys",
            "papers",
            "papers-documents",
            "papers-people",
            "papers-addresses",
            "papers-new",
        ):
            yield Page(f"{name}: {view}", [reverse(f"portal:{view}")], account=account.sid)
    numbers = reverse("portal:numbers")
    for kind, asked in NUMBERS.items():
        yield Page(f"my numbers, {kind}", [_with(numbers, **each) for each in asked], account=large.sid)
    mine: list[tuple[str, int]] = list(
        Did.objects.filter(account=large, ended_at=None)
        .order_by("number__e164")
        .values_list("sid", "number__e164")[:1000]
    )
    yield Page("my numbers, further pages", [_with(numbers, after=e164) for _, e164 in mine[::250]], account=large.sid)
    yield Page("my number", [reverse("portal:number", args=[sid]) for sid, _ in mine[::200]], account=large.sid)
    yield Page("papers of 20,000, second page", [reverse("portal:papers")], account=filer.sid)
    bundles = Bundle.objects.filter(account=filer, deleted_at=None)
    for state in ("draft", "pending_review", "approved", "rejected"):
        sids = bundles.filter(state=state).order_by("pk").values_list("sid", flat=True)[:EXAMPLES]
        urls = [reverse("portal:papers-status", args=[sid]) for sid in sids]
        yield Page(f"bundle, {state}", urls, account=filer.sid)
    drafts = list(bundles.filter(state="draft").order_by("pk").values_list("sid", flat=True)[:EXAMPLES])
    for step in ("where", "you", "addresses", "documents", "check"):
        yield Page(
            f"form, {step}", [reverse("portal:papers-step", args=[sid, step]) for sid in drafts], account=filer.sid
        )


NUMBERS: dict[str, list[dict[str, Any]]] = {
    "all": [{}],
    "one filter": [{"country": "GB"}, {"type": "toll_free"}, {"carries": "FAX"}, {"state": "RELEASED"}],
    "several": [{"country": "AT", "type": "local", "carries": "MMS"}, {"country": "US", "carries": "FAX"}],
    "digits": [{"q": text} for text in ("555 01", "77", "123456", "9999999")],
    "a name": [{"q": text} for text in ("front", "Support", "zebra", "Night line 77")],
}


def _with(url: str, **asked: Any) -> str:
    return f"{url}?{urlencode(asked, doseq=True)}"
