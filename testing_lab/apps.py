"""Django's registration of `testing_lab`."""

from django.apps import AppConfig


class TestingLabConfig(AppConfig):
    name = "testing_lab"
    verbose_name = "Testing lab"
    default_auto_field = "django.db.models.BigAutoField"
