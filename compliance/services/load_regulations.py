"""From the country files to dated rows. Loading is idempotent: a file's snapshot date is the version of its rows."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from compliance.models import AgingRule, NumberTypeRule, PreviousUse

COUNTRY_FILES = Path(__file__).resolve().parents[1] / "data" / "regulations"


class BadCountryFile(Exception):
    """The file can't be loaded; the message names it and what is wrong."""


def read_country(path: Path) -> dict[str, Any]:
    """One country file as plain data."""
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        if document["country"] != path.stem.upper():
            raise BadCountryFile(f"{path.name}: says country {document['country']}")
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise BadCountryFile(f"{path.name}: {error}") from error
    return dict(document)


@transaction.atomic
def load_regulations(folder: Path = COUNTRY_FILES) -> int:
    """Load every country file; returns how many. Nothing is loaded when one of them is bad."""
    countries = [read_country(path) for path in sorted(folder.glob("??.yaml"))]
    NumberTypeRule.objects.bulk_create(
        [rule for country in countries for rule in _type_rules(country)],
        update_conflicts=True,
        unique_fields=["country", "number_type", "valid_from"],
        update_fields=["address_requirement", "confidence", "enforced"],
    )
    AgingRule.objects.bulk_create(
        [rule for country in countries for rule in _aging_rules(country)],
        update_conflicts=True,
        unique_fields=["country", "previous_use", "valid_from"],
        update_fields=["minimum_days", "maximum_days", "clock_start", "source", "confidence"],
    )
    return len(countries)


def _type_rules(country: dict[str, Any]) -> Iterable[NumberTypeRule]:
    for number_type, rule in country["number_types"].items():
        yield NumberTypeRule(
            country=country["country"],
            number_type=number_type,
            address_requirement=rule["address_requirement"],
            confidence=rule["confidence"],
            enforced=rule["enforced"],
            valid_from=date.fromisoformat(str(country["snapshot_date"])),
        )


def _aging_rules(country: dict[str, Any]) -> Iterable[AgingRule]:
    aging = country.get("aging") or {}
    limits = {PreviousUse.ANY: aging} | dict(aging.get("by_previous_use") or {})
    for use, limit in limits.items():
        if limit.get("minimum_days") is None and limit.get("maximum_days") is None:
            continue
        yield AgingRule(
            country=country["country"],
            previous_use=use,
            minimum_days=limit.get("minimum_days"),
            maximum_days=limit.get("maximum_days"),
            clock_start=aging.get("clock_start") or "",
            source=(aging.get("legal_source") or "")[:300],
            confidence=aging.get("confidence") or "unknown",
            valid_from=_effective(aging.get("effective_from")),
        )


def _effective(text: object) -> date:
    """The day a rule took effect; a bare year is its first day, and no date at all is "always"."""
    if not text:
        return date(1970, 1, 1)
    parts = [int(part) for part in str(text).split("-")]
    return date(*[*parts, 1, 1][:3])
