"""Calls that return in time, whatever they wait for: the one who asked goes on without them."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what ``call`` returns, or raise TimeoutError.

    A client's own time-out does not help against a server that sends a byte now and then.
    """
    return next(iter(streamed(seconds, lambda: iter([call()]))))


def streamed(seconds: float, begin: Callable[[], Iterator[T]]) -> Iterator[T]:
    """Yield what an iterator yields, run in a thread that is left behind when time is up."""
    deadline = time.monotonic() + seconds
    arrived: queue.Queue[tuple[str, Any]] = queue.Queue()
    given_up = threading.Event()

    def run() -> None:
        try:
            for item in begin():
                arrived.put(("item", item))
                if given_up.is_set():
                    return
            arrived.put(("end", None))
        except BaseException as error:  # raised again where it is waited for
            arrived.put(("error", error))

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), daemon=True, name="chat-model").start()
    try:
        while True:
            try:
                kind, value = arrived.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimeoutError(f"no reply within {seconds:.0f} seconds") from None
            if kind == "end":
                return
            if kind == "error":
                raise value
            yield value
    finally:
        given_up.set()
