"""Amounts as people write them: two decimals, up to four where a price has them, and the currency behind."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models

_CENT = Decimal("0.01")
_FINEST = Decimal("0.0001")
#: Fields whose currency stands in another column than `currency`.
_CURRENCIES = {"cost_before": "currency_before", "agreed": "agreed_currency"}


def in_words(amount: Decimal | None, currency: str) -> str:
    """`amount` and its ISO 4217 code: 1.60 USD, 0.0079 EUR; a dash where none is known."""
    if amount is None:
        return "-"
    finest = amount.quantize(_FINEST)
    cents = finest.quantize(_CENT)
    shown = f"{cents:f}" if cents == finest else f"{finest:f}".rstrip("0")
    return f"{shown} {currency}".strip()


def columns(model: type[models.Model], names: Any) -> list[Any]:
    """The columns of a page, with each amount beside its currency, and no column for that currency alone."""
    amounts = {name: _currency_of(model, name) for name in names if isinstance(name, str)}
    told = {currency for currency in amounts.values() if currency}
    return [_amount(model, name, amounts[name]) if amounts.get(name) else name for name in names if name not in told]


def _currency_of(model: type[models.Model], name: str) -> str:
    """The column with the currency of this one; blank where it is no amount."""
    try:
        field = model._meta.get_field(name)
        currency = _CURRENCIES.get(name, "currency")
        model._meta.get_field(currency)
    except FieldDoesNotExist:
        return ""
    return currency if isinstance(field, models.DecimalField) else ""


@cache  # one and the same each time: a page asks several times which columns it has, and compares
def _amount(model: type[models.Model], name: str, currency: str) -> Callable[[Any], str]:
    field: Any = model._meta.get_field(name)

    @admin.display(description=field.verbose_name)
    def amount(row: Any) -> str:
        return in_words(getattr(row, name), getattr(row, currency))

    amount.__name__ = name  # the class of its cells
    return amount
