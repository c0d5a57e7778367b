"""`manage.py quarantine_fit`: learn from the quarantines of the last 400 days, now."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from inventory.quarantine.fitting import fit_now


class Command(BaseCommand):
    help = (
        "Fit the quarantine engine to the stays of the last 400 days, keep the fit as a version, and decide with it if "
        "it foretells stays that it has not seen no worse than the fit in force. It takes 1,000 finished stays."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        found = fit_now(timezone.now().date(), actor="command:quarantine_fit")
        if found.fit is None:
            self.stdout.write(f"nothing is changed: {found.finished} finished stays with a known outcome are too few")
            return
        fit = found.fit
        known = "new" if found.is_new else "known before"
        self.stdout.write(f"{fit.version}, {known}: {fit.stays} stays, {fit.rows} of their days")
        self.stdout.write(f"log loss on others {fit.log_loss:.4f}, of the fit in force {fit.compared_log_loss:.4f}")
        self.stdout.write("it is in force now" if found.took_over else "what is in force stays so")
