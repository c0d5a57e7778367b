"""django-filter on our lists: filters are named as Twilio names them, and a bad value is 20001, not ignored.

Their values are read by the formats of `api.parameters`, so that a list refuses in the words of every other path.
"""

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework.request import Request

from api.errors import Refusal
from api.parameters import Format, read_text


def filtered(filters: type[django_filters.FilterSet], request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the query asks for. Raises Refusal 20001 that names the first bad parameter."""
    bound = filters(request.query_params, queryset=rows)
    for name, errors in bound.errors.items():
        raise Refusal(20001, f"Invalid parameter {name}: {errors[0]}")
    return bound.qs


class FormatField(forms.Field):
    """A text that a `Format` reads; empty asks nothing."""

    def __init__(self, *args: Any, format: Format, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = format

    def to_python(self, value: Any) -> Any:
        try:
            return read_text(self.format, value) if value else None
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None


class FormatFilter(django_filters.Filter):
    """Rows whose column is what the format reads. Takes `format`, which also describes the filter in OpenAPI."""

    field_class = FormatField


def _digits(value: str) -> str:
    """Part of a phone number; `*` stands for one digit. A plus that was not percent-encoded arrives as a space."""
    text = re.sub(r"^ ", "+", value)
    if not re.fullmatch(r"\+?[0-9*]{0,15}", text):
        raise ValueError("expected digits and *, such as +1415555****")
    return text


class DigitsFilter(FormatFilter):
    """Rows whose E.164 digits contain the part, or start with it after a plus."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, format=Format(_digits, {"type": "string"}), **kwargs)

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        digits = (value or "").lstrip("+").replace("*", "[0-9]")
        if not digits:
            return qs
        anchor = "^" if value.startswith("+") else ""
        numbers: QuerySet[Any] = qs.annotate(digits=Cast(str(self.field_name), TextField()))
        return numbers.filter(digits__regex=anchor + digits)
