from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bot.double.people import Person, someone
from tests.bot.double.server import BotApiDouble
from tests.bot.processes import BotProcess

CHATS = 50


def resident_kilobytes(pid: int) -> int:
    """Return the memory that a process holds, from /proc."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text("utf-8"))
    assert found is not None
    return int(found.group(1))


def ask(people: list[Person], n: int) -> None:
    """Ask ``n`` questions in many chats and wait for every answer."""
    for _ in range(n // len(people)):
        before = [len(person.chat.replies) for person in people]
        for person in people:
            person.says("How many pounds did it cost?")
        for person, known in zip(people, before, strict=True):
            person.chat.wait_for_replies(known + 1, 60)
            with person.telegram.changed:
                del person.chat.log[:]  # the double shall not grow either
        person.telegram.calls.clear()


@pytest.mark.slow
@pytest.mark.timeout(3_000)
def test_memory_after_ten_thousand_questions_is_what_it_was_after_one_thousand(
    telegram: BotApiDouble, tmp_path: Path
) -> None:
    people = [someone(telegram, n, f"P{n}") for n in range(1, CHATS + 1)]
    with BotProcess(telegram, tmp_path, TEST_UNLIMITED="1") as bot:
        bot.wait_until_ready()
        ask(people, 1_000)
        early = resident_kilobytes(bot.process.pid)
        ask(people, 9_000)
        late = resident_kilobytes(bot.process.pid)
        assert bot.terminate() == 0

    assert late < 1.1 * early, f"{early} kB after 1,000 questions, {late} kB after 10,000"
    print(f"{early} kB after 1,000 questions, {late} kB after 10,000")
