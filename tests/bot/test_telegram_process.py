from __future__ import annotations

import socket
import sqlite3
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from bot.migrations import DATABASE_NAME
from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.people import Person, someone
from tests.bot.double.server import TOKEN, BotApiDouble
from tests.bot.processes import BotProcess
from tests.bot.serve import POINTS

QUESTIONS = [f"How many pounds did it cost, number {n}?" for n in range(5)]
SECRET = "s" * 40


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def times_answered(alice: Person) -> list[int]:
    """Return for each question how many answers show its words (asked in a group, quoted)."""
    return [
        sum(question in r.get("reply_to_message", {}).get("text", "") for r in alice.chat.replies)
        for question in QUESTIONS
    ]


def test_a_real_process_answers_and_drains_on_sigterm(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with BotProcess(telegram, tmp_path, TEST_SECONDS="0.2") as bot:
        bot.wait_until_ready()
        for question in QUESTIONS:
            alice.says(question)
        telegram.wait_until(lambda: telegram.calls_of("sendChatAction"))
        assert bot.terminate() == 0

    assert len(alice.chat.replies) == 5
    assert TOKEN not in bot.written
    assert "Traceback" not in bot.written


def test_a_kill_with_questions_under_way_loses_none_and_doubles_none(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    with BotProcess(telegram, tmp_path, TEST_SECONDS="0.3") as bot:
        bot.wait_until_ready()
        for question in QUESTIONS:
            alice.says(question)
        telegram.wait_until(lambda: telegram.confirmed or alice.chat.replies)
        bot.kill()
    with BotProcess(telegram, tmp_path) as bot:
        alice.chat.wait_for_replies(5)
        bot.wait_until_ready()
        assert bot.terminate() == 0

    assert 5 <= len(alice.chat.replies) <= 6
    with sqlite3.connect(tmp_path / DATABASE_NAME) as database:
        pending = database.execute("SELECT count(*) FROM updates WHERE state = 'pending'")
        assert pending.fetchone() == (0,)


def dies_and_comes_back(telegram: BotApiDouble, home: Path, point: str) -> int:
    """Ask one question, let the bot die at a point, start it again; return how many answers."""
    alice = someone(telegram)
    died = home / "died"
    environment = {"TEST_DIE_AT": point, "TEST_DIED": str(died)}
    alice.says("How many pounds did it cost?")
    with BotProcess(telegram, home, **environment) as bot:
        assert bot.wait() == -9
    assert died.exists()
    with BotProcess(telegram, home, **environment) as bot:
        alice.chat.wait_for_replies(1)
        bot.wait_until_ready()
        assert bot.terminate() == 0
    assert all(blockquotes_of(r) == ["It cost 2,000 pounds."] for r in alice.chat.replies)
    return len(alice.chat.replies)


@pytest.mark.parametrize("point", ["after the update is written down", "after the message is sent"])
def test_a_question_survives_a_kill(telegram: BotApiDouble, tmp_path: Path, point: str) -> None:
    assert dies_and_comes_back(telegram, tmp_path, point) in (1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
def test_a_question_survives_a_kill_at_every_point(
    telegram: BotApiDouble, tmp_path: Path, point: str
) -> None:
    answers = dies_and_comes_back(telegram, tmp_path, point)

    # Only between a message and its receipt nobody can know whether it stands in the chat.
    assert answers == (2 if point == "after the message is sent" else 1)


@pytest.mark.slow
def test_an_update_that_kills_the_bot_each_time_is_given_up_after_three_attempts(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    alice.says("How many pounds did it cost?")
    for n in range(3):
        environment = {
            "TEST_DIE_AT": "after the attempt is counted",
            "TEST_DIED": str(tmp_path / f"died{n}"),
        }
        with BotProcess(telegram, tmp_path, **environment) as bot:
            assert bot.wait() == -9
    with BotProcess(telegram, tmp_path) as bot:
        (reply,) = alice.chat.wait_for_replies(1)
        bot.wait_until_ready()
        assert bot.terminate() == 0

    assert "I tried to answer this three times" in reply["text"]


def test_a_start_without_telegram_waits_and_says_so(tmp_path: Path) -> None:
    telegram = BotApiDouble(port=free_port())
    telegram._server.server_close()
    alice = someone(telegram)
    with BotProcess(telegram, tmp_path) as bot:
        bot.wait_for("Telegram cannot be reached at 127.0.0.1")
        with BotApiDouble(port=telegram.port) as later:
            alice = someone(later)
            bot.wait_until_ready()
            assert "2,000" in alice.asks("How many pounds did it cost?")["text"]
            assert bot.terminate() == 0


def test_a_second_bot_with_the_same_home_says_one_sentence_and_exits(
    telegram: BotApiDouble, tmp_path: Path
) -> None:
    with BotProcess(telegram, tmp_path) as first:
        first.wait_until_ready()
        with BotProcess(telegram, tmp_path) as second:
            assert second.wait() == 1

    assert second.written.count("\n") == 1
    assert "already running" in second.written


def test_a_second_poller_elsewhere_says_one_sentence_and_exits(
    telegram: BotApiDouble, tmp_path: Path
) -> None:
    ends = threading.Event()

    def poll_too() -> None:
        while not ends.is_set():
            url = f"{telegram.api_url}{TOKEN}/getUpdates"
            try:
                urllib.request.urlopen(url, b"timeout=1", timeout=3).close()  # noqa: S310
            except OSError:
                time.sleep(0.1)

    with BotProcess(telegram, tmp_path) as bot:
        bot.wait_until_ready()
        rival = threading.Thread(target=poll_too, daemon=True)
        rival.start()
        status = bot.wait()
        ends.set()
        rival.join(5)

    assert status == 1
    assert "Another program is receiving this bot's messages" in bot.written
    assert "Traceback" not in bot.written
    assert telegram.complaints == []


def test_a_refused_token_ends_with_one_sentence(telegram: BotApiDouble, tmp_path: Path) -> None:
    wrong = "987654321:" + "B" * 35
    with BotProcess(telegram, tmp_path, IBID_TELEGRAM_TOKEN=wrong) as bot:
        assert bot.wait() == 2

    assert "Telegram refused the token" in bot.written
    assert "B" * 35 not in bot.written
    assert "Traceback" not in bot.written


# --- Webhooks ---


def webhook_environment(port: int) -> dict[str, str]:
    return {
        "IBID_TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/telegram",
        "IBID_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "IBID_TELEGRAM_WEBHOOK_PORT": str(port),
    }


def post(url: str, body: bytes, **headers: str) -> int:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, body, named)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310
            return int(reply.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


def test_a_webhook_answers_with_the_secret_and_refuses_without(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/telegram"
    forged = b'{"update_id": 999, "message": {"message_id": 1, "date": 1, "text": "x", ' + (
        b'"chat": {"id": 1, "type": "private"}, "from": {"id": 1, "is_bot": false, '
        b'"first_name": "A"}}}'
    )
    with BotProcess(telegram, tmp_path, "--webhook", **webhook_environment(port)) as bot:
        bot.wait_until_ready()
        assert "2,000" in alice.asks("How many pounds did it cost?")["text"]
        assert post(url, forged) == 403
        assert post(url, forged, X_Telegram_Bot_Api_Secret_Token="t" * 40) == 403
        assert post(url, b"no json", X_Telegram_Bot_Api_Secret_Token=SECRET) == 400
        assert post(url + "/other", forged, X_Telegram_Bot_Api_Secret_Token=SECRET) == 404
        assert bot.terminate() == 0

    assert len(alice.chat.replies) == 1
    assert telegram.webhook["secret_token"] == SECRET
    assert SECRET not in bot.written


def test_a_webhook_update_is_written_down_before_it_is_confirmed(
    telegram: BotApiDouble, alice: Person, tmp_path: Path
) -> None:
    port = free_port()
    with BotProcess(
        telegram, tmp_path, "--webhook", TEST_SECONDS="30", **webhook_environment(port)
    ) as bot:
        bot.wait_until_ready()
        alice.says("How many pounds did it cost?")
        telegram.wait_until(lambda: telegram.confirmed)
        bot.kill()
    with BotProcess(telegram, tmp_path, "--webhook", **webhook_environment(port)) as bot:
        alice.chat.wait_for_replies(1)
        bot.wait_until_ready()
        assert bot.terminate() == 0

    assert len(alice.chat.replies) == 1


def test_a_webhook_whose_port_is_taken_ends_with_one_sentence(
    telegram: BotApiDouble, tmp_path: Path
) -> None:
    environment = webhook_environment(telegram.port)
    with BotProcess(telegram, tmp_path, "--webhook", **environment) as bot:
        assert bot.wait() == 1

    assert "The bot cannot listen on 127.0.0.1" in bot.written
    assert "Traceback" not in bot.written


def test_a_webhook_without_a_secret_does_not_start(telegram: BotApiDouble, tmp_path: Path) -> None:
    environment = webhook_environment(1) | {"IBID_TELEGRAM_WEBHOOK_SECRET": ""}
    with BotProcess(telegram, tmp_path, "--webhook", **environment) as bot:
        assert bot.wait() == 1  # this entry script lets the error through

    assert "IBID_TELEGRAM_WEBHOOK_SECRET must be 32 to 256" in bot.written
