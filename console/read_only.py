"""Pages that show and don't edit: what changes a row is a verb, with a reason, not a form field."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from console import cells
from console.keyset import KeysetList
from console.plain_form import PlainForm

if TYPE_CHECKING:  # the theme ships no types; its classes are Django's with other templates
    from django.contrib.admin import ModelAdmin as _ModelAdmin
    from django.contrib.admin import TabularInline as _TabularInline

    ModelAdmin = _ModelAdmin[Any]
    TabularInline = _TabularInline[Any, Any]
else:
    from unfold.admin import ModelAdmin, TabularInline

CEILING = 5_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # generic only in the stubs
    """For the lists that have no keys (`console.keyset.columns`): counts no further than `CEILING`.

    Who needs row 5,001 needs a filter.
    """

    template_name = "console/pagination.html"

    @cached_property
    def count(self) -> int:
        """The number of rows, or the ceiling."""
        rows: QuerySet[Any] = self.object_list  # type: ignore[assignment]  # the admin gives nothing else
        return len(rows.values_list("pk", flat=True).order_by()[:CEILING])

    @property
    def is_capped(self) -> bool:
        """Whether there may be more."""
        return self.count == CEILING


class ReadOnlyAdmin(ModelAdmin):
    """A list and a page for each row; nobody adds, changes or deletes.

    `about`: what the rows are, for who looks at the list or adds one.
    """

    about = ""
    form: Any = PlainForm
    list_before_template = change_form_before_template = "console/about.html"
    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    sortable_by = ()  # by any column means sorting millions of rows; each list has the order of an index
    paginator = CappedPaginator
    list_filter_sheet = False
    show_facets = ShowFacets.NEVER  # a count beside each choice counts the table

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetList]:
        """By keys, and without a total."""
        return KeysetList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """As people read them."""
        return cells.columns(self.model, super().get_list_display(request))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Who adds a row is asked for what they decide; the rest comes with it."""
        fields = super().get_fields(request, obj)
        return fields if obj else [name for name in fields if name not in self.get_readonly_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """On the page of a row that nobody changes: as people read them."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [(title, {**said, "fields": cells.facts(self.model, said["fields"])}) for title, said in sets]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class ReadOnlyLines(TabularInline):
    """The rows of a row, on its page; their columns say what they are, so they have no title."""

    extra = 0
    can_delete = False
    hide_title = True

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """As people read them: the lines stand on the page of a row."""
        return cells.facts(self.model, super().get_fields(request, obj))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """All: no form asks for them."""
        return [*super().get_readonly_fields(request, obj), *filter(callable, self.get_fields(request, obj))]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class EditableAdmin(ModelAdmin):
    """A page that staff may edit, where nothing is ever deleted. `about`: as of `ReadOnlyAdmin`."""

    about = ""
    form: Any = PlainForm
    list_before_template = change_form_before_template = "console/about.html"
    actions = None
    list_per_page = 50
    show_full_result_count = False
    paginator = CappedPaginator
    list_filter_sheet = False
    show_facets = ShowFacets.NEVER  # a count beside each choice counts the table
    warn_unsaved_form = True

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[KeysetList]:
        """By keys where its order has them, and without a total."""
        return KeysetList

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """As people read them."""
        return cells.columns(self.model, super().get_list_display(request))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: switch it off instead."""
        return False


class YesFilter(SimpleListFilter):
    """Off, or only the rows for which `condition` holds; subclasses say which and how they are named."""

    condition: Callable[[], Q]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The one choice beside "all"."""
        return [("yes", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that are left."""
        return queryset.filter(type(self).condition()) if self.value() == "yes" else queryset
