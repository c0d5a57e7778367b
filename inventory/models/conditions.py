"""What holds for columns that several tables have: a kind of number, and money."""

from django.db.models import Q

from numbering.types import NumberType

COUNTRY_IS_ISO = Q(country__regex=r"^[A-Z]{2}$")  # ISO 3166-1 alpha-2
TYPE_IS_KNOWN = Q(number_type__in=NumberType.values)
CURRENCY_IS_ISO = Q(currency__regex=r"^[A-Z]{3}$")  # ISO 4217
