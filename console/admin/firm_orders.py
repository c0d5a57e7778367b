"""Firm orders: sold ahead of the shelf, with the lead time that the customer was told."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from console.admin.sourcing import CountryFilter
from console.read_only import ReadOnlyLines
from console.verbs import ReasonForm, Verb, VerbsAdmin
from inventory.models import FirmDelivery, FirmOrder
from inventory.shelves import selling_ahead

ASKED = ("sku", "quantity", "account", "reference", "wanted_by", "note")


class FirmOrderForm(forms.ModelForm):  # type: ignore[type-arg]  # generic only in the stubs
    """Says the lead time first; who saves it then has told the customer."""

    told = forms.BooleanField(
        required=False,
        label="The customer was told the lead time",
        help_text="Save without it first: then the quote stands here.",
    )

    class Meta:
        model = FirmOrder
        fields = ASKED

    def clean(self) -> dict[str, Any]:
        """The quote, as long as nobody has confirmed it."""
        given = super().clean() or {}
        sku, quantity = given.get("sku"), given.get("quantity")
        if sku and not sku.is_active:
            self.add_error("sku", "It is switched off: nothing is bought for it.")
        elif sku and quantity and not given.get("told"):
            self.add_error("told", f"{selling_ahead.quote(sku, quantity)} Tick this when the customer knows.")
        return given


class DeliveryForm(ReasonForm):
    """Also says how many."""

    units = forms.IntegerField(min_value=1, label="Numbers", help_text="No more than are still to be delivered.")
    field_order = ("units", "reason")


def _is_open(order: FirmOrder) -> bool:
    return order.closed_at is None


VERBS = (
    Verb(
        "record_delivery",
        "Record a delivery",
        "So many were delivered. For an order of an account nobody need say it: its purchases of this kind count.",
        lambda order: _is_open(order) and order.account_id is None,
        lambda order, given, actor: selling_ahead.record_delivery(
            order, units=int(given["units"]), actor=actor, reason=given["reason"]
        ),
        form=DeliveryForm,
    ),
    Verb(
        "close",
        "Close",
        "Nothing more is bought for it. What is on order already comes to lie on the shelf.",
        _is_open,
        lambda order, given, actor: selling_ahead.close(order, actor=actor, reason=given["reason"]),
    ),
)


class DeliveryInline(ReadOnlyLines):
    """The numbers that were delivered."""

    model = FirmDelivery
    fields = ("did", "at")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the numbers: each line names one."""
        return super().get_queryset(request).select_related("did__number", "order__sku", "order__account")


@admin.register(FirmOrder)
class FirmOrderAdmin(VerbsAdmin):
    """Rows are added with a quote, and closed; never changed."""

    about = (
        "More numbers than a shelf holds, sold ahead: a night counts what is not delivered yet as gone from the shelf, "
        "and proposes to order it. Saving says the lead time first."
    )
    verbs = VERBS
    form = FirmOrderForm
    list_display = ("sku", "account", "reference", "quantity", "delivered", "due", "wanted_by", "made_at", "closed_at")
    list_filter = (("closed_at", admin.EmptyFieldListFilter), ("sku__country", CountryFilter), "sku__number_type")
    list_select_related = ("sku", "account")
    search_fields = ("reference",)
    raw_id_fields = ("sku", "account")
    ordering = ("-pk",)
    inlines = (DeliveryInline,)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who adds one is asked, and told; later all of it is shown."""
        said = ("quote", "delivered", "due", "made_by", "made_at", "closed_at", "closed_by", "closed_note")
        return (*ASKED, *said) if obj else (*ASKED, "told")

    def get_inlines(self, request: HttpRequest, obj: Any = None) -> Any:
        """None where one is added."""
        return super().get_inlines(request, obj) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For whom the rights say so."""
        return request.user.has_perm("inventory.add_firmorder")

    def save_model(self, request: HttpRequest, obj: FirmOrder, form: Any, change: bool) -> None:
        """By the service, which keeps the quote and who made it."""
        given = {name: form.cleaned_data[name] for name in ASKED}
        taken = selling_ahead.take(**given, actor=f"user:{request.user}"[:80])
        obj.pk = taken.pk
        obj.refresh_from_db()

    @admin.display(description="to be delivered")
    def due(self, order: FirmOrder) -> int:
        """Of a closed one none."""
        return order.due
