"""The Telegram bot as a process: wiring, start, readiness, and an orderly stop."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from filelock import FileLock, Timeout
from telegram import (
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    Update,
)
from telegram.error import Conflict, InvalidToken, NetworkError, TelegramError
from telegram.ext import AIORateLimiter, Application, ExtBot
from telegram.request import HTTPXRequest

from bot import telegram_texts as texts
from bot.conversations import Conversations
from bot.migrations import open_database
from bot.redaction import configure_logging, redact
from bot.telegram_delivery import Delivery
from bot.telegram_gate import KINDS, Gate
from bot.telegram_handlers import Handlers
from bot.telegram_inbox import ChatOrder, Inbox, JournalRequest, JSONObject
from bot.telegram_questions import Questions
from bot.telegram_settings import TelegramSettings
from bot.telegram_webhooks import listen_for_updates
from bot.workers import ModelWorker
from retrieval.errors import IbidError, SettingsError
from retrieval.interfaces import Answerer
from retrieval.settings import Settings

_LOGGER = logging.getLogger(__name__)

LOCK_NAME = "telegram.lock"
HEARTBEAT_NAME = "telegram.heartbeat"
HEARTBEAT_SECONDS = 15.0
BEATS_A_DAY = 5_760
POLL_SECONDS = 30
CONFLICTS_TOLERATED = 2
CONFLICT_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 30.0

AnyApplication = Application[Any, Any, Any, Any, Any, Any]
OpenAnswerer = Callable[[Settings], Answerer]


def run(
    settings: Settings,
    telegram: TelegramSettings,
    *,
    webhook: bool = False,
    open_answerer: OpenAnswerer | None = None,
) -> int:
    """Run the bot until a signal stops it.

    :param settings: the shared settings.
    :param telegram: the settings of this front end.
    :param webhook: whether Telegram calls the bot instead of the bot polling Telegram.
    :param open_answerer: how to open the answerer; None means the usual one.
    :returns: exit status: 0 stopped by a signal, 1 failure, 2 wrong setting.
    """
    secrets = [telegram.token.reveal()]
    if telegram.webhook is not None:
        secrets.append(telegram.webhook.secret.reveal())
    configure_logging(settings.log_level, secrets)
    if settings.log_level != "DEBUG":
        # It logs with tracebacks what `_polling_failed` says in a sentence.
        logging.getLogger("telegram.ext.Updater").setLevel(logging.CRITICAL)
    try:
        if webhook and telegram.webhook is None:
            raise SettingsError(texts.WEBHOOK_MISSING)
        with _only_one(settings.home):
            answerer = (open_answerer or _usual_answerer)(settings)
            service = Service(settings, telegram, answerer, webhook=webhook)
            status = asyncio.run(_run_until_signalled(service))
            if service.left_running:
                # A model that hangs in native code would abort the interpreter's orderly end.
                _LOGGER.warning("event=model_left_running")
                logging.shutdown()
                os._exit(status)
            return status
    except IbidError as error:
        tell(redact(str(error), secrets))
        return 2 if isinstance(error, SettingsError) else 1
    except KeyboardInterrupt:
        return 0
    except Exception:
        # Through the redacting log, because the interpreter would print the token with the rest.
        _LOGGER.exception("event=crashed")
        return 1


def tell(sentence: str) -> None:
    """Write a sentence for the operator, whatever the log level is."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def _usual_answerer(settings: Settings) -> Answerer:
    from retrieval.answering import open_answerer

    return open_answerer(settings)


@contextlib.contextmanager
def _only_one(home: Path) -> Any:
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / LOCK_NAME)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IbidError(texts.SECOND_HERE) from None
    try:
        yield
    finally:
        lock.release()


async def _run_until_signalled(service: Service) -> int:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, service.stop.set)
    return await service.serve()


def build_application(
    telegram: TelegramSettings,
    inbox: Inbox,
    order: ChatOrder,
    polled: Callable[[int], None],
) -> AnyApplication:
    """Wire python-telegram-bot together; nothing goes over the network here."""
    # Durations as timedelta, its coming way; the old way warns at every flood control.
    os.environ.setdefault("PTB_TIMEDELTA", "true")
    return (
        Application.builder()
        .token(telegram.token.reveal())
        .base_url(telegram.api_url)
        .base_file_url(telegram.file_url)
        .request(
            HTTPXRequest(
                connection_pool_size=64,
                connect_timeout=10,
                read_timeout=20,
                write_timeout=20,
                pool_timeout=60,
            )
        )
        .get_updates_request(
            JournalRequest(inbox, polled, connection_pool_size=2, connect_timeout=10)
        )
        .rate_limiter(AIORateLimiter(max_retries=2))
        .concurrent_updates(order)
        .build()
    )


@dataclass
class Service:
    """Everything that runs, and how it starts and stops.

    :param settings: the shared settings.
    :param telegram: the settings of this front end.
    :param answerer: finds the answers.
    :param webhook: whether updates come as requests.
    :param stop: set to stop in an orderly way.
    :param ready: set once the bot takes questions.
    :param failure: what the operator is told when the bot ends by itself.
    :param status: the exit status.
    :param left_running: after the end, whether the model could not be stopped.
    """

    settings: Settings
    telegram: TelegramSettings
    answerer: Answerer
    webhook: bool = False
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    failure: str = ""
    status: int = 0
    left_running: bool = False
    _conflicts: list[float] = field(default_factory=list)
    _unreachable: bool = False

    async def serve(self) -> int:
        """Start, serve until told to stop, finish what was begun; return the exit status."""
        connection = open_database(self.settings.home)
        worker = ModelWorker(self.telegram.waiting_questions)
        application, questions, inbox = self._wire(connection, worker)
        try:
            if await self._reach(application.initialize):
                await self._serve(application, questions, inbox)
        finally:
            await self._close(application)
            self.left_running = not await asyncio.to_thread(worker.close)
            connection.close()
        if self.failure:
            tell(self.failure)
        return self.status

    def _wire(
        self, connection: sqlite3.Connection, worker: ModelWorker
    ) -> tuple[AnyApplication, Questions, Inbox]:
        inbox = Inbox(connection)

        async def give_up(update: Update) -> None:
            await handlers.give_up(update)

        order = ChatOrder(inbox, give_up)
        application = build_application(self.telegram, inbox, order, self._polled)
        bot: ExtBot[None] = application.bot
        delivery = Delivery(bot, self.telegram.pace_seconds)
        questions = Questions(
            self.answerer, worker, Conversations(connection), delivery, self.telegram
        )
        handlers = Handlers(questions, bot, self.settings)
        handlers.add_to(application, Gate(self.telegram.allow, handlers.tell_stranger))
        return application, questions, inbox

    async def _reach(self, call: Callable[[], Awaitable[object]]) -> bool:
        """Do a call as soon as Telegram can be reached; return whether it was done."""
        wait = 1.0
        while not self.stop.is_set():
            try:
                await call()
            except InvalidToken:
                self._fail(texts.REFUSED, 2)
                return False
            except NetworkError as error:
                self._say_unreachable(error)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.stop.wait(), wait)
                wait = min(LONGEST_WAIT_SECONDS, 1.5 * wait)
            else:
                self._unreachable = False
                return True
        return False

    async def _serve(self, application: AnyApplication, questions: Questions, inbox: Inbox) -> None:
        for raw in inbox.pending():
            await application.update_queue.put(Update.de_json(raw, application.bot))
        await application.start()
        introducing = asyncio.create_task(_introduce(application.bot))
        finding = asyncio.create_task(questions.examples())
        server = await self._receive(application, inbox)
        beating = asyncio.create_task(self._beat(inbox))
        if not self.stop.is_set():
            self._say_ready(application)
            self.ready.set()
        await self.stop.wait()
        questions.delivery.stopping = True
        for task in (beating, introducing, finding):
            task.cancel()
        if server is not None:
            server.stop()
        if application.updater is not None and application.updater.running:
            await application.updater.stop()
        await self._drain(application)

    async def _receive(self, application: AnyApplication, inbox: Inbox) -> Any:
        """Begin to receive updates; return the server if they come as requests."""
        bot = application.bot
        if not self.webhook:
            if not await self._reach(bot.delete_webhook):
                return None
            await application.updater.start_polling(  # type: ignore[union-attr]
                timeout=POLL_SECONDS,
                bootstrap_retries=-1,
                allowed_updates=list(KINDS),
                error_callback=self._polling_failed,
            )
            return None
        webhook = self.telegram.webhook
        if webhook is None:
            raise SettingsError(texts.WEBHOOK_MISSING)

        async def receive(raw: JSONObject) -> None:
            await application.update_queue.put(Update.de_json(raw, application.bot))

        try:
            server = listen_for_updates(webhook, inbox, receive)
        except OSError as error:
            raise IbidError(
                texts.PORT_TAKEN.format(
                    listen=webhook.listen, port=webhook.port, reason=error.strerror
                )
            ) from error
        await self._reach(
            lambda: bot.set_webhook(
                webhook.url, allowed_updates=list(KINDS), secret_token=webhook.secret.reveal()
            )
        )
        return server

    async def _drain(self, application: AnyApplication) -> None:
        """Finish what was begun; what takes longer than allowed is in the journal."""
        try:
            await asyncio.wait_for(application.stop(), self.telegram.drain_seconds)
        except TimeoutError:
            _LOGGER.warning("event=drain_cut_short seconds=%.0f", self.telegram.drain_seconds)
        current = asyncio.current_task()
        left = [task for task in asyncio.all_tasks() if task is not current]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _close(self, application: AnyApplication) -> None:
        """Close the connections, whatever state the application is in."""
        with contextlib.suppress(TelegramError, RuntimeError):
            if application.running:
                await application.stop()
            await application.shutdown()

    def _polled(self, code: int) -> None:
        if code in (401, 404):
            self._fail(texts.REFUSED, 2)
        elif code == 200 and self._unreachable:
            self._unreachable = False
            tell("Telegram can be reached again.")

    def _polling_failed(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            now = time.monotonic()
            self._conflicts = [t for t in self._conflicts if now - t < CONFLICT_SECONDS] + [now]
            # After a restart the poll of before may still hang at Telegram's end for a moment.
            if len(self._conflicts) > CONFLICTS_TOLERATED:
                self._fail(texts.SECOND_ELSEWHERE)
        else:
            self._say_unreachable(error)

    def _fail(self, sentence: str, status: int = 1) -> None:
        self.failure, self.status = sentence, status
        self.stop.set()

    def _say_unreachable(self, error: TelegramError) -> None:
        if not self._unreachable:
            self._unreachable = True
            host = urlsplit(self.telegram.api_url).netloc
            reason = redact(str(error), [self.telegram.token.reveal()])
            tell(texts.UNREACHABLE.format(host=host, reason=reason))

    def _say_ready(self, application: AnyApplication) -> None:
        allow = self.telegram.allow
        open_to = (
            "everybody"
            if allow.everyone
            else f"{len(allow.ids)} listed ids"
            if allow
            else texts.OPEN_TO_NOBODY
        )
        tell(
            texts.READY.format(
                username=application.bot.username,
                subject=texts.subject_of([d.title for d in self.answerer.documents.values()]),
                open_to=open_to,
                how="webhook" if self.webhook else "polling",
            )
        )
        notify_systemd("READY=1")

    async def _beat(self, inbox: Inbox) -> None:
        """Show from outside that the event loop runs: a file's time, and systemd's watchdog."""
        path = self.settings.home / HEARTBEAT_NAME
        for beat in itertools.count():
            path.touch()
            notify_systemd("WATCHDOG=1")
            if beat % BEATS_A_DAY == 0:
                inbox.tidy()
            await asyncio.sleep(HEARTBEAT_SECONDS)


async def _introduce(bot: ExtBot[None]) -> None:
    """Register commands and descriptions; without them the bot works all the same."""
    for commands, scope in (
        (texts.COMMANDS_PRIVATE, BotCommandScopeAllPrivateChats()),
        (texts.COMMANDS_GROUP, BotCommandScopeAllGroupChats()),
    ):
        try:
            await bot.set_my_commands([BotCommand(*command) for command in commands], scope=scope)
        except TelegramError as error:
            _LOGGER.warning("event=commands_not_registered reason=%s", error)
    try:
        await bot.set_my_description(texts.ABOUT)
        await bot.set_my_short_description(texts.ABOUT_SHORT)
    except TelegramError as error:
        _LOGGER.warning("event=description_not_set reason=%s", error)


def notify_systemd(state: str) -> None:
    """Tell systemd how the service is, where it asked to be told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with (
        contextlib.suppress(OSError),
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
    ):
        notify.sendto(state.encode(), address.replace("@", "\0", 1))
