import asyncio

import pytest

from testing_lab.messages.bucket import TokenBucket


async def _taking(bucket: TokenBucket, count: int) -> float:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    await asyncio.gather(*(bucket.take() for _ in range(count)))
    return loop.time() - begin


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate() -> None:
    bucket = TokenBucket(50, burst=3)
    await asyncio.sleep(0.05)
    assert await _taking(bucket, 3) < 0.015
    assert 0.055 < await _taking(bucket, 3) < 0.3


async def test_idleness_saves_no_more_than_one_burst() -> None:
    bucket = TokenBucket(100, burst=2)
    await asyncio.sleep(0.2)
    assert await _taking(bucket, 6) >= 0.035


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_that_never_fills_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="token bucket"):
        TokenBucket(rate, burst)
