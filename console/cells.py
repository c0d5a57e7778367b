"""The cells of a list, and the facts of a row's page, as people read them: numbers as they are written abroad, moments
by how long ago, capabilities by name, yes without a green light and no without a red one."""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince, timeuntil

from console import money, spoken
from inventory.models import PhoneNumber
from numbering.e164 import E164
from numbering.types import capability_names

Cell = Callable[[Any], Any]
#: Columns with who did something, as `spoken.actor` reads it.
_ACTORS = {
    *("actor", "placed_by", "cleared_by", "resolved_by", "lifted_by", "withdrawn_by", "closed_by", "imported_by"),
    *("activated_by", "added_by", "created_by", "decided_by", "judged_by", "set_by", "made_by"),
}
#: Columns that keep capabilities as a mask.
_MASKS = {"capabilities", "declared", "tested", "observed", "declared_capabilities", "observed_capabilities"}
#: What the column's own name would not tell.
_TITLES = {"sid": "SID", "e164": "number", "at": "when", "actor": "by"}
_NOBODY = "-"


def columns(model: type[models.Model], names: Any) -> list[Any]:
    """Of a list: each field of these whose cells say more than the value does; what is no field stays."""
    return [_cell(model, name) or name if isinstance(name, str) else name for name in money.columns(model, names)]


def facts(model: type[models.Model], names: Any) -> list[Any]:
    """Likewise of a row's page, where there is room: moments to the second, numbers as links to their pages."""
    return [_fact(model, name) or name if isinstance(name, str) else name for name in money.columns(model, names)]


@cache  # one and the same each time, as in console.money
def _cell(model: type[models.Model], name: str) -> Cell | None:
    field = _field(model, name)
    if isinstance(field, models.DateTimeField):
        return _named(field, lambda row: moment(getattr(row, name)))
    if isinstance(field, models.ForeignKey) and field.related_model is PhoneNumber:
        return _named(field, lambda row: abroad(getattr(row, name)))
    return _plain(field) if field else None


@cache
def _fact(model: type[models.Model], name: str) -> Cell | None:
    field = _field(model, name)
    if isinstance(field, models.ForeignKey) and field.related_model is PhoneNumber:
        return _named(field, lambda row: _to_its_page(getattr(row, name)))
    return _plain(field) if field else None


def _field(model: type[models.Model], name: str) -> "models.Field[Any, Any] | None":
    try:
        field = model._meta.get_field(name)
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _plain(field: "models.Field[Any, Any]") -> Cell | None:
    """What a list and a page say alike; None where the theme says it well."""
    name = field.name
    in_words = f"{name}_in_words"  # without the help, which tells of the code
    if isinstance(field, models.BooleanField):
        return _named(field, lambda row: _yes(is_so=getattr(row, name)))
    if name in _MASKS and isinstance(field, models.IntegerField):
        return _named(field, lambda row: ", ".join(capability_names(getattr(row, name))) or "none", in_words)
    if name in _ACTORS and isinstance(field, models.CharField):
        return _named(field, lambda row: spoken.actor(getattr(row, name)) or _NOBODY, in_words)
    if name == "e164":
        return _named(field, lambda row: abroad(row.e164), in_words)
    if name == "sid":
        return _named(field, lambda row: row.sid)
    return None


def _named(field: "models.Field[Any, Any]", shown: Cell, name: str = "") -> Cell:
    """With the title of its column, and the class of its cells; under the field's own name it also has its help."""
    title = str(_TITLES.get(field.name, field.verbose_name)).removeprefix("is ")

    @admin.display(description=title, ordering=field.name)
    def cell(row: Any) -> Any:
        return shown(row)

    cell.__name__ = name or field.name
    return cell


def moment(at: datetime | None) -> SafeString | str:
    """How long ago, or in how long; the moment itself is in the title."""
    if at is None:
        return _NOBODY
    now = timezone.now()
    far = timeuntil(at, now) if at > now else timesince(at, now)
    words = "just now" if far.startswith("0") else f"in {far}" if at > now else f"{far} ago"
    return format_html('<time class="ny-ago" datetime="{}" title="{}">{}</time>', at.isoformat(), localize(at), words)


def abroad(number: "PhoneNumber | int | None") -> SafeString | str:
    """A number as it is written abroad."""
    if number is None:
        return _NOBODY
    value = number.number if isinstance(number, PhoneNumber) else E164.from_int(number)
    return format_html('<span class="ny-digits">{}</span>', value.international_format)


def _to_its_page(number: PhoneNumber | None) -> SafeString | str:
    if number is None:
        return _NOBODY
    page = reverse("admin:inventory_phonenumber_change", args=[number.pk])
    return format_html('<a class="ny-link" href="{}">{}</a>', page, abroad(number))


def _yes(*, is_so: bool | None) -> str:
    if is_so is None:
        return "not known"
    return "yes" if is_so else "no"
