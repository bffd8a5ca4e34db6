"""The model's own thread: one question after the other, none waiting for ever."""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

_LOGGER = logging.getLogger(__name__)
T = TypeVar("T")


class BusyError(Exception):
    """So many calls wait already that one more would not be answered soon."""


@dataclass(slots=True)
class _Job:
    call: Callable[[], Any]
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]
    begun: asyncio.Event
    running: bool = False


class ModelWorker:
    """Runs calls in one thread, in the order in which they come.

    One thread, because the models share the processor and two at once would only be slower each.

    :param waiting: how many calls may wait.
    """

    def __init__(self, waiting: int) -> None:
        self._limit = waiting
        self._waiting = 0
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._thread = self._start_thread()

    def _start_thread(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, name="model", daemon=True)
        self._thread = thread
        self._threads = [t for t in self._threads if t.is_alive()] + [thread]
        thread.start()
        return thread

    async def run(self, call: Callable[[], T], seconds: float) -> T:
        """Run ``call`` in the thread and return what it returns.

        :param seconds: how long the call may take; waiting for its turn does not count, since a
            queue only moves on and those before are given up after their own seconds.
        :raises BusyError: if too many calls wait.
        :raises TimeoutError: if the time is over.
        """
        if self._waiting >= self._limit:
            raise BusyError
        loop = asyncio.get_running_loop()
        job = _Job(call, loop, loop.create_future(), asyncio.Event())
        self._waiting += 1
        self._jobs.put(job)
        try:
            await job.begun.wait()
            async with asyncio.timeout(seconds):
                result: T = await job.future
                return result
        except TimeoutError:
            if job.running:
                # The call cannot be stopped; others shall not wait behind it for ever.
                _LOGGER.error("event=model_stuck seconds=%.0f", seconds)
                self._start_thread()
            raise
        finally:
            job.future.cancel()  # given up before its turn, it shall not be run
            self._waiting -= 1

    def close(self, seconds: float = 5.0) -> bool:
        """Wait for the call that is running, and end the thread.

        :returns: whether it ended in time; native code that still runs when the interpreter shuts
            down would abort the process.
        """
        for _ in self._threads:
            self._jobs.put(None)
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while threading.current_thread() is self._thread and (job := self._jobs.get()) is not None:
            if job.future.cancelled():
                continue
            job.running = True
            _tell(job, job.begun.set)
            try:
                outcome, failure = job.call(), None
            except BaseException as error:  # handed to whoever waits for it
                outcome, failure = None, error
            job.running = False
            _hand_over(job, outcome, failure)


def _hand_over(job: _Job, outcome: object, failure: BaseException | None) -> None:
    def settle() -> None:
        if job.future.done():
            return
        if failure is None:
            job.future.set_result(outcome)
        else:
            job.future.set_exception(failure)

    _tell(job, settle)


def _tell(job: _Job, what: Callable[[], object]) -> None:
    try:
        job.loop.call_soon_threadsafe(what)
    except RuntimeError:  # the loop has ended, nobody waits any more
        _LOGGER.debug("event=answer_after_the_end")
