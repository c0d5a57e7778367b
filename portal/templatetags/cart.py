"""The cart in the navigation of every page."""

from django import template
from django.http import HttpRequest

from portal.cart import counter

register = template.Library()


@register.simple_tag(takes_context=True)
def held_count(context: template.Context) -> int:
    """How many numbers the visitor holds; no query."""
    request = context.get("request")
    return counter.held(request) if isinstance(request, HttpRequest) else 0
