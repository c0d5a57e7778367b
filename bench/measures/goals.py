"""What is to be reached (issue 2 of the project), and whether it was."""

from bench.measures.questions import MANY_WILDCARDS
from bench.measures.searching import Pair

P50_RATIO = 3.0
P50_MS = 10.0
P99_MS = 50.0
P99_WILD_MS = 150.0
SEARCHES_A_SECOND = 250.0
BUYS_A_SECOND = 120.0
IMPORTED_A_SECOND = 50_000.0
IMPORT_MIB = 300.0
WEB_MIB = 200.0


def p99(kind: str) -> float:
    """Milliseconds that one in a hundred searches of a kind may exceed, with one client."""
    return P99_WILD_MS if kind in MANY_WILDCARDS else P99_MS


def p50(pair: Pair) -> float:
    """Milliseconds that half of the searches over HTTP may exceed: three times raw SQL or 10 ms, the larger."""
    return max(P50_RATIO * pair.sql.p50, P50_MS)


def reached(kind: str, pair: Pair) -> bool:
    """Whether a kind, with one client, keeps both."""
    return pair.http.p50 <= p50(pair) and pair.http.p99 < p99(kind)
