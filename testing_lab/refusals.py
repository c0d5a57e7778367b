"""What the lab refuses, as exceptions."""

from inventory.refusals import Refused


class RunIsOpen(Refused):
    """The number is with the lab already: one run at a time."""

    def __init__(self, run_id: int) -> None:
        super().__init__(f"suite run {run_id} of this number is open: wait for it, or look at it")


class VerdictStands(Refused):
    """There is nothing to override."""

    def __init__(self, verdict: str) -> None:
        super().__init__(f"the run is {verdict} already")


class NotTheLatestRun(Refused):
    """The number has been tested again since: an old verdict says nothing of it any more."""

    def __init__(self) -> None:
        super().__init__("the number has been tested again since; only its latest run has a say")


class OutOfTheLabsReach(Refused):
    """No verb leads from the number's state to where the verdict would take it."""

    def __init__(self, what: str, state: str) -> None:
        super().__init__(f"{what} is not possible while the number is {state}")
