"""Which fit the nights decide with; none is the defaults. Without the engine, since the console loads this."""

from django.db import connection, transaction

from inventory.models import QuarantineModel, QuarantineModelChange

_ALONE = "SELECT pg_advisory_xact_lock(hashtext('inventory.quarantine.model'))"


@transaction.atomic
def activate(*, fit: QuarantineModel | None, actor: str, reason: str) -> None:
    """From the next night on decide with this fit, an older one too; none: with the defaults."""
    take_turns()
    QuarantineModel.objects.filter(is_current=True).update(is_current=False)
    if fit:
        QuarantineModel.objects.filter(pk=fit.pk).update(is_current=True)
    QuarantineModelChange.objects.create(fit=fit, actor=actor[:80], reason=reason[:300])


def take_turns() -> None:
    """Wait until nobody else is fitting or changing the fit; until the transaction ends, others wait for us."""
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
