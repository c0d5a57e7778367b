import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing_lab.messages.bucket import TokenBucket


def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    bucket = TokenBucket(50, burst=3)
    assert [bucket.book(7.0) for _ in range(6)] == pytest.approx([0, 0, 0, 0.02, 0.04, 0.06])


def test_idleness_saves_no_more_than_one_burst() -> None:
    bucket = TokenBucket(100, burst=2)
    bucket.book(0.0)
    assert [bucket.book(3600.0) for _ in range(4)] == pytest.approx([0, 0, 0.01, 0.02])


@given(st.lists(st.floats(0, 0.3), min_size=2, max_size=40), st.integers(1, 5))
def test_no_stretch_of_time_lets_more_through_than_burst_and_rate(pauses: list[float], burst: int) -> None:
    bucket = TokenBucket(10, burst)
    let_go = [now + bucket.book(now) for now in itertools.accumulate(pauses)]
    assert let_go == sorted(let_go)
    for (i, first), (j, last) in itertools.combinations(enumerate(let_go), 2):
        assert j - i + 1 <= burst + 10 * (last - first) + 1e-6


async def test_whoever_takes_a_token_waits_for_it() -> None:
    bucket, begin = TokenBucket(100), asyncio.get_running_loop().time()
    await asyncio.gather(*(bucket.take() for _ in range(6)))
    assert asyncio.get_running_loop().time() - begin >= 0.05 - 1e-6


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_that_never_fills_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="token bucket"):
        TokenBucket(rate, burst)
