"""Countries in templates."""

from django import template

from numbering.countries import called

register = template.Library()


@register.filter
def country(code: str) -> str:
    """What the country with that code is called, in the language of the page."""
    return called(code)
