"""Django's registration of `numbering`."""

from django.apps import AppConfig


class NumberingConfig(AppConfig):
    name = "numbering"
    verbose_name = "Numbering plan"
    default_auto_field = "django.db.models.BigAutoField"
