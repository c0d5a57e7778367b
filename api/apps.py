"""Django's registration of `api`."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = "Phone Numbers API"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The room below may not ask us by name: what it erases is forgotten here, its callbacks are spelled here."""
        from api import idempotency  # noqa: PLC0415 - models can be imported only now
        from api.status_callbacks import StatusCallbacks  # noqa: PLC0415 - likewise
        from api.waitlist.callbacks import WaitlistCallbacks  # noqa: PLC0415 - likewise
        from compliance import callbacks, forgetting  # noqa: PLC0415 - likewise
        from inventory.waitlist import telling  # noqa: PLC0415 - likewise

        forgetting.also_in(idempotency.forget)
        callbacks.spelled_by(StatusCallbacks())
        telling.spelled_by(WaitlistCallbacks())
