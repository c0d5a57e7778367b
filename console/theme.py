"""How the console's theme is set up. Settings take it from here, so it is plain data: it imports nothing of Django."""

from typing import Any

_STATIC = "/static/numberyard/"


#: Pages beside a list that stand in the side bar themselves: on them the list is not where one is.
_BESIDE = ("board/", "scorecard/", "audit/")


def _page(title: str, icon: str, path: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": f"/console/{path}"}


def _list(title: str, icon: str, model: str, page: str = "", *, permission: str = "") -> dict[str, Any]:
    """The list of a model, or a page beside it, for those who may see it: who has the right to view it, or that one."""
    app, name = model.split(".")
    permission = permission or f"{app}.view_{name}"
    here = f"/console/{app}/{name}/{page}"
    others = () if page else tuple(here + other for other in _BESIDE)
    return _page(title, icon, f"{app}/{name}/{page}") | {
        "permission": lambda request: request.user.has_perm(permission),
        "active": lambda request: request.path.startswith(here) and not request.path.startswith(others),
    }


UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Numberyard console",
    "SITE_HEADER": "Numberyard",
    "SITE_SUBHEADER": "Staff console",
    "SITE_URL": "/",
    "SITE_ICON": _STATIC + "favicon.svg",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _STATIC + "favicon.svg"},
    ],
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_HISTORY": False,
    "STYLES": [_STATIC + "tokens.css", _STATIC + "components.css", _STATIC + "console.css"],
    "SCRIPTS": [_STATIC + "js/console.js"],
    "DASHBOARD_CALLBACK": "console.home.page.dashboard",
    "COLORS": {
        # the accent of static/numberyard/tokens.css, as the theme's scale
        "primary": {
            "50": "oklch(97% .015 225)",
            "100": "oklch(94% .03 225)",
            "200": "oklch(88% .055 225)",
            "300": "oklch(81% .08 225)",
            "400": "oklch(72% .1 225)",
            "500": "oklch(60% .1 226)",
            "600": "oklch(44% .08 227)",
            "700": "oklch(38% .07 228)",
            "800": "oklch(32% .06 229)",
            "900": "oklch(27% .05 230)",
            "950": "oklch(21% .04 230)",
        },
    },
    "COMMAND": {"search_callback": "console.searching.in_palette"},
    "SIDEBAR": {
        "show_search": True,
        "navigation": [
            {
                "title": "Stock",
                "items": [
                    _page("The yard", "tram", ""),
                    _list("Numbers", "dialpad", "inventory.phonenumber"),
                    _list("Quarantine board", "view_week", "inventory.quarantine", "board/"),
                    _list("Bulk runs", "playlist_add_check", "inventory.bulkrun"),
                    _list("Blocks", "block", "inventory.numberblock"),
                    _list("Drift cases", "difference", "inventory.driftcase"),
                    _list("Stops of sale", "remove_shopping_cart", "inventory.salestop"),
                ],
            },
            {
                "title": "Whose, and since when",
                "collapsible": True,
                "items": [
                    _list("Ledger", "history", "inventory.lifecycleentry"),
                    _list("Assignments", "link", "inventory.assignment"),
                    _list("Reservations", "lock_clock", "inventory.reservation"),
                ],
            },
            {
                "title": "Quarantine engine",
                "collapsible": True,
                "items": [
                    _list("Quarantine", "hourglass_top", "inventory.quarantine"),
                    _list("Overrides of quarantines", "front_hand", "inventory.quarantineoverride"),
                    _list("Reliefs in shortages", "local_fire_department", "inventory.alpharelief"),
                    _list("Days of the traffic feed", "hearing", "inventory.feedday"),
                    _list("Reports of unwanted traffic", "phone_missed", "inventory.unwantedtraffic"),
                    _list("Fits of the quarantine engine", "model_training", "inventory.quarantinemodel"),
                    _list("Tries to fit the quarantine engine", "school", "inventory.quarantinefitting"),
                    _list("Changes of stays' limits", "update", "inventory.limitchange"),
                ],
            },
            {
                "title": "Testing lab",
                "separator": True,
                "items": [
                    _list("Suite runs", "experiment", "testing_lab.suiterun"),
                    _list("Scorecard", "leaderboard", "testing_lab.suiterun", "scorecard/"),
                    _list("Incidents", "crisis_alert", "testing_lab.incident"),
                    _list("Trunks", "alt_route", "testing_lab.trunk"),
                ],
            },
            {
                "title": "Compliance",
                "separator": True,
                "items": [
                    _list("Bundles", "fact_check", "compliance.bundle", permission="compliance.review_bundle"),
                    _list("Requests to open papers", "visibility_lock", "compliance.sightrequest"),
                    _list("End users", "person_search", "compliance.enduser"),
                ],
            },
            {
                "title": "Privacy and policies",
                "collapsible": True,
                "items": [
                    _list("Review policies", "alarm", "compliance.reviewpolicy"),
                    _list("Retention policies", "auto_delete", "compliance.retentionpolicy"),
                    _list("Legal holds", "balance", "compliance.legalhold"),
                    _list("Erasures", "delete_forever", "compliance.erasure"),
                    _list("Document views", "visibility", "compliance.documentview"),
                    _list("Bundle views", "preview", "compliance.bundleview"),
                ],
            },
            {
                "title": "Providers and orders",
                "separator": True,
                "items": [
                    _list("Providers", "cell_tower", "inventory.provider"),
                    _list("Orders", "shopping_cart", "inventory.providerorder"),
                    _list("Returns", "assignment_return", "inventory.providerrelease"),
                ],
            },
            {
                "title": "Catalogue",
                "collapsible": True,
                "items": [
                    _list("Offers", "list_alt", "inventory.listedoffer"),
                    _list("Catalogue runs", "sync", "inventory.cataloguerun"),
                    _list("Stops of sourcing", "production_quantity_limits", "inventory.sourcingstop"),
                ],
            },
            {
                "title": "Restock",
                "collapsible": True,
                "items": [
                    _list("Restock proposals", "inventory", "inventory.restockproposal"),
                    _list("SKUs", "shelves", "inventory.sku"),
                    _list("Stock targets", "flag", "inventory.stocktarget"),
                    _list("Supply terms", "contract", "inventory.supplyterms"),
                    _list("Demand", "trending_up", "inventory.demandevent"),
                    _list("Firm orders", "handshake", "inventory.firmorder"),
                    _list("Waitlist", "hourglass_bottom", "inventory.waitlistentry"),
                ],
            },
            {
                "title": "Money",
                "collapsible": True,
                "items": [
                    _list("Tariffs", "sell", "inventory.tariff"),
                    _list("Invoices", "receipt_long", "inventory.invoice"),
                    _list("Misbillings", "money_off", "inventory.misbilling"),
                ],
            },
            {
                "title": "Returns to authorities",
                "collapsible": True,
                "items": [
                    _list("Allocations", "view_module", "inventory.allocation"),
                    _list("Filings", "outgoing_mail", "inventory.filing"),
                ],
            },
            {
                "title": "Rules",
                "collapsible": True,
                "items": [
                    _list("Rulebooks", "menu_book", "compliance.rulebook"),
                    _list("Rollout policies", "event_upcoming", "compliance.rolloutpolicy"),
                    _list("Aging rules", "calendar_clock", "compliance.agingrule"),
                    _list("Lab limits", "straighten", "testing_lab.limit"),
                    _list("Address rules", "gavel", "compliance.numbertyperule"),
                    _list("Places", "location_on", "numbering.place"),
                ],
            },
            {
                "title": "Accounts",
                "collapsible": True,
                "items": [
                    _list("Accounts", "apartment", "accounts.account"),
                    _list("API keys", "key", "accounts.apikey"),
                    _list("People", "group", "accounts.user"),
                    _list("Changes of roles", "badge", "accounts.rolechange"),
                    _list("Audit log", "policy", "admin.logentry", "audit/"),
                ],
            },
        ],
    },
}
