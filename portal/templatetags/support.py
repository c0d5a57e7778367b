"""Whom to write to, where a page can't help further."""

from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def support() -> SafeString:
    """The operator's address as a link that opens a letter; `SUPPORT_EMAIL`."""
    return format_html('<a href="mailto:{0}" translate="no">{0}</a>', settings.SUPPORT_EMAIL)
