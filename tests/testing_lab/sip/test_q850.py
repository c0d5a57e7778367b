"""Release causes in the Reason header, RFC 3326."""

from __future__ import annotations

import pytest

from testing_lab.sip import q850


def test_what_is_written_is_read() -> None:
    assert q850.cause_of(q850.reason(q850.USER_BUSY)) == 17


@pytest.mark.parametrize(
    ("value", "cause"),
    [
        ('Q.850;cause=16;text="Normal call clearing"', 16),
        ("q.850 ; CAUSE = 31", 31),
        ('SIP ;cause=200 ;text="Call completed elsewhere", Q.850;cause=26', 26),
        ('SIP;cause=200, Q.850;text="Normal, clearing;cause=1";cause=16', 16),
        ('SIP;cause=200;text="Q.850;cause=16"', None),
        ("SIP;cause=486", None),
        ("Q.850;text=16", None),
        ("Q.850;cause=sixteen", None),
        ("", None),
        (None, None),
    ],
)
def test_the_q850_cause_among_others(value: str | None, cause: int | None) -> None:
    assert q850.cause_of(value) == cause
