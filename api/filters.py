"""django-filter on our lists: filters are named as Twilio names them, and a bad value is 20001, not ignored."""

import re
from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from rest_framework.request import Request

from api.errors import Refusal


def filtered(filters: type[django_filters.FilterSet], request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that the query asks for. Raises Refusal 20001 that names the first bad parameter."""
    bound = filters(request.query_params, queryset=rows)
    for name, errors in bound.errors.items():
        raise Refusal(20001, f"Invalid parameter {name}: {errors[0]}")
    return bound.qs


class FlagField(forms.CharField):
    """true or false, in any letter case."""

    def to_python(self, value: Any) -> Any:
        text = str(super().to_python(value)).lower()
        if text not in ("", "true", "false"):
            raise forms.ValidationError("expected true or false")
        return None if text == "" else text == "true"


class FlagFilter(django_filters.Filter):
    """Rows whose boolean column is as asked."""

    field_class = FlagField


class DigitsField(forms.CharField):
    """Part of a phone number; `*` stands for one digit. A plus that was not percent-encoded arrives as a space."""

    def to_python(self, value: Any) -> Any:
        text = re.sub(r"^ ", "+", str(super().to_python(value)))
        if not re.fullmatch(r"\+?[0-9*]{0,15}", text):
            raise forms.ValidationError("expected digits and *, such as +1415555****")
        return text


class DigitsFilter(django_filters.Filter):
    """Rows whose E.164 digits contain the part, or start with it after a plus."""

    field_class = DigitsField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"strip": False}))

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        digits = (value or "").lstrip("+").replace("*", "[0-9]")
        if not digits:
            return qs
        anchor = "^" if value.startswith("+") else ""
        numbers: QuerySet[Any] = qs.annotate(digits=Cast(str(self.field_name), TextField()))
        return numbers.filter(digits__regex=anchor + digits)
