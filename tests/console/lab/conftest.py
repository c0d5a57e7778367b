"""A failed run with the evidence of real calls and messages, recorded against the sandbox carrier: `measured.json`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.base import ContentFile
from django.utils import timezone

from testing_lab.evidence.passage import Passage
from testing_lab.evidence.timing import Timing
from testing_lab.models import Evidence, Outcome, Recording, Result, RunState, SuiteRun
from testing_lab.services.evidence import storage
from tests.factories import NumberFactory

MEASURED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("measured.json").read_text())
FOUND = (
    ("V05", Outcome.FAIL, 3.662, "InboundCall"),
    ("V06", Outcome.FAIL, 6.561, "InboundCall"),
    ("V01", Outcome.PASS, 1.0, "InboundCall"),
    ("S03", Outcome.PASS, 3.0, "MessageSeries"),
    ("F01", Outcome.NOT_APPLICABLE, None, None),
)
LIMITS = {"V05": ">= 4.0, with fidelity >= 0.5", "V06": "<= 1 % in each direction"}


def evidence_of(run: SuiteRun, attempt: int = 1) -> dict[str, Evidence]:
    """What was measured, as evidence of this attempt, with its results."""
    kept = {one["exchange"]: Evidence.objects.create(run=run, attempt=attempt, **one) for one in MEASURED}
    for code, outcome, value, exchange in FOUND:
        Result.objects.create(
            run=run,
            attempt=attempt,
            code=code,
            outcome=outcome,
            value=value,
            limit=LIMITS.get(code, ""),
            evidence=kept[exchange] if exchange else None,
        )
    return kept


@pytest.fixture
def failed_run(db: None) -> SuiteRun:
    run = SuiteRun.objects.create(
        number=NumberFactory.create(failed=True),
        state=RunState.DONE,
        passed=False,
        attempt=1,
        started_at=timezone.now(),
        finished_at=timezone.now(),
    )
    evidence_of(run)
    return run


@pytest.fixture
def call(failed_run: SuiteRun) -> Evidence:
    """The call on which V05 and V06 failed."""
    return failed_run.evidence.get(exchange="InboundCall")


@pytest.fixture
def recording(call: Evidence, settings: LazySettings) -> Recording:
    """What the number heard of it."""
    wav = Passage(Timing(), b"\xff" * 800).wav
    key = storage().save("2026-11-21/a.wav", ContentFile(wav))
    return Recording.objects.create(
        evidence=call, round=1, direction="to_number", key=key, sha256="0" * 64, size=len(wav)
    )
