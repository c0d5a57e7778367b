"""Rules that change."""

from django.utils import timezone

from compliance.models import Regulation, RegulationVersion, Rulebook
from numbering.recent import forget_everything


def newer_rules(regulation: Regulation) -> RegulationVersion:
    """Another version of the country's rules, in force today, that asks something else."""
    old, now = Rulebook.objects.get(country=regulation.country), timezone.now()
    new = Rulebook.objects.create(
        country=old.country,
        version=old.version + 1,
        snapshot_date=now.date(),
        digest="d" * 64,
        document=old.document,
        effective_from=now.date(),
        activated_at=now,
        activated_by="user:test",
    )
    version = RegulationVersion.objects.create(regulation=regulation, rulebook=new, fingerprint="f" * 64)
    forget_everything()
    return version
