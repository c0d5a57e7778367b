"""Django's registration of `api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "Phone Numbers API"
    default_auto_field = "django.db.models.BigAutoField"
