"""The books after a storm: what must be true of the database, and between it and the carriers, whatever was killed."""

from collections.abc import Mapping

import httpx
import psycopg

# Each query returns the rows that break the rule.
RULES: Mapping[str, str] = {
    "the last ledger entry of a number says where it is": """
        SELECT number.e164, number.state, entry.target FROM inventory_phonenumber AS number
        LEFT JOIN LATERAL (
            SELECT target FROM inventory_lifecycleentry WHERE number_id = number.id ORDER BY id DESC LIMIT 1
        ) AS entry ON true
        WHERE number.state IS DISTINCT FROM entry.target""",
    "a number in service has one DID and one assignment, of its holder": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_did AS did ON did.number_id = number.id AND did.ended_at IS NULL
        LEFT JOIN inventory_assignment AS a ON a.number_id = number.id AND upper_inf(a.valid)
        WHERE (number.state = 'IN_SERVICE' AND (did.account_id IS DISTINCT FROM number.holder_id
            OR a.account_id IS DISTINCT FROM number.holder_id))
        OR (number.state <> 'IN_SERVICE' AND (did.id IS NOT NULL OR a.id IS NOT NULL))""",
    "a reserved number has an active hold, and nothing else has": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_hold AS hold ON hold.number_id = number.id AND hold.ended = ''
        WHERE (number.state = 'RESERVED') <> (hold.id IS NOT NULL)""",
    "a quarantined number has an open stay, and nothing else has": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_quarantine AS stay ON stay.number_id = number.id AND stay.ended_at IS NULL
        WHERE (number.state = 'QUARANTINED') <> (stay.id IS NOT NULL)""",
    "a received line has its number, and no number was received twice": """
        SELECT e164, count(*) FROM inventory_providerorderline WHERE state = 'RECEIVED'
        GROUP BY e164 HAVING count(*) > 1""",
    "only a number that the lab has has an open suite run": """
        SELECT number.e164 FROM testing_lab_suiterun AS run
        JOIN inventory_phonenumber AS number ON number.id = run.number_id
        WHERE run.state IN ('DUE', 'CLAIMED') AND number.state <> 'TESTING'""",
}

# What must become empty by itself, given time: nothing is stuck.
UNSETTLED: Mapping[str, str] = {
    "open orders": "SELECT key, last_error FROM inventory_providerorder WHERE next_attempt_at IS NOT NULL",
    "open releases": "SELECT key, last_error FROM inventory_providerrelease WHERE next_attempt_at IS NOT NULL",
    "leases that ran out": "SELECT id FROM testing_lab_suiterun WHERE state = 'CLAIMED' AND lease_until < now()",
    "clocks that ran out": """
        SELECT e164, state, due_at FROM inventory_phonenumber WHERE due_at < now() - interval '30 seconds'""",
}


def broken(
    database: psycopg.Connection[tuple[object, ...]], rules: Mapping[str, str]
) -> dict[str, list[tuple[object, ...]]]:
    """The rules that do not hold, with the first rows that say so."""
    found = {rule: database.execute(query).fetchmany(5) for rule, query in rules.items()}
    return {rule: rows for rule, rows in found.items() if rows}


def held_by_us(database: psycopg.Connection[tuple[object, ...]]) -> set[str]:
    """Numbers that a carrier should bill us for: live ones, and those on their way back."""
    rows = database.execute(
        "SELECT '+' || e164 FROM inventory_phonenumber WHERE state <> 'RETURNED' AND provider_id IS NOT NULL"
    )
    return {str(number) for (number,) in rows}


def billed_to_us(sandbox: str, key: str, carriers: list[str]) -> set[str]:
    """Numbers that the carriers of the sandbox do bill us for."""
    numbers: set[str] = set()
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, transport=httpx.HTTPTransport(retries=3)) as client:
        for carrier in carriers:
            cursor: str | None = ""
            while cursor is not None:
                answer = client.get(f"{sandbox}/carriers/{carrier}/v1/numbers", params={"cursor": cursor})
                if answer.status_code != 200:  # a seeded fault: ask again
                    continue
                page = answer.json()
                numbers |= {row["number"] for row in page["numbers"] if row.get("state", "held") == "held"}
                cursor = page.get("next_cursor")
    return numbers
