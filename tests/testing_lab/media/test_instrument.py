import asyncio
import time
from dataclasses import replace

import numpy as np
import pytest

from testing_lab.media import instrument
from tests.testing_lab.media.test_meter import MS, arrived, sent_log


def test_a_punctual_instrument_is_healthy() -> None:
    sent = sent_log()
    health = instrument.judge([sent], [arrived(sent, list(range(200)))])
    assert health.healthy
    assert health.lateness_max_ms == 0.0


def test_pacing_late_makes_it_sick() -> None:
    sent = sent_log()
    late = replace(sent, sent_ns=sent.due_ns + np.where(np.arange(200) % 10 == 0, 60 * MS, 0))
    health = instrument.judge([late], [])
    assert health.lateness_p95_ms > instrument.MAX_LATENESS_P95_MS
    assert [reason.split()[0] for reason in health.reasons] == ["pacing"]


def test_one_long_stall_makes_it_sick() -> None:
    sent = sent_log()
    stalled = sent.due_ns.copy()
    stalled[100:103] += 250 * MS
    health = instrument.judge([replace(sent, sent_ns=stalled)], [])
    assert health.reasons == ("sending stalled for 250 ms",)


def test_a_few_milliseconds_of_lateness_are_health() -> None:
    sent = sent_log()
    late = np.random.default_rng(8).uniform(0, 12, 200) * MS
    assert instrument.judge([replace(sent, sent_ns=sent.due_ns + late.astype(np.int64))], []).healthy


def test_what_our_own_socket_dropped_is_not_the_carriers_loss() -> None:
    sent = sent_log()
    health = instrument.judge([sent], [replace(arrived(sent, list(range(150))), kernel_drops=50)])
    assert health.reasons == ("own socket dropped 50 packets",)


async def test_the_watch_sees_how_long_its_thread_was_ready_and_had_no_core(monkeypatch: pytest.MonkeyPatch) -> None:
    waited = iter(range(0, 10_000 * MS, 15 * MS))  # of each look's 20 ms
    monkeypatch.setattr(instrument._Schedstat, "waited_ns", lambda _: next(waited))
    begin, watch = time.monotonic_ns(), instrument.LoopLag()
    watch.start()
    await asyncio.sleep(0.5)
    watch.stop()
    end = time.monotonic_ns()
    assert 0 < watch.starved_percent(begin, end) <= 75
    assert watch.starved_percent(end, end + MS) == 0.0
    monkeypatch.setattr(instrument, "MAX_STARVED_PERCENT", 0.0)
    received = replace(arrived(sent_log(), list(range(200))), opened_ns=begin, closed_ns=end)
    reasons = instrument.judge([sent_log()], [received], watch).reasons
    assert any(reason.startswith("CPU starved") for reason in reasons)


async def test_without_the_schedulers_figures_nobody_is_starved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instrument, "_SCHEDSTAT", "/nowhere")
    begin, watch = time.monotonic_ns(), instrument.LoopLag()
    watch.start()
    await asyncio.sleep(0.1)
    watch.stop()
    assert watch.starved_percent(begin, time.monotonic_ns()) == 0.0


async def test_the_watch_sees_a_stalled_event_loop() -> None:
    watch = instrument.LoopLag()
    watch.start()
    await asyncio.sleep(0.06)
    begin = time.monotonic_ns()
    time.sleep(0.3)  # the stall
    await asyncio.sleep(0.06)
    end = time.monotonic_ns()
    watch.stop()
    assert watch.worst_ms(begin, end) > 250
    assert watch.worst_ms(end + 1, end + 300 * MS) == 0.0
    sent = sent_log()
    received = replace(arrived(sent, list(range(200))), opened_ns=begin, closed_ns=end)
    assert not instrument.judge([sent], [received], watch).healthy
