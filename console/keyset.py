"""Lists without pages that are counted: the links beside a page carry the key where it begins or ends.

A page costs what its rows cost, wherever it is: OFFSET would read and throw away all rows before it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Field, Model, Q
from django.http import HttpRequest
from django.utils.text import capfirst

if TYPE_CHECKING:  # as in console.read_only
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

AFTER, BEFORE = "after", "before"


class Column(NamedTuple):
    """One column of an order; `falls` when the greatest comes first."""

    field: "Field[Any, Any]"
    falls: bool


class KeysetPages(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    """What the theme asks of a list: how large a page is, and the template of the links below it."""

    template_name = "console/keyset.html"


def columns(model: type[Model], ordering: Sequence[Any]) -> list[Column] | None:
    """The columns of an order that tells any two rows apart; None where it goes over blank or foreign columns."""
    found = []
    for name in ordering:
        if not isinstance(name, str) or "__" in name:
            return None
        bare = name.removeprefix("-")
        field = model._meta.pk if bare == "pk" else model._meta.get_field(bare)
        if not isinstance(field, Field) or field.null or field.is_relation:
            return None
        found.append(Column(field, falls=name.startswith("-")))
    return found if found and found[-1].field.primary_key else None


def beyond(order: Sequence[Column], values: Sequence[Any]) -> Q:
    """Rows that come after the one with these values in those columns."""
    whole, same = Q(), Q()
    for column, value in zip(order, values, strict=True):
        way = "lt" if column.falls else "gt"
        whole |= same & Q((f"{column.field.name}__{way}", value))
        same &= Q((column.field.name, value))
    first = order[0]  # said once more, apart: only this an index can begin with
    edge = Q((f"{first.field.name}__{'lte' if first.falls else 'gte'}", values[0]))
    return edge & whole


def written(order: Sequence[Column], row: Model) -> str:
    """The key of a row, for the address of a page."""
    return ",".join(str(column.field.value_to_string(row)) for column in order)


def read(order: Sequence[Column], key: str) -> list[Any]:
    """The values of a key. Raises ValidationError for what is none."""
    parts = key.split(",")
    if len(parts) != len(order):
        raise ValidationError("This is not the key of a row")
    return [column.field.to_python(part) for column, part in zip(order, parts, strict=True)]


class KeysetList(ChangeList):
    """A list by keys wherever its order has them. `before` and `after` are the addresses of the pages beside it."""

    before = after = ""
    counted = ""  # how many there are, in words, where that is known

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = capfirst(str(self.opts.verbose_name_plural))

    def get_filters_params(self, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Without the keys, which are no filters."""
        found: dict[str, Any] = super().get_filters_params(params)
        return {name: value for name, value in found.items() if name not in (AFTER, BEFORE)}

    def get_query_string(self, new_params: Any = None, remove: Any = None) -> str:
        """A filter that changes begins at the beginning."""
        return super().get_query_string(new_params, [*(remove or []), AFTER, BEFORE])

    def get_results(self, request: HttpRequest) -> None:
        """The page of rows, and one row more to know whether there is another page."""
        order = columns(self.model, self.queryset.query.order_by)
        if order is None:
            self.get_counted_results(request)
            return
        try:
            self._read_page(request, order)
        except (ValidationError, ValueError, OverflowError) as error:
            raise IncorrectLookupParameters(error) from error

    def get_counted_results(self, request: HttpRequest) -> None:
        """Pages by number, as Django's, for small tables that are ordered by what is no key."""
        super().get_results(request)
        self.full_result_count = self.result_count

    def _read_page(self, request: HttpRequest, order: list[Column]) -> None:
        key, back = _key(request)
        rows = self.queryset.reverse() if back else self.queryset
        if key:
            turned = [column._replace(falls=not column.falls) for column in order] if back else order
            rows = rows.filter(beyond(turned, read(order, key)))
        self.show(list(rows[: self.list_per_page + 1]), key=key, back=back, name=lambda row: written(order, row))

    def show(self, rows: list[Any], *, key: str, back: bool, name: Any) -> None:
        """Take the rows that were read from `key` on, one more than a page where there is another."""
        more, rows = len(rows) > self.list_per_page, rows[: self.list_per_page]
        rows = rows[::-1] if back else rows
        self.before = self._beside(BEFORE, name(rows[0])) if rows and (more if back else key) else ""
        self.after = self._beside(AFTER, name(rows[-1])) if rows and (more or back) else ""
        self.result_list, self.result_count = rows, len(rows)
        self.full_result_count = self.result_count  # the theme shows a total only where it differs from the result
        self.show_full_result_count, self.show_admin_actions = False, bool(rows)
        self.can_show_all, self.multi_page = False, bool(self.before or self.after)
        self.paginator = KeysetPages(rows, self.list_per_page)

    @property
    def first_page(self) -> str:
        """The address of the beginning."""
        return self.get_query_string()

    def _beside(self, name: str, key: str) -> str:
        return self.get_query_string({name: key})


def _key(request: HttpRequest) -> tuple[str, bool]:
    """The key of the address, and whether the page ends there."""
    back = request.GET.get(BEFORE, "")
    return (back, True) if back else (request.GET.get(AFTER, ""), False)
