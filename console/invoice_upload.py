"""Bringing an invoice in through a page: the service of the command, and bad lines by their place in the file."""

from datetime import date
from tempfile import TemporaryFile
from typing import Any

from django import forms
from django.utils import timezone

from inventory.invoices.importing import Imported, take_in
from inventory.invoices.reading import BadInvoice
from inventory.models import Provider

#: Longer ones take longer than a page may: the command has no such limit.
MOST_BYTES = 10 * 1024 * 1024
FIRST_YEAR = 2000


class MonthField(forms.DateField):
    """The first day of a month, as `<input type="month">` sends it: 2026-10."""

    input_formats = ["%Y-%m"]
    widget = forms.DateInput(attrs={"type": "month", "placeholder": "2026-10"}, format="%Y-%m")


class UploadForm(forms.Form):
    """Whose invoice, of which month, and the file."""

    provider = forms.ModelChoiceField(Provider.objects.order_by("name"))
    period = MonthField(label="Month", help_text="The month that it is for, such as 2026-10.")
    file = forms.FileField(
        label="File",
        max_length=200,
        help_text="CSV, UTF-8, at most 10 MB, with a heading: number, amount, currency, and if there are any charge "
        "(monthly or one-off) and description. Other names of columns are told in the provider's options.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files, label_suffix="")

    def clean_period(self) -> date:
        """A month that has begun. Raises ValidationError."""
        period: date = self.cleaned_data["period"]
        if period > timezone.now().date() or period.year < FIRST_YEAR:
            raise forms.ValidationError("Give a month that has begun, such as 2026-10.")
        return period

    def clean_file(self) -> Any:
        """Raises ValidationError."""
        file = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError("The file is larger than 10 MB: bring it in with manage.py import_invoice.")
        return file

    def bring_in(self, actor: str) -> Imported:
        """Take in what a valid form holds. Raises BadInvoice."""
        upload = self.cleaned_data["file"]
        name = (upload.name or "invoice.csv").replace("\0", "")
        provider, period = self.cleaned_data["provider"], self.cleaned_data["period"]
        with TemporaryFile() as kept:
            for piece in upload.chunks():
                kept.write(piece)
            kept.seek(0)
            return take_in(kept, name=name, provider=provider, period=period, actor=actor)


__all__ = ["BadInvoice", "UploadForm"]
