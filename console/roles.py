"""What each role may do in the console: one table, which `manage.py roles` writes into groups of Django's.

A permission that no line names is nobody's but a superuser's: a test lists those that pages could ask for, so that none
is forgotten.
"""

from collections.abc import Iterator

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.roles import StaffRole

#: Whose rights a role has too.
INCLUDES: dict[StaffRole, tuple[StaffRole, ...]] = {
    StaffRole.VIEWER: (),
    StaffRole.OPERATOR: (StaffRole.VIEWER,),
    StaffRole.REVIEWER: (),
    StaffRole.LEAD: (StaffRole.OPERATOR, StaffRole.REVIEWER),
    StaffRole.ADMIN: (StaffRole.LEAD,),
}
_RULES = "compliance: agingrule numbertyperule rulebook rolloutpolicy reviewpolicy; numbering: place"
#: By role and what it may do: models by their app. Custom permissions stand under "" as they are called.
TABLE: dict[StaffRole, dict[str, str]] = {
    StaffRole.VIEWER: {
        "view": (
            "inventory: phonenumber lifecycleentry assignment reservation bulkrun bulkitem numberblock salestop "
            "driftcase quarantine quarantineoverride quarantinemodel quarantinefitting "
            "feedday alpharelief unwantedtraffic limitchange "
            "provider discrepancy providerorder providerorderline providerrelease listedoffer cataloguerun pricechange "
            "sourcingstop restockproposal sku stocktarget supplyterms demandevent firmorder firmdelivery waitlistentry "
            "waitlistserving allocation filing tariff; testing_lab: suiterun incident incidententry limit; " + _RULES
        ),
    },
    StaffRole.OPERATOR: {
        "view": "accounts: account; inventory: invoice misbilling; testing_lab: trunk",
        "add": "inventory: bulkrun quarantineoverride sku stocktarget supplyterms firmorder invoice",
        "change": (
            "inventory: phonenumber provider salestop driftcase quarantineoverride cataloguerun sourcingstop sku "
            "stocktarget supplyterms firmorder waitlistentry; testing_lab: suiterun incident"
        ),
    },
    StaffRole.REVIEWER: {
        "view": f"compliance: bundle enduser sightrequest; {_RULES}",
        "": "compliance.review_bundle compliance.grant_sight",
    },
    StaffRole.LEAD: {
        "view": (
            "accounts: user apikey rolechange; admin: logentry; "
            "compliance: documentview bundleview legalhold erasure retentionpolicy"
        ),
        "add": (
            "inventory: tariff alpharelief allocation filing; testing_lab: limit trunk; "
            "compliance: reviewpolicy rolloutpolicy legalhold"
        ),
        "change": (
            "accounts: account user; inventory: tariff alpharelief allocation restockproposal quarantinemodel; "
            "testing_lab: trunk; compliance: rulebook legalhold"
        ),
        "": "inventory.approve_bulkrun inventory.force_release testing_lab.override_verdict",
    },
    StaffRole.ADMIN: {
        "add": "compliance: retentionpolicy",
        "change": "compliance: enduser",
        "delete": "compliance: enduser",
    },
}


def own(role: StaffRole) -> set[str]:
    """The permissions that the table gives this role itself, as "app.codename"."""
    return {name for does, models in TABLE[role].items() for name in _names(does, models)}


def _names(does: str, models: str) -> Iterator[str]:
    if not does:
        yield from models.split()
        return
    for app in models.split(";"):
        label, _, names = app.partition(":")
        yield from (f"{label.strip()}.{does}_{name}" for name in names.split())


def of(role: StaffRole) -> set[str]:
    """All that the role may do."""
    return own(role).union(*(of(other) for other in INCLUDES[role]))


def install() -> None:
    """Make each role's group, with the permissions of the table and no others. May be repeated.

    Raises LookupError for a line of the table that names no permission.
    """
    known = {f"{app}.{codename}": pk for pk, app, codename in _permissions()}
    with transaction.atomic():
        for role in StaffRole:
            group, _ = Group.objects.get_or_create(name=role)
            group.permissions.set([known[name] for name in sorted(of(role))])


def _permissions() -> list[tuple[int, str, str]]:
    """Every permission; Django makes them after migrating."""
    labels = [app.label for app in apps.get_app_configs()]
    types = ContentType.objects.filter(app_label__in=labels)
    found = Permission.objects.filter(content_type__in=types)
    return list(found.values_list("pk", "content_type__app_label", "codename"))
