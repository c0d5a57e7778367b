"""Suite runs, their results, and the evidence behind them."""

from testing_lab.models.evidence import Evidence
from testing_lab.models.result import Outcome, Result
from testing_lab.models.suite_run import Purpose, RunState, SuiteRun

__all__ = ["Evidence", "Outcome", "Purpose", "Result", "RunState", "SuiteRun"]
