"""Django's error reports (the page under DEBUG, the mail to ADMINS, which we don't send): places, and no values."""

from collections.abc import ItemsView
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter


class NoValues(SafeExceptionReporterFilter):
    """Whatever a frame or a form holds may be somebody's name."""

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: Any) -> ItemsView[str, Any]:
        """None."""
        return {}.items()

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        """None."""
        return {}

    def is_active(self, request: HttpRequest | None) -> bool:
        """Always, under DEBUG too."""
        return True
