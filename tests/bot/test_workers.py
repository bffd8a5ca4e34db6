from __future__ import annotations

import asyncio
import threading
import time
from functools import partial

import pytest

from bot.workers import BusyError, ModelWorker


async def test_calls_run_one_after_the_other_in_their_order() -> None:
    worker, seen = ModelWorker(10), list[int]()

    def see(n: int) -> None:
        time.sleep(0.01)
        seen.append(n)

    async def run(n: int) -> None:
        await worker.run(partial(see, n), 5)

    await asyncio.gather(*(run(n) for n in range(8)))
    assert seen == list(range(8))
    worker.close()


async def test_a_call_that_fails_hands_its_error_to_who_waits() -> None:
    worker = ModelWorker(10)
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 // 0, 5)

    assert await worker.run(lambda: 2, 5) == 2
    worker.close()


async def test_one_more_than_may_wait_is_refused() -> None:
    worker, gate = ModelWorker(2), threading.Event()
    waiting = [asyncio.create_task(worker.run(gate.wait, 5)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(BusyError):
        await worker.run(gate.wait, 5)

    gate.set()
    assert await asyncio.gather(*waiting) == [True, True]
    worker.close()


async def test_waiting_for_the_turn_does_not_count() -> None:
    worker = ModelWorker(10)
    calls = [worker.run(partial(time.sleep, 0.05), 0.15) for _ in range(8)]
    await asyncio.gather(*calls)  # the last one waits for 0.35 s
    worker.close()


async def test_those_behind_a_call_that_hangs_have_their_turn() -> None:
    worker, gate = ModelWorker(5), threading.Event()
    hangs = asyncio.create_task(worker.run(gate.wait, 0.05))
    behind = asyncio.create_task(worker.run(lambda: "answered", 5))
    with pytest.raises(TimeoutError):
        await hangs
    assert await behind == "answered"
    gate.set()
    worker.close()


async def test_a_call_that_hangs_is_left_behind_and_others_go_on() -> None:
    worker, gate = ModelWorker(2), threading.Event()
    with pytest.raises(TimeoutError):
        await worker.run(gate.wait, 0.05)

    assert await worker.run(lambda: "next", 5) == "next"
    gate.set()
    worker.close()


async def test_a_call_that_was_given_up_while_waiting_is_never_run() -> None:
    worker, gate, ran = ModelWorker(5), threading.Event(), list[int]()
    first = asyncio.create_task(worker.run(gate.wait, 5))
    second = asyncio.create_task(worker.run(partial(ran.append, 1), 5))
    await asyncio.sleep(0.01)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
    gate.set()
    await first
    await worker.run(lambda: None, 5)

    assert ran == []
    worker.close()
