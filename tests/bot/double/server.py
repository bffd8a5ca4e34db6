"""The server: long polling, webhooks, sending under strict rules, flood control."""

from __future__ import annotations

import json
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from http.server import ThreadingHTTPServer
from typing import Any

from tests.bot.blockquotes import blockquotes_of
from tests.bot.double import rules
from tests.bot.double.connections import Connection, Fault
from tests.bot.double.oracles import Oracle, open_oracle
from tests.bot.double.rules import ApiError, JSONObject, bad_request

TOKEN = "123456789:AAEtestTESTtestTESTtestTESTtestTEST0"  # as BotFather forms them; nobody's
BOT_ID = 123456789
USERNAME = "ibid_bot"
MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024
WAIT_SECONDS = 20.0
_UPDATE_KINDS_BY_DEFAULT = ("message", "edited_message", "callback_query", "my_chat_member")


@dataclass(slots=True)
class Call:
    """A request as it came in."""

    method: str
    arguments: JSONObject
    at: float


class Bucket:
    """Flood control of one kind: ``size`` at once, refilled in ``seconds``."""

    def __init__(self, size: float, seconds: float) -> None:
        self.size, self.rate = size, size / seconds
        self.level, self.since = size, time.monotonic()

    def wait(self) -> float:
        now = time.monotonic()
        self.level = min(self.size, self.level + (now - self.since) * self.rate)
        self.since = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.rate


@dataclass
class BotApiDouble:
    """Telegram, as far as the bot can tell.

    :param flood: whether messages that come too fast are refused.
    :param quirks: whether polls are cut and stretched as the real server does.
    :param privacy: whether the bot sees only what is meant for it in groups.
    :param sources: texts that every blockquote must stand in; empty means not checked.
    """

    flood: bool = False
    quirks: bool = False
    privacy: bool = True
    port: int = 0
    token: str = TOKEN
    sources: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    chats: dict[int, Any] = field(default_factory=dict)
    blocked: set[int] = field(default_factory=set)
    files: dict[str, bytes] = field(default_factory=dict)
    administrators: set[int] = field(default_factory=set)
    webhook: JSONObject = field(default_factory=dict)
    commands: dict[str, list[JSONObject]] = field(default_factory=dict)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def __post_init__(self) -> None:
        self.oracle: Oracle = open_oracle()
        self.updates: deque[JSONObject] = deque()
        self.confirmed: list[int] = []
        self.open_queries: set[str] = set()
        self._next_update = 1
        self._next_message = 1
        self._poll = 0
        self._last_poll = (-1, 0.0)
        self._allowed: tuple[str, ...] = _UPDATE_KINDS_BY_DEFAULT
        self._overall = Bucket(30, 1)
        self._buckets: dict[int, Bucket] = {}
        double = self

        class Handler(Connection):
            telegram = double

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

        self._server = Server(("127.0.0.1", self.port), Handler)
        self.port = self._server.server_address[1]

    # --- Life ---

    def __enter__(self) -> BotApiDouble:
        self._running = True
        serve = partial(self._server.serve_forever, poll_interval=0.02)
        for work in (serve, self._push_to_webhook):
            threading.Thread(target=work, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self._running = False
        self._server.shutdown()
        self._server.server_close()
        with self.changed:
            self.changed.notify_all()

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/bot"

    @property
    def file_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/file/bot"

    # --- For tests ---

    def fail(self, method: str, how: int | str, **options: Any) -> None:
        """Let the next requests of a method go wrong."""
        with self.changed:
            self.faults.append(Fault(method, how, **options))

    def wait_until(self, condition: Callable[[], Any], seconds: float = WAIT_SECONDS) -> Any:
        """Wait until a condition holds and return its value; fail with the transcripts if not."""
        with self.changed:
            if self.changed.wait_for(condition, seconds):
                return condition()
        raise AssertionError(f"nothing after {seconds:.0f} s\n{self.transcripts()}")

    def wait_for_receipt(self, query_id: str) -> None:
        """Wait until the bot has answered a pressed button."""
        self.wait_until(lambda: query_id not in self.open_queries)

    def transcripts(self) -> str:
        return "\n\n".join(chat.transcript() for chat in self.chats.values())

    def calls_of(self, method: str) -> list[Call]:
        with self.changed:
            return [call for call in self.calls if call.method == method]

    def give(self, update: JSONObject, *, checked: bool = True) -> int:
        """Put an update into the queue, checked like everything that the bot is given."""
        with self.changed:
            update = {"update_id": self._next_update} | update
            self._next_update = update["update_id"] + 1
            if checked:
                complaints = self.oracle.complaints_about_object("Update", update)
                assert not complaints, complaints
            kind = next((name for name in update if name != "update_id"), "")
            if not checked or kind in self._allowed:
                self.updates.append(update)
                self.changed.notify_all()
            return int(update["update_id"])

    def new_message_id(self) -> int:
        with self.changed:
            self._next_message += 1
            return self._next_message - 1

    # --- The methods of the Bot API ---

    def call(self, method: str, raw: dict[str, str]) -> Any:
        """Handle one request.

        :raises ApiError: if it breaks a rule.
        """
        if not self.oracle.knows(method):
            raise ApiError(404, "Not Found: method not found")
        arguments = self.oracle.decode(method, raw)
        with self.changed:
            self.calls.append(Call(method, arguments, time.monotonic()))
            self.changed.notify_all()
            complaints = self.oracle.complaints_about_request(method, arguments)
            if complaints:
                self.complaints += complaints
                raise bad_request("; ".join(complaints))
        handler = getattr(self, f"on_{method}", None)
        if handler is not None:
            return handler(arguments)
        if self.oracle.returns_true(method):
            return True
        raise ApiError(501, f"Not Implemented: this double does not know {method}")

    def on_getMe(self, arguments: JSONObject) -> JSONObject:
        return {
            **bot_user(),
            "can_join_groups": True,
            "can_read_all_group_messages": not self.privacy,
            "supports_inline_queries": False,
        }

    def on_getUpdates(self, arguments: JSONObject) -> list[JSONObject]:
        offset, limit = arguments.get("offset", 0), arguments.get("limit", 100)
        timeout = float(arguments.get("timeout", 0))
        with self.changed:
            if self.webhook.get("url"):
                raise ApiError(409, "Conflict: can't use getUpdates method while webhook is active")
            if "allowed_updates" in arguments:
                self._allowed = tuple(arguments["allowed_updates"])
            self._poll += 1
            poll = self._poll
            self.changed.notify_all()
            if self.quirks:
                last_offset, at = self._last_poll
                if offset == last_offset and time.monotonic() - at < 0.5:
                    limit, timeout = 1, max(timeout, 3.0)
                self._last_poll = (offset, time.monotonic())
            while self.updates and self.updates[0]["update_id"] < offset:
                self.confirmed.append(self.updates.popleft()["update_id"])
            self.changed.wait_for(
                lambda: self.updates or self._poll != poll or not self._running, timeout
            )
            if self._poll != poll:
                raise ApiError(
                    409,
                    "Conflict: terminated by other getUpdates request; "
                    "make sure that only one bot instance is running",
                )
            return list(self.updates)[:limit]

    def on_setWebhook(self, arguments: JSONObject) -> bool:
        with self.changed:
            self.webhook = dict(arguments)
            self._allowed = tuple(arguments.get("allowed_updates", _UPDATE_KINDS_BY_DEFAULT))
            self.changed.notify_all()
        return True

    def on_deleteWebhook(self, arguments: JSONObject) -> bool:
        with self.changed:
            self.webhook = {}
        return True

    def on_getWebhookInfo(self, arguments: JSONObject) -> JSONObject:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.updates),
        }

    def on_setMyCommands(self, arguments: JSONObject) -> bool:
        scope = arguments.get("scope", {"type": "default"})["type"]
        with self.changed:
            self.commands[scope] = arguments["commands"]
            self.changed.notify_all()
        return True

    def on_sendMessage(self, arguments: JSONObject) -> JSONObject:
        with self.changed:
            chat = self._chat(arguments["chat_id"])
            self._limit(chat.id)
            text, entities = rules.check_text(arguments)
            message = self._base(chat, arguments.get("message_thread_id"))
            message["text"] = text
            if entities:
                message["entities"] = entities
            markup = rules.check_markup(arguments.get("reply_markup"))
            if markup:
                message["reply_markup"] = markup
            self._reply(chat, arguments.get("reply_parameters"), message)
            return self._put(chat, message)

    def on_sendDocument(self, arguments: JSONObject) -> JSONObject:
        with self.changed:
            chat = self._chat(arguments["chat_id"])
            self._limit(chat.id)
            message = self._base(chat, arguments.get("message_thread_id"))
            message["document"] = {"file_id": "sent", "file_unique_id": "sent"}
            return self._put(chat, message)

    def on_sendMessageDraft(self, arguments: JSONObject) -> bool:
        with self.changed:
            chat = self._chat(arguments["chat_id"])
            if chat.kind != "private":
                raise bad_request("drafts are for private chats only")
            if not arguments["draft_id"]:
                raise bad_request("DRAFT_ID_INVALID")
            if arguments.get("text"):
                rules.check_text(arguments)
            return True

    def on_sendChatAction(self, arguments: JSONObject) -> bool:
        self._chat(arguments["chat_id"])
        return True

    def on_editMessageText(self, arguments: JSONObject) -> JSONObject:
        with self.changed:
            chat, message = self._own(arguments)
            self._limit(chat.id)
            text, entities = rules.check_text(arguments)
            markup = rules.check_markup(arguments.get("reply_markup"))
            return self._edit(message, {"text": text, "entities": entities, "reply_markup": markup})

    def on_editMessageReplyMarkup(self, arguments: JSONObject) -> JSONObject:
        with self.changed:
            chat, message = self._own(arguments)
            self._limit(chat.id)
            return self._edit(
                message, {"reply_markup": rules.check_markup(arguments.get("reply_markup"))}
            )

    def on_deleteMessage(self, arguments: JSONObject) -> bool:
        with self.changed:
            chat, message = self._own(arguments, "message to delete not found")
            chat.log.remove(message)
            self.changed.notify_all()
            return True

    def on_answerCallbackQuery(self, arguments: JSONObject) -> bool:
        with self.changed:
            if arguments["callback_query_id"] not in self.open_queries:
                raise bad_request(
                    "query is too old and response timeout expired or query ID is invalid"
                )
            self.open_queries.discard(arguments["callback_query_id"])
            self.changed.notify_all()
            return True

    def on_getChatMember(self, arguments: JSONObject) -> JSONObject:
        user_id = arguments["user_id"]
        user = {"id": user_id, "is_bot": False, "first_name": "Somebody"}
        if user_id in self.administrators:
            return {"status": "creator", "user": user, "is_anonymous": False}
        return {"status": "member", "user": user}

    def on_getFile(self, arguments: JSONObject) -> JSONObject:
        content = self.files.get(arguments["file_id"])
        if content is None:
            raise bad_request("invalid file_id")
        if len(content) > MAX_DOWNLOAD_BYTES:
            raise bad_request("file is too big")
        name = arguments["file_id"]
        return {"file_id": name, "file_unique_id": name, "file_path": f"documents/{name}"}

    # --- Steps ---

    def _chat(self, chat_id: Any) -> Any:
        if chat_id in self.blocked:
            raise ApiError(403, "Forbidden: bot was blocked by the user")
        if chat_id not in self.chats:
            raise bad_request("chat not found")
        return self.chats[chat_id]

    def _limit(self, chat_id: int) -> None:
        if not self.flood:
            return
        size, seconds = (20, 60) if chat_id < 0 else (1, 0.95)
        bucket = self._buckets.setdefault(chat_id, Bucket(size, seconds))
        wait = max(bucket.wait(), self._overall.wait())
        if wait:
            after = max(1, round(wait))
            raise ApiError(429, f"Too Many Requests: retry after {after}", retry_after=after)

    def _base(self, chat: Any, topic_id: int | None) -> JSONObject:
        message: JSONObject = {
            "message_id": self.new_message_id(),
            "date": int(time.time()),
            "chat": chat.as_object(),
            "from": bot_user(),
        }
        if topic_id is not None:
            if topic_id not in chat.topics:
                raise bad_request("message thread not found")
            message |= {"message_thread_id": topic_id, "is_topic_message": True}
        return message

    def _reply(self, chat: Any, parameters: JSONObject | None, message: JSONObject) -> None:
        if not parameters:
            return
        replied = chat.message(parameters["message_id"])
        if replied is None:
            if parameters.get("allow_sending_without_reply"):
                return
            raise bad_request("message to be replied not found")
        quote = rules.check_quote(parameters, replied)
        message["reply_to_message"] = without_reply(replied)
        if quote:
            message["quote"] = quote

    def _put(self, chat: Any, message: JSONObject) -> JSONObject:
        self._judge(message)
        chat.log.append(message)
        self.changed.notify_all()
        return message

    def _own(
        self, arguments: JSONObject, missing: str = "message to edit not found"
    ) -> tuple[Any, JSONObject]:
        chat = self._chat(arguments["chat_id"])
        message = chat.message(arguments["message_id"])
        if message is None:
            raise bad_request(missing)
        if message["from"]["id"] != BOT_ID:
            raise bad_request("message can't be edited")
        return chat, message

    def _edit(self, message: JSONObject, changes: JSONObject) -> JSONObject:
        changed = message | changes
        changed = {name: value for name, value in changed.items() if value not in (None, [])}
        if rules.same_message(message, changed):
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message.clear()
        message.update(changed | {"edit_date": int(time.time())})
        self._judge(message)
        self.changed.notify_all()
        return message

    def _judge(self, message: JSONObject) -> None:
        """Hold a message in a chat against the schema and the promise of the bot."""
        self.complaints += self.oracle.complaints_about_object("Message", message)
        for quote in blockquotes_of(message) if self.sources else []:
            if not any(quote in rules.cleaned(source, [])[0] for source in self.sources):
                self.complaints.append(f"a blockquote that stands in no source: {quote!r}")

    def take_fault(self, method: str) -> Fault | None:
        with self.changed:
            for fault in self.faults:
                if fault.method in (method, "*"):
                    if fault.before:
                        fault.before -= 1
                        return None
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                    return fault
        return None

    def _push_to_webhook(self) -> None:
        """Call the webhook with one update after the other, again until it takes them."""
        pause = 0.05
        while self._running:
            with self.changed:
                if not self.changed.wait_for(
                    lambda: not self._running or (self.updates and self.webhook.get("url")), 1
                ):
                    continue
                if not (self.updates and self.webhook.get("url")):  # the end
                    return
                update, webhook = self.updates[0], dict(self.webhook)
            if self._push(update, webhook):
                with self.changed:
                    if self.updates and self.updates[0] is update:
                        self.confirmed.append(self.updates.popleft()["update_id"])
                        self.changed.notify_all()
                pause = 0.05
            else:
                time.sleep(pause)
                pause = min(1.0, 2 * pause)

    @staticmethod
    def _push(update: JSONObject, webhook: JSONObject) -> bool:
        request = urllib.request.Request(  # noqa: S310 - the address is the bot's own
            webhook["url"], json.dumps(update).encode(), {"Content-Type": "application/json"}
        )
        if webhook.get("secret_token"):
            request.add_header("X-Telegram-Bot-Api-Secret-Token", webhook["secret_token"])
        try:
            with urllib.request.urlopen(request, timeout=5) as reply:  # noqa: S310
                return bool(200 <= reply.status < 300)
        except OSError:
            return False


def bot_user() -> JSONObject:
    return {"id": BOT_ID, "is_bot": True, "first_name": "Ibid", "username": USERNAME}


def without_reply(message: JSONObject) -> JSONObject:
    """Return a message as it stands inside a reply: without what it replies to itself."""
    return {k: v for k, v in message.items() if k not in ("reply_to_message", "quote")}
