"""Amounts of money as people write them."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format

register = template.Library()
_CENT = Decimal("0.01")


@register.filter
def money(amount: Decimal, currency: str) -> str:
    """ "1.15 USD", in the visitor's way of writing numbers; parts of a cent only where there are any."""
    exact = amount.normalize()
    places = 2 if exact == exact.quantize(_CENT) else 4
    return f"{number_format(amount, places, force_grouping=True)}\N{NO-BREAK SPACE}{currency}"
