"""What the page of one exchange shows: the ladder of its dialogue, the time of each packet, the audio that was kept."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.core.exceptions import ObjectDoesNotExist
from django.http import HttpResponse

from console.lab.ladder import Ladder, as_text, ladder
from console.lab.run_page import shown
from console.lab.timing_plot import TimingPlot, timing_plot
from testing_lab.evidence import dialogue
from testing_lab.evidence.timing import Timing
from testing_lab.models import Evidence, Outcome, Recording
from testing_lab.services.evidence import storage

WHERE = {
    "to_number": "heard at the number",
    "to_caller": "heard at the caller",
    "to_callee": "heard at the called end",
}
FIGURES = (
    ("loss_percent", "loss", "%"),
    ("burst_ratio", "burst ratio", ""),
    ("delay_ms", "delay, median", "ms"),
    ("jitter_ms", "jitter", "ms"),
    ("mos", "MOS", ""),
    ("match", "match", ""),
    ("fidelity", "fidelity", ""),
)
_DRAWN = ("delay_ms", "jitter_ms")
#: Of files that a far end has filled: whatever is in them, a browser does nothing but show or play it.
HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}


class Direction(NamedTuple):
    """One direction of a round: its figures as name and value, its packets, its audio."""

    name: str
    where: str
    figures: list[tuple[str, str]]
    plot: TimingPlot | None
    recording: Recording | None


class Round(NamedTuple):
    """One performance of the exchange."""

    number: int
    ladder: Ladder
    directions: list[Direction]


def context(evidence: Evidence) -> dict[str, Any]:
    """For `console/lab/evidence.html`; the evidence comes with its run and number."""
    results = shown(list(evidence.results.exclude(outcome=Outcome.NOT_APPLICABLE)))
    passed = [each for each in results if each.result.outcome == Outcome.PASS]
    return {
        "evidence": evidence,
        "run": evidence.run,
        "rounds": list(_rounds(evidence)),
        "passed": passed,
        "others": results[: len(results) - len(passed)],
    }


def _rounds(evidence: Evidence) -> Iterator[Round]:
    packets, recordings = _packets(evidence), list(evidence.recordings.order_by("round", "direction"))
    for number, entries in enumerate(dialogue.read(evidence.trace), 1):
        figures = packets[number - 1] if number <= len(packets) else {}
        timing = evidence.timing[number - 1] if number <= len(evidence.timing) else {}
        audio = {each.direction: each for each in recordings if each.round == number}
        names = sorted({*figures, *timing, *audio}, key=lambda name: ([*WHERE, name].index(name), name))
        directions = [_direction(name, figures.get(name), timing.get(name), audio.get(name)) for name in names]
        yield Round(number, ladder(entries, f"r{number}"), directions)


def _packets(evidence: Evidence) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = evidence.packets.get("rounds", [])
    return found


def _direction(name: str, figures: Any, timing: Any, recording: Recording | None) -> Direction:
    known = figures if isinstance(figures, dict) else {}
    plot = timing_plot(Timing.read(timing), known.get("delay_ms"), known.get("jitter_ms")) if timing else None
    listed = [each for each in FIGURES if known.get(each[0]) is not None and not (plot and each[0] in _DRAWN)]
    values = [(label, f"{known[key]:g} {unit}".strip()) for key, label, unit in listed]
    return Direction(name, WHERE.get(name, name.replace("_", " ")), values, plot, recording)


def trace_file(evidence: Evidence) -> HttpResponse:
    """All that was said, as plain text."""
    text = "".join(as_text(dialogue.read(evidence.trace)))
    answer = HttpResponse(text.encode("utf-8", "replace"), content_type="text/plain; charset=utf-8", headers=HARMLESS)
    answer["Content-Disposition"] = f'attachment; filename="{evidence.sid}.txt"'
    return answer


def audio_file(recording: Recording) -> HttpResponse:
    """The WAV file. Raises ObjectDoesNotExist when the storage has lost it."""
    try:
        with storage().open(recording.key) as file:
            octets = file.read()
    except OSError as error:
        raise ObjectDoesNotExist(f"no file {recording.key}") from error
    answer = HttpResponse(octets, content_type="audio/wav", headers=HARMLESS)
    name = f"{recording.evidence.sid}-{recording.round}-{recording.direction}"
    answer["Content-Disposition"] = f'inline; filename="{name}.wav"'
    return answer
