"""Evidence in the database and in the storage: audio of what is in doubt only, and all of it goes in time."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import storages
from django.utils import timezone

from inventory.models import PhoneNumber
from testing_lab.evidence.passage import Passage
from testing_lab.evidence.timing import Timing
from testing_lab.findings import Finding, failed, inconclusive, passed
from testing_lab.models import Evidence, Recording, Result, RunState
from testing_lab.services import evidence, verdicts
from testing_lab.suite_runner import SuiteReport
from testing_lab.tasks import sweep_evidence
from tests.testing_lab.test_claims_and_verdicts import claimed

pytestmark = pytest.mark.django_db
MakeNumber = Callable[..., PhoneNumber]


class Talked:
    """An observation of a call with audio both ways."""

    our_trouble = False
    trace = ""

    def __init__(self, audio: bytes = b"\x55" * 160) -> None:
        timing = Timing((0,), (300,))
        self.packets: dict[str, Any] = {"to_number": {"loss_percent": 0.0}}
        self.passages = {"to_number": Passage(timing, audio), "to_caller": Passage(timing, audio)}


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    """A storage of files, as a deployment has it."""
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"lab_evidence": backend}
    return tmp_path


def report(finding: Finding, rounds: int = 1) -> SuiteReport:
    """V05 as found, of an InboundCall; V12 passed, of an OutboundCall."""
    findings = {"V05": finding, "V12": passed(4.4)}
    seen: dict[str, list[Any]] = {
        "InboundCall": [Talked() for _ in range(rounds)],
        "OutboundCall": [Talked()],
    }
    return SuiteReport(findings, seen)


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*.wav"))


@pytest.mark.parametrize("finding", [failed(2.1), inconclusive("no packets")])
def test_audio_is_kept_of_the_call_that_a_test_was_not_content_with_and_of_no_other(
    finding: Finding, in_testing: MakeNumber, folder: Path
) -> None:
    verdicts.record(claimed(in_testing()), report(finding, rounds=3))
    kept = Recording.objects.order_by("round", "direction")
    assert {each.evidence.exchange for each in kept} == {"InboundCall"}
    assert [(each.round, each.direction) for each in kept] == [
        (number, way) for number in (1, 2, 3) for way in ("to_caller", "to_number")
    ]
    assert files(folder) == sorted(each.key for each in kept)
    for each in kept:
        octets = (folder / each.key).read_bytes()
        assert (each.size, each.sha256) == (len(octets), hashlib.sha256(octets).hexdigest())


def test_of_a_number_that_passed_no_audio_is_kept_but_the_time_of_each_packet(
    in_testing: MakeNumber, folder: Path
) -> None:
    verdicts.record(claimed(in_testing()), report(passed(4.4)))
    assert files(folder) == []
    [call, _] = Evidence.objects.order_by("exchange")
    assert Timing.read(call.timing[0]["to_number"]) == Timing((0,), (300,))
    assert call.sid.startswith("EV")


def test_a_storage_that_is_full_costs_the_audio_and_not_the_verdict(
    in_testing: MakeNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(storages["lab_evidence"]), "save", full)
    run = claimed(in_testing())
    verdicts.record(run, report(failed(2.1)))
    run.refresh_from_db()
    assert (run.state, run.passed) == (RunState.DONE, False)
    assert not Recording.objects.exists()


def test_evidence_expires_with_its_files_and_its_id_remains(
    in_testing: MakeNumber, folder: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "BATCH", 1)
    long_ago = timezone.now() - timedelta(days=settings.LAB_EVIDENCE_DAYS + 3)
    with monkeypatch.context() as then:
        run = claimed(in_testing())
        then.setattr(timezone, "now", lambda: long_ago)
        verdicts.record(run, report(failed(2.1)))
    verdicts.record(claimed(in_testing(14155550124)), report(failed(2.1)))
    (folder / "lost+found").mkdir()
    sids = set(Evidence.objects.values_list("sid", flat=True))
    sweep_evidence()
    old = Evidence.objects.exclude(expired_at=None)
    assert [(each.trace, each.timing, each.recordings.count()) for each in old] == [("", [], 0)] * 2
    assert set(Evidence.objects.values_list("sid", flat=True)) == sids
    assert Result.objects.get(run__number__e164=14155550123, code="V05").evidence is not None
    assert len(files(folder)) == Recording.objects.count() == 2
    assert len(list(folder.iterdir())) == 2  # today's, and what is not ours
    assert evidence.expire() == 0


def test_there_need_be_no_folder_to_sweep(settings: LazySettings, tmp_path: Path) -> None:
    backend = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "none"}}
    settings.STORAGES = settings.STORAGES | {"lab_evidence": backend}
    assert evidence.expire() == 0
