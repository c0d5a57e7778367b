"""One sentence that tells staff why (design A6)."""

from collections.abc import Mapping
from typing import Any

_TAILS = {
    "override": "decided by hand",
    "legal_minimum": "the minimum of {min_days} days has not passed",
    "feed_gap": "the feed was down too long lately",
    "unmonitored": "nobody ever listened",
    "maximum": "the maximum of {max_days} days has passed",
    "gave_up": "it would hardly ever be released",
    "retest": "its capabilities are not retested yet",
    "privacy": "one-time codes still arrive",
    "sentinel": "clean enough, and watched for 30 days more to see how true that is",
}


def sentence(terms: Mapping[str, Any]) -> str:
    """From the fields of the record; see docs/quarantine.md."""
    p, alpha = terms["p"], terms["alpha"]
    compared = "below" if p < alpha else "not below"
    tail = _TAILS.get(terms["rule"])
    return (
        f"{terms['S']:.1f} recent contacts over {terms['E']:.1f} effective days: about {terms['mean']:.1f} expected in "
        f"the next 30 days, limit {terms['k']}; likelihood of unwanted traffic {_percent(p, alpha)}, {compared} "
        f"{_percent(alpha, alpha)}{'; ' + tail.format_map(terms) if tail else ''}: {terms['action']}."
    )


def compared(p: float, alpha: float) -> str:
    """ "likelihood 14 %, not below 10 %": what a release depends on, where there is room for no more."""
    return f"likelihood {_percent(p, alpha)}, {'below' if p < alpha else 'not below'} {_percent(alpha, alpha)}"


def _percent(share: float, beside: float) -> str:
    """Whole percent; finer where two different shares would look alike."""
    for digits in (0, 1, 2):
        if share == beside or f"{share:.{digits}%}" != f"{beside:.{digits}%}":
            break
    return f"{share:.{digits}%}".replace("%", " %")
