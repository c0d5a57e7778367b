"""Shelves with nothing on sale that should hold something: SKUs in the catalogue, and stock targets."""

from django.db.models import Case, QuerySet, Subquery, When
from django.db.models.expressions import OuterRef
from django.db.models.query_utils import Q

from inventory.models import PhoneNumber, Sku, StockTarget
from inventory.querysets import NumberQuerySet


def bare_skus() -> QuerySet[Sku]:
    """Active and listed SKUs of whose kind a customer finds nothing: what lies on a narrower SKU is found too."""
    wanted = Sku.objects.filter(is_active=True, is_listed=True)
    narrowest = Case(
        When(place__isnull=False, then=_first(_of_kind().filter(place=OuterRef("place")))),
        When(~Q(area_code=""), then=_first(_of_kind().filter(area_code=OuterRef("area_code")))),
        default=_first(_of_kind()),
    )
    return wanted.alias(found=narrowest).filter(found=None)


def bare_targets() -> QuerySet[StockTarget]:
    """Active targets of whose numbers none is on sale, whoever they are to come from."""
    wanted = StockTarget.objects.filter(is_active=True).exclude(quantity=0)
    narrowest = Case(
        When(~Q(area_code=""), then=_first(_of_kind().filter(area_code=OuterRef("area_code")))),
        default=_first(_of_kind()),
    )
    return wanted.alias(found=narrowest).filter(found=None)


def _of_kind() -> NumberQuerySet:
    kind = PhoneNumber.objects.filter(country=OuterRef("country"), number_type=OuterRef("number_type"))
    return kind.order_by().on_sale().not_stopped()


def _first(numbers: NumberQuerySet) -> Subquery:
    """One probe of `sale_shelf`, `sale_area` or `sale_place` for each row. As EXISTS, PostgreSQL would rather read all
    that is on sale into a hash table, which is right for as many rows as there are numbers."""
    return Subquery(numbers.values("pk")[:1])
