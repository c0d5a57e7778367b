"""Codes of rows in the console's templates, as people say them."""

from django.template import Library

from console import spoken

register = Library()
register.filter("actor", spoken.actor)
register.filter("exchange", spoken.exchange)
register.filter("move", spoken.move)
