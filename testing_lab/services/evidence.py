"""Keeping the evidence behind verdicts, and letting it go when it is old enough."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.db import transaction
from django.utils import timezone

from testing_lab.evidence import dialogue
from testing_lab.evidence.passage import Passage, passages_of
from testing_lab.findings import readable
from testing_lab.models import Evidence, Outcome, Recording, SuiteRun
from testing_lab.registry import all_tests
from testing_lab.suite_runner import Exchange, SuiteReport

log = logging.getLogger(__name__)

UNCLEAR = (Outcome.FAIL, Outcome.INCONCLUSIVE)
BATCH = 500


def storage() -> Storage:
    """Where the audio is."""
    return storages["lab_evidence"]


def keep(run: SuiteRun, report: SuiteReport) -> dict[str, Evidence]:
    """Keep what was seen in this attempt, by exchange; the audio of those that a test was not content with."""
    kept = {
        name: _evidence(run, name, report.passed_over.get(name, []), rounds)
        for name, rounds in report.observations.items()
    }
    Evidence.objects.bulk_create(kept.values())
    heard = [
        recording
        for name in _doubtful(report)
        for number, seen in enumerate(report.observations.get(name, ()), 1)
        for recording in _recordings(kept[name], number, passages_of(seen))
    ]
    Recording.objects.bulk_create(heard)
    return kept


def _evidence(run: SuiteRun, name: str, passed_over: list[Exchange], rounds: list[Exchange]) -> Evidence:
    """What routes said that would not have the call comes first in the trace."""
    return Evidence(
        run=run,
        attempt=run.attempt,
        exchange=name,
        trace=readable(dialogue.joined(seen.trace for seen in [*passed_over, *rounds])),
        packets={"rounds": [seen.packets for seen in rounds]},
        timing=[{way: passage.timing.kept() for way, passage in passages_of(seen).items()} for seen in rounds],
    )


def _doubtful(report: SuiteReport) -> list[str]:
    """The exchanges that a failed or an inconclusive test read."""
    unclear = {code for code, finding in report.findings.items() if finding.outcome in UNCLEAR}
    kinds = (kind.__name__ for test in all_tests() if test.code in unclear for kind in test.exchanges)
    return list(dict.fromkeys(kinds))


def _recordings(evidence: Evidence, number: int, heard: dict[str, Passage]) -> Iterator[Recording]:
    """Write the files. A storage that fails costs the audio, and not the verdict."""
    for direction, passage in heard.items():
        wav = passage.wav
        wanted = f"{timezone.now():%Y-%m-%d}/{evidence.sid}-{number}-{direction}.wav"
        try:
            key = storage().save(wanted, ContentFile(wav))
        except OSError:
            log.exception("the audio of %s is not kept", evidence.sid)
            return
        digest = hashlib.sha256(wav).hexdigest()
        yield Recording(evidence=evidence, round=number, direction=direction, key=key, sha256=digest, size=len(wav))


def expire() -> int:
    """Let go of everything older than LAB_EVIDENCE_DAYS, in batches; returns how many exchanges had it.

    Files lie in a folder for each day: so those are found as well whose verdict was never written down.
    """
    before = timezone.now() - timedelta(days=settings.LAB_EVIDENCE_DAYS)
    expired = sum(iter(lambda: _expire_batch(before), 0))
    for day in _days_before(before.date()):
        _delete_folder(day)
    return expired


@transaction.atomic
def _expire_batch(before: datetime) -> int:
    old = Evidence.objects.filter(expired_at=None, created_at__lt=before).order_by("created_at")
    chosen = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
    Recording.objects.filter(evidence__in=chosen).delete()
    return Evidence.objects.filter(pk__in=chosen).update(trace="", timing=[], expired_at=timezone.now())


def _days_before(first_kept: date) -> Iterable[str]:
    """The folders of the days that are past keeping; the day before them too, whose last files may still be young."""
    try:
        folders, _ = storage().listdir("")
    except FileNotFoundError:
        return []
    return [name for name in folders if (day := _day(name)) and day < first_kept - timedelta(days=1)]


def _day(folder: str) -> date | None:
    try:
        return datetime.strptime(folder, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def _delete_folder(day: str) -> None:
    _, files = storage().listdir(day)
    for file in files:
        storage().delete(str(PurePosixPath(day) / file))
    storage().delete(day)
