"""In which bundles a paper or a person stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db import models

from compliance.lifecycle import BundleState
from compliance.models import Bundle, ItemAssignment
from portal.filed import words


class Use(NamedTuple):
    """A bundle that holds it, and how that stands."""

    bundle: Bundle
    kind: str
    mark: words.Mark


def uses_of(column: str, rows: Iterable[models.Model]) -> Mapping[int, list[Use]]:
    """By id of the row. `column`: of an item assignment, document or end_user."""
    items = ItemAssignment.objects.filter(**{f"{column}__in": rows}, ended_at=None, bundle__deleted_at=None)
    found: dict[int, list[Use]] = defaultdict(list)
    for item in items.select_related("bundle__regulation").order_by("-bundle"):
        bundle = item.bundle
        use = Use(bundle, words.kind_of(bundle.regulation), words.STATES[BundleState(bundle.state)])
        found[getattr(item, f"{column}_id")].append(use)
    return found
