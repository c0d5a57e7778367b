"""Django's registration of `compliance`."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What reviewers wrote, and what customers are still to be told, goes with an erasure."""
        from compliance import forgetting  # noqa: PLC0415 - models can be imported only now
        from compliance.services import notices, verdicts  # noqa: PLC0415 - likewise

        forgetting.also_in(verdicts.forget)
        forgetting.also_in(notices.forget)
