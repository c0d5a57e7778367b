"""A passport at a glance: one square for each test of the suite, in the order in which readers look for them."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.translation import gettext, gettext_lazy

from numbering.sentences import retold
from testing_lab.models import Outcome, Result
from testing_lab.registry import LabTest, all_tests

ORDER = "VESMF"  # voice, emergency, messages, pictures, fax: as the printed passport has them


class Square(NamedTuple):
    """One test. `outcome` is a value of `Outcome`, blank where no result is kept; `value` is None where nothing was
    measured, else in `unit`. `limit` and `remark` are words."""

    code: str
    title: str
    outcome: str
    value: float | None = None
    unit: str = ""
    limit: str = ""
    remark: str = ""

    @property
    def label(self) -> str:
        """The outcome in words."""
        return str(_LABELS[Outcome(self.outcome)]) if self.outcome else gettext("no result")

    @property
    def mark(self) -> str:
        """A sign that tells the outcome without its colour."""
        return _MARKS[Outcome(self.outcome)] if self.outcome in _MARKS else "\N{EN DASH}"


_MARKS = {
    Outcome.PASS: "\N{CHECK MARK}",
    Outcome.FAIL: "\N{MULTIPLICATION SIGN}",
    Outcome.INCONCLUSIVE: "?",
    Outcome.NOT_PERFORMED: "\N{HORIZONTAL ELLIPSIS}",
}


_LABELS = {
    Outcome.PASS: gettext_lazy("pass"),
    Outcome.FAIL: gettext_lazy("fail"),
    Outcome.INCONCLUSIVE: gettext_lazy("inconclusive"),
    Outcome.NOT_APPLICABLE: gettext_lazy("not applicable"),
    Outcome.NOT_PERFORMED: gettext_lazy("not performed"),
}


def squares(results: Iterable[Result]) -> list[Square]:
    """All tests of the suite, with what these results of one attempt say of each; a remark is the lab's own English."""
    found = {result.code: result for result in results}
    ordered = sorted(all_tests(), key=lambda test: (ORDER.find(test.code[:1]), test.code))
    return [_square(test, found.get(test.code)) for test in ordered]


def _square(test: LabTest, result: Result | None) -> Square:
    title = gettext(test.title)
    if result is None:
        return Square(test.code, title, "")
    unit = gettext(result.unit) if result.unit else ""
    limit = retold(result.limit, [test.limit])
    limit = limit.replace("<=", "\N{LESS-THAN OR EQUAL TO}").replace(">=", "\N{GREATER-THAN OR EQUAL TO}")
    return Square(test.code, title, result.outcome, result.value, unit, limit, result.detail)
