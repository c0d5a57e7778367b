"""What runs when: the periodic sweeps, each of which finds its work by an indexed query on a clock or a state.

A message that no worker took before the next one is due expires, so a stopped worker comes back to one of each.
"""

from typing import Any


def _every(seconds: int, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": seconds}}


BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    entry["task"].rpartition(".")[2]: entry
    for entry in (
        _every(2, "inventory.tasks.settle_orders"),
        _every(5, "inventory.tasks.settle_releases"),
        _every(10, "inventory.tasks.sweep_bulk_runs"),
        _every(10, "inventory.tasks.source_stock"),
        _every(600, "inventory.tasks.restock_night"),  # SKUs that the last closed day is not decided for
        _every(10, "inventory.tasks.carry_out_proposals"),
        _every(600, "inventory.tasks.audit_holdings"),  # those that were not audited for a day
        _every(600, "inventory.tasks.compare_invoices"),  # likewise
        _every(600, "inventory.tasks.ingest_catalogues"),  # the kinds that were not read for CATALOGUE_INTERVAL
        _every(600, "inventory.tasks.verify_offers"),  # the samples that the day still misses
        _every(2, "inventory.tasks.sweep_sourced"),
        _every(5, "inventory.tasks.sweep_quarantine"),
        _every(60, "inventory.tasks.sweep_quarantine_night"),  # what is left of it; two queries when it is done
        _every(3600, "inventory.tasks.sweep_quarantine_fits"),  # one a month, but beat forgets days when it restarts
        _every(5, "inventory.tasks.sweep_lapsed_reservations"),
        _every(10, "inventory.tasks.sweep_expired_releases"),
        _every(10, "inventory.tasks.sweep_retests"),
        _every(10, "inventory.tasks.sweep_waitlist"),
        _every(10, "inventory.tasks.sweep_waitlist_callbacks"),
        _every(60, "inventory.tasks.sweep_closed_accounts"),
        _every(2, "compliance.tasks.sweep_held_decisions"),  # one query by an index that is empty most of the time
        _every(10, "compliance.tasks.sweep_notices"),  # retries, and what a lost nudge left
        _every(20, "testing_lab.tasks.sweep_samples"),  # each finds what its night, or its minutes, still miss
        _every(
            5, "testing_lab.tasks.sweep_pictures"
        ),  # those that are due: a share of the time, however long one takes
        _every(60, "testing_lab.tasks.sweep_outages"),  # it hears all verdicts of a day where one failed
        _every(60, "compliance.tasks.sweep_rule_changes"),
        _every(300, "compliance.tasks.sweep_ended_approvals"),
        _every(21_600, "compliance.tasks.sweep_expiring_papers"),  # it opens the papers of all approved bundles
        _every(3600, "inventory.tasks.file_disconnects"),  # a return has days to be filed in; each is on its own, so
        _every(3600, "inventory.tasks.file_utilisation"),  # that the long one holds up neither the other nor a sweep
        _every(3600, "api.tasks.sweep_idempotency_keys"),
        _every(3600, "inventory.tasks.sweep_traffic"),
        _every(3600, "testing_lab.tasks.sweep_evidence"),
        _every(600, "testing_lab.tasks.sweep_listening"),  # before the night, which begins an hour after midnight
        _every(3600, "compliance.tasks.sweep_documents"),
        _every(600, "compliance.tasks.sweep_retention"),  # each goes on where the last one was
    )
}
