"""The books after a storm: what must be true of the database, and between it and the carriers, whatever was killed."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg

Rows = list[tuple[Any, ...]]
Database = psycopg.Connection[tuple[Any, ...]]

# Each query returns the rows that break the rule.
RULES: Mapping[str, str] = {
    "each ledger entry begins where the one before it ended, the first one nowhere": """
        SELECT number_id, id, source, before FROM (
            SELECT *, lag(target, 1, '') OVER (PARTITION BY number_id ORDER BY id) AS before
            FROM inventory_lifecycleentry) AS entry
        WHERE source <> before""",
    "the last ledger entry of a number says where it is": """
        SELECT number.e164, number.state, entry.target FROM inventory_phonenumber AS number
        LEFT JOIN LATERAL (
            SELECT target FROM inventory_lifecycleentry WHERE number_id = number.id ORDER BY id DESC LIMIT 1
        ) AS entry ON true
        WHERE number.state IS DISTINCT FROM entry.target""",
    "a number came with exactly one line of an order, and a received line brought that number": """
        SELECT number.e164, line.id FROM inventory_phonenumber AS number
        FULL JOIN (SELECT * FROM inventory_providerorderline WHERE state = 'RECEIVED') AS line
            ON line.number_id = number.id
        WHERE line.e164 IS DISTINCT FROM number.e164""",
    "a number in service has one DID and one assignment, of its holder": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_did AS did ON did.number_id = number.id AND did.ended_at IS NULL
        LEFT JOIN inventory_assignment AS a ON a.number_id = number.id AND upper_inf(a.valid)
        WHERE (number.state = 'IN_SERVICE' AND (did.account_id IS DISTINCT FROM number.holder_id
            OR a.account_id IS DISTINCT FROM number.holder_id))
        OR (number.state <> 'IN_SERVICE' AND (did.id IS NOT NULL OR a.id IS NOT NULL))""",
    "no two assignments of a number overlap": """
        SELECT one.number_id FROM inventory_assignment AS one JOIN inventory_assignment AS other
            ON other.number_id = one.number_id AND other.id > one.id AND other.valid && one.valid""",
    "a number was assigned as often as its ledger says": """
        SELECT number_id, sum(assigned), sum(said) FROM (
            SELECT number_id, 1 AS assigned, 0 AS said FROM inventory_assignment
            UNION ALL
            SELECT number_id, 0, 1 FROM inventory_lifecycleentry WHERE verb IN ('assign', 'reclaim')) AS counted
        GROUP BY number_id HAVING sum(assigned) <> sum(said)""",
    "a reserved number has an active hold, and nothing else has": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_hold AS hold ON hold.number_id = number.id AND hold.ended = ''
        WHERE (number.state = 'RESERVED') <> (hold.id IS NOT NULL)""",
    "a quarantined number has an open stay, and nothing else has": """
        SELECT number.e164 FROM inventory_phonenumber AS number
        LEFT JOIN inventory_quarantine AS stay ON stay.number_id = number.id AND stay.ended_at IS NULL
        WHERE (number.state = 'QUARANTINED') <> (stay.id IS NOT NULL)""",
    "each verdict of the lab moved its number once, and each move by the lab has its verdict": """
        SELECT run.id, entry.id, run.passed, entry.verb
        FROM (SELECT * FROM testing_lab_suiterun WHERE state = 'DONE') AS run
        FULL JOIN (
            SELECT *, (data ->> 'suite_run')::bigint AS run_id FROM inventory_lifecycleentry
            WHERE verb IN ('pass_tests', 'pass_retest', 'fail_tests')) AS entry ON entry.run_id = run.id
        WHERE (run.number_id IS DISTINCT FROM entry.number_id OR run.passed <> (entry.verb <> 'fail_tests'))
        -- of a sample, of a check of a route, and of what somebody asked for, the number may have been on sale
        AND NOT (entry.id IS NULL AND run.purpose NOT IN ('received', 'retest', 'reuse'))""",
    "each visit to the lab ended in one verdict": """
        SELECT number_id FROM inventory_lifecycleentry GROUP BY number_id
        HAVING count(*) FILTER (WHERE target = 'TESTING')
            <> count(*) FILTER (WHERE source = 'TESTING')""",
    "no test landed on a person's desk": """
        SELECT number_id, strikes, note FROM testing_lab_suiterun WHERE state = 'STUCK'""",
    "a number that went back was taken back": """
        SELECT number.e164, given.state, given.last_error FROM inventory_phonenumber AS number
        FULL JOIN inventory_providerrelease AS given ON given.number_id = number.id
        WHERE (number.state = 'RETURNED') <> (given.state IS NOT DISTINCT FROM 'CONFIRMED')""",
}

# What must become empty by itself, given time: nothing is stuck.
UNSETTLED: Mapping[str, str] = {
    "open orders": """
        SELECT key, state, attempts, last_error FROM inventory_providerorder WHERE next_attempt_at IS NOT NULL""",
    "open releases": """
        SELECT key, state, attempts, last_error FROM inventory_providerrelease WHERE next_attempt_at IS NOT NULL""",
    "numbers at the lab, or on the way there": """
        SELECT number.e164, number.state, run.state, run.strikes, run.note FROM inventory_phonenumber AS number
        LEFT JOIN testing_lab_suiterun AS run ON run.number_id = number.id AND run.state <> 'DONE'
        WHERE number.state IN ('SOURCED', 'TESTING') AND run.state IS DISTINCT FROM 'STUCK'""",
    "runs of numbers that the lab has not": """
        SELECT number.e164, number.state, run.state FROM testing_lab_suiterun AS run
        JOIN inventory_phonenumber AS number ON number.id = run.number_id
        WHERE run.state NOT IN ('DONE', 'DROPPED') AND number.state <> 'TESTING'""",
    "clocks that ran out": """
        SELECT e164, state, due_at FROM inventory_phonenumber WHERE due_at < now() - interval '30 seconds'""",
}


def broken(database: Database, rules: Mapping[str, str]) -> dict[str, Rows]:
    """The rules that do not hold, with the first rows that say so."""
    found = {rule: database.execute(query).fetchmany(5) for rule, query in rules.items()}
    return {rule: rows for rule, rows in found.items() if rows}


def differences(database: Database, carriers: Path) -> dict[str, Rows]:
    """Where our books and those of the carriers differ, both ways; {} when they agree."""
    with closing(sqlite3.connect(f"file:{carriers}?mode=ro", uri=True)) as theirs:
        compared = {
            "orders": (_our_lines(database), set(theirs.execute(THEIR_LINES))),
            "bills": (_ours_to_pay(database), set(theirs.execute(THEIR_BILLS))),
        }
    sides = {
        f"{what} that only {whose} books have": sorted(rows)[:5]
        for what, (ours, others) in compared.items()
        for whose, rows in (("our", ours - others), ("the carriers'", others - ours))
    }
    return {side: rows for side, rows in sides.items() if rows}


THEIR_LINES = """
    SELECT carrier, client_reference, number, state FROM order_lines JOIN orders ON orders.id = order_lines.order_id"""
THEIR_BILLS = "SELECT carrier, number FROM holdings WHERE state <> 'released'"


def _our_lines(database: Database) -> set[tuple[Any, ...]]:
    """Every line of every order that was ever placed, as it ended."""
    query = """
        SELECT provider.slug, o.key, '+' || line.e164,
            CASE line.state WHEN 'RECEIVED' THEN 'filled' WHEN 'REFUSED' THEN 'refused' ELSE 'pending' END
        FROM inventory_providerorderline AS line JOIN inventory_providerorder AS o ON o.id = line.order_id
        JOIN inventory_provider AS provider ON provider.id = o.provider_id WHERE o.state <> 'FAILED'"""
    return set(database.execute(query))


def _ours_to_pay(database: Database) -> set[tuple[Any, ...]]:
    """Numbers that a carrier should bill us for: those that we have, or have had and it has not taken back."""
    query = """
        SELECT provider.slug, '+' || number.e164 FROM inventory_phonenumber AS number
        JOIN inventory_provider AS provider ON provider.id = number.provider_id
        LEFT JOIN inventory_providerrelease AS given ON given.number_id = number.id
        WHERE number.state <> 'RETURNED' OR given.state IS DISTINCT FROM 'CONFIRMED'"""
    return set(database.execute(query))


def failed(database: Database) -> dict[str, str]:
    """Each number that the lab failed, and why."""
    query = """
        SELECT '+' || number.e164, entry.reason || ' ' || coalesce((
            SELECT string_agg(code || ': ' || detail, '; ') FROM testing_lab_result AS result
            WHERE result.run_id = (entry.data ->> 'suite_run')::bigint AND outcome = 'fail'), '')
        FROM inventory_lifecycleentry AS entry JOIN inventory_phonenumber AS number ON number.id = entry.number_id
        WHERE entry.verb = 'fail_tests'"""
    return dict(database.execute(query).fetchall())
