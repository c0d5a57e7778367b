"""Suite runs, their results, the evidence behind them, the limits that they are judged by; samples and incidents."""

from testing_lab.models.evidence import Evidence
from testing_lab.models.incident import Incident, IncidentEntry, IncidentKind
from testing_lab.models.limit import Limit
from testing_lab.models.listening import ListeningHour
from testing_lab.models.passport import Passport
from testing_lab.models.recording import Recording
from testing_lab.models.result import Outcome, Result
from testing_lab.models.sample import Sample, Why
from testing_lab.models.suite_run import Purpose, RunState, SuiteRun
from testing_lab.models.trunk import Seat, Trunk
from testing_lab.models.verdict_override import VerdictOverride

__all__ = [
    "Evidence",
    "Incident",
    "IncidentEntry",
    "IncidentKind",
    "Limit",
    "ListeningHour",
    "Outcome",
    "Passport",
    "Purpose",
    "Recording",
    "Result",
    "RunState",
    "Sample",
    "Seat",
    "SuiteRun",
    "Trunk",
    "VerdictOverride",
    "Why",
]
