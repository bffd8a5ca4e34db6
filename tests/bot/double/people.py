"""People and chats: who writes to the bot, what they see, and what stands in the transcript."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from tests.bot.blockquotes import blockquotes_of
from tests.bot.double.rules import JSONObject, units
from tests.bot.double.server import BOT_ID, USERNAME, BotApiDouble, without_reply

_COMMAND = re.compile(r"(?<!\S)/[a-zA-Z0-9_]{1,32}(?:@\w+)?")
_MENTION = re.compile(r"(?<![\w/])@\w{3,32}")


def entities_in(text: str) -> list[JSONObject]:
    """Return the commands and mentions of a text, as the server finds them."""
    found = [("bot_command", m) for m in _COMMAND.finditer(text)]
    found += [("mention", m) for m in _MENTION.finditer(text)]
    return [
        {"type": kind, "offset": units(text[: m.start()]), "length": units(m.group())}
        for kind, m in sorted(found, key=lambda item: item[1].start())
    ]


def buttons_of(message: JSONObject) -> list[JSONObject]:
    """Return the buttons under a message, row by row."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def labels_of(message: JSONObject) -> list[str]:
    """Return what stands on the buttons under a message."""
    return [button["text"] for button in buttons_of(message)]


@dataclass
class Chat:
    """A chat with the bot in it: everything that stands there, in order."""

    telegram: BotApiDouble
    id: int
    kind: str
    title: str
    topics: set[int] = field(default_factory=set)
    log: list[JSONObject] = field(default_factory=list)

    def as_object(self) -> JSONObject:
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": self.title}
        forum = {"is_forum": True} if self.topics else {}
        return {"id": self.id, "type": self.kind, "title": self.title, **forum}

    def message(self, message_id: int) -> JSONObject | None:
        return next((m for m in self.log if m["message_id"] == message_id), None)

    @property
    def replies(self) -> list[JSONObject]:
        """What the bot has written, oldest first."""
        with self.telegram.changed:
            return [m for m in self.log if m["from"]["id"] == BOT_ID]

    def wait_for_replies(self, n: int, seconds: float = 20.0) -> list[JSONObject]:
        """Return what the bot has written once that is at least ``n`` messages."""
        self.telegram.wait_until(lambda: len(self.replies) >= n, seconds)
        return self.replies

    def transcript(self) -> str:
        """Return the chat as one would read it: quotations behind ``>``, buttons in brackets."""
        lines = []
        for message in self.log:
            text = message.get("text", f"<{self._content(message)}>")
            for quote in blockquotes_of(message):
                text = text.replace(quote, "> " + quote.replace("\n", "\n> "), 1)
            lines.append(f"{message['from']['first_name']}: {text}")
            if "quote" in message:
                lines.append(f"    (pointing at “{message['quote']['text']}”)")
            if buttons_of(message):
                lines.append("    " + " ".join(f"[{b['text']}]" for b in buttons_of(message)))
        return "\n".join(lines)

    @staticmethod
    def _content(message: JSONObject) -> str:
        known = {"message_id", "date", "chat", "from", "message_thread_id", "is_topic_message"}
        return ", ".join(set(message) - known)


@dataclass
class Person:
    """Somebody with a Telegram account."""

    telegram: BotApiDouble
    id: int
    name: str

    def as_object(self) -> JSONObject:
        return {"id": self.id, "is_bot": False, "first_name": self.name}

    @property
    def chat(self) -> Chat:
        """The private chat with the bot."""
        if self.id not in self.telegram.chats:
            self.telegram.chats[self.id] = Chat(self.telegram, self.id, "private", self.name)
        chat: Chat = self.telegram.chats[self.id]
        return chat

    def says(self, text: str, *, chat: Chat | None = None, **content: Any) -> JSONObject:
        """Write a message; the bot gets it unless privacy mode keeps it away."""
        entities = entities_in(text)
        if entities:
            content["entities"] = entities
        return self.sends(chat=chat, text=text, **content)

    def sends(
        self,
        *,
        chat: Chat | None = None,
        topic: int | None = None,
        reply_to: JSONObject | None = None,
        quote: str | None = None,
        age: int = 0,
        **content: Any,
    ) -> JSONObject:
        """Send a message of any content."""
        chat = chat or self.chat
        message: JSONObject = {
            "message_id": self.telegram.new_message_id(),
            "date": int(time.time()) - age,
            "chat": chat.as_object(),
            "from": self.as_object(),
            **content,
        }
        if topic is not None:
            message |= {"message_thread_id": topic, "is_topic_message": True}
        if reply_to is not None:
            message["reply_to_message"] = without_reply(reply_to)
        if quote is not None:
            where = (reply_to or {}).get("text", "").find(quote)
            position = units((reply_to or {}).get("text", "")[: max(0, where)])
            message["quote"] = {"text": quote, "position": position, "is_manual": True}
        with self.telegram.changed:
            chat.log.append(message)
            if self._reaches_bot(chat, message):
                self.telegram.give({"message": message})
        return message

    def _reaches_bot(self, chat: Chat, message: JSONObject) -> bool:
        """Apply privacy mode: in groups only commands for the bot and replies to it arrive."""
        if chat.kind == "private" or not self.telegram.privacy:
            return True
        if message.get("reply_to_message", {}).get("from", {}).get("id") == BOT_ID:
            return True
        command = _COMMAND.match(message.get("text", ""))
        name = command.group().partition("@")[2] if command else ""
        return command is not None and name in ("", USERNAME)

    def asks(self, text: str, *, chat: Chat | None = None, **content: Any) -> JSONObject:
        """Write a message and return what the bot writes next in that chat."""
        chat = chat or self.chat
        n = len(chat.replies)
        self.says(text, chat=chat, **content)
        return chat.wait_for_replies(n + 1)[n]

    def edits(self, message: JSONObject, text: str) -> None:
        """Change the text of one's message."""
        with self.telegram.changed:
            message["text"] = text
            message["entities"] = entities_in(text)
            message["edit_date"] = int(time.time())
            self.telegram.give({"edited_message": dict(message)})

    def presses(self, message: JSONObject, label: str) -> str:
        """Press the button of that label; return the query's id."""
        button = next(b for b in buttons_of(message) if b["text"].startswith(label))
        return self.calls_back(message, button["callback_data"])

    def calls_back(self, message: JSONObject, data: str) -> str:
        """Send a callback with any data, as a forged client can."""
        query_id = f"q{self.telegram.new_message_id()}"
        with self.telegram.changed:
            self.telegram.open_queries.add(query_id)
            self.telegram.give(
                {
                    "callback_query": {
                        "id": query_id,
                        "from": self.as_object(),
                        "chat_instance": "1",
                        "message": dict(message),
                        "data": data,
                    }
                }
            )
        return query_id

    def presses_and_hears(self, message: JSONObject, label: str) -> JSONObject:
        """Press a button and return what the bot writes next in that chat."""
        chat: Chat = self.telegram.chats[message["chat"]["id"]]
        n = len(chat.replies)
        self.presses(message, label)
        return chat.wait_for_replies(n + 1)[n]

    def presses_and_waits(self, message: JSONObject, label: str) -> JSONObject:
        """Press a button and return the message as it stands once the press is answered."""
        query_id = self.presses(message, label)
        self.telegram.wait_for_receipt(query_id)
        return message


def group(telegram: BotApiDouble, chat_id: int = -1001, *, topics: set[int] | None = None) -> Chat:
    """Return a group with the bot in it."""
    chat = Chat(telegram, chat_id, "supergroup", "Readers", topics or set())
    telegram.chats[chat_id] = chat
    return chat


def someone(telegram: BotApiDouble, user_id: int = 1, name: str = "Alice") -> Person:
    """Return a person who has opened the chat with the bot."""
    person = Person(telegram, user_id, name)
    assert person.chat.id == user_id
    return person
