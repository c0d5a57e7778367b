"""Celery tasks: load, guard, call a service. `config/schedule.py` says when."""

from celery import shared_task

from compliance.services import decisions, delivery, expiring_papers, retention, rollout
from compliance.vault import sweeps


@shared_task
def sweep_retention() -> None:
    """What nothing needs any more and whose days are over."""
    retention.sweep()


@shared_task
def sweep_documents() -> None:
    """Objects of documents that nobody names, or that were erased."""
    sweeps.sweep()


@shared_task
def deliver_notices(bundle_id: int) -> None:
    """Nudge: something happened to this bundle that its customer wants to know."""
    delivery.deliver_of(bundle_id)


@shared_task
def sweep_held_decisions() -> None:
    """Decisions of reviewers that were not taken back."""
    decisions.carry_out_due()


@shared_task
def sweep_notices() -> None:
    """Notices that are due again, or whose nudge was lost."""
    delivery.deliver_due()


@shared_task
def sweep_rule_changes() -> None:
    """Approved bundles that nobody has held against the last activated rules of their country."""
    rollout.recheck_due()


@shared_task
def sweep_ended_approvals() -> None:
    """Approvals that were not replaced until their end."""
    rollout.expire_due()


@shared_task
def sweep_expiring_papers() -> None:
    """Papers of approved bundles that expire soon."""
    expiring_papers.warn_due()
