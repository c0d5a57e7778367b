"""What a night finds: the engine's arithmetic over a stretch, its terms as the columns of a decision."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from inventory.quarantine.actions import VERDICTS, Action, Verdict
from inventory.quarantine.cells import governing, threshold
from inventory.quarantine.history import DISCOUNT, Seen, seen
from inventory.quarantine.likelihood import Ints
from inventory.quarantine.nights.reading import Night, Stretch
from inventory.quarantine.reckoning import NO_DAY, NO_MAXIMUM, Columns, Reckoned, reckon
from inventory.quarantine.reliefs import alpha_of
from inventory.quarantine.sentinel import DAYS, keeps

CLEAN = VERDICTS.index(Verdict(Action.RELEASE, "clean", 4))
SENTINEL = VERDICTS.index(Verdict(Action.HOLD, "sentinel", 4))
#: A column of each for every stay: those of `QuarantineDecision`, `stay`, `sentinel`, `chance_never` (NaN: not known),
#: and `verdict` in place of action and rule.
Findings = dict[str, Any]


def decide(night: Night, stretch: Stretch) -> Findings:
    """Decide on every stay of the stretch."""
    columns = columns_of(night, stretch.stays)
    known = _with_carried(night, stretch.stays, _seen(night, stretch, columns.entered))
    found = reckon(night.on.toordinal(), columns, known, night.model)
    found, since = _watched_longer(night, stretch.stays, columns, found)
    return {"stay": stretch.stays["stay"], "sentinel": since} | _terms(columns, known, found)


def _with_carried(night: Night, stays: Mapping[str, Any], known: Seen) -> Seen:
    """What was known when a stay began has faded since, as the recursion of A2 has it."""
    faded = DISCOUNT ** np.maximum(night.on.toordinal() - stays["entered"], 0)
    return known._replace(S=known.S + faded * stays["carried_contacts"], E=known.E + faded * stays["carried_days"])


def _watched_longer(night: Night, stays: Mapping[str, Any], columns: Columns, found: Reckoned) -> tuple[Reckoned, Ints]:
    """Some of the clean ones stay (`sentinel`), from the day on which that began: the same in a night done again."""
    today, clean = night.on.toordinal(), found.verdict == CLEAN
    begin = clean & (stays["sentinel"] == NO_DAY) & keeps(stays["stay"], found.age, columns.maximum, night.sentinels)
    since = np.where(begin, today, stays["sentinel"])
    kept = clean & (since > NO_DAY) & (today < since + DAYS)
    predicted = np.where(kept[:, None], (since + DAYS)[:, None], found.predicted)
    return found._replace(verdict=np.where(kept, SENTINEL, found.verdict), predicted=predicted), since


def columns_of(night: Night, stays: Mapping[str, Any]) -> Columns:
    """The limits are the stay's own, which the law set when it began; what a cell shares is that of the day."""
    kinds, of_kind = np.unique(stays["kind"], return_inverse=True)
    named = [(kind[:2].decode().strip(), kind[2:].decode().strip()) for kind in kinds.tolist()]
    alphas = [alpha_of(kind, night.on, night.reliefs) for kind in named]
    cells = [governing(country, number_type, night.on) for country, number_type in named]
    measured = [night.model.bg.get(" ".join(name)) for name in named]
    bg = np.array([own or cell.bg for own, cell in zip(measured, cells, strict=True)], np.float64)
    entered, count = stays["entered"], len(stays["stay"])
    return Columns(
        entered=entered,
        source=stays["source"],
        bg=bg[of_kind],
        k=np.array([threshold(each) for each in bg.tolist()], np.int64)[of_kind],
        minimum=stays["earliest"] - entered,
        maximum=np.where(stays["latest"] > 0, stays["latest"] - entered, NO_MAXIMUM),
        alpha=np.array(alphas, np.float64)[of_kind],
        retested=np.ones(count, np.bool_),  # a released number goes to the lab before it goes on sale
        private=np.array([cell.privacy for cell in cells], np.bool_)[of_kind],
        may_give_up=np.array([cell.may_give_up for cell in cells], np.bool_)[of_kind],
        override=stays["override"],
    )


def _seen(night: Night, stretch: Stretch, entered: Ints) -> Seen:
    """Each provider has a feed of its own."""
    count, on = len(entered), night.on.toordinal()
    found = Seen(*(np.zeros((count, 6) if name == "recent" else count, _KINDS.get(name, np.int64)) for name in _SEEN))
    for provider, mine, days in stretch.by_provider():
        for column, part in zip(found, seen(entered[mine], on, days, night.watch(provider)), strict=True):
            column[mine] = part
    return found


_SEEN = Seen._fields
_KINDS: dict[str, Any] = {"S": np.float64, "E": np.float64}


def _terms(columns: Columns, known: Seen, found: Reckoned) -> Findings:
    recent = ("voice_7_days", "sms_7_days", "otp_7_days", "voice_30_days", "sms_30_days", "otp_30_days")
    days = ("predicted_on", "predicted_lo", "predicted_hi")
    return {
        "verdict": found.verdict,
        "age": found.age,
        "min_days": columns.minimum,
        "max_days": columns.maximum,
        "recent_contacts": known.S,
        "effective_days": known.E,
        "mean": found.mean,
        "background": columns.bg,
        "threshold": columns.k,
        "raw": found.raw,
        "likelihood": found.p,
        "alpha": columns.alpha,
        "observed_days": known.observed,
        **dict(zip(recent, known.recent.T, strict=True)),
        "distinct_callers": known.callers,
        "last_contact_on": known.last,
        **dict(zip(days, found.predicted.T, strict=True)),
        "chance_never": found.never,
    }
