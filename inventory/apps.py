"""Django's registration of `inventory`."""

from django.apps import AppConfig


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = "Inventory"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Answer for the numbers: the room below may not ask us by name."""
        from compliance import holdings, tenures  # noqa: PLC0415 - models can be imported only now
        from inventory.services.holdings import DidHoldings  # noqa: PLC0415 - likewise
        from inventory.services.tenures import AssignmentTenures  # noqa: PLC0415 - likewise

        holdings.answered_by(DidHoldings())
        tenures.answered_by(AssignmentTenures())
