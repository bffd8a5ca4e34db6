"""What the operator sets for Telegram, read once from the environment and checked there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from retrieval.errors import SettingsError

API_URL = "https://api.telegram.org/bot"
FILE_URL = "https://api.telegram.org/file/bot"
WEBHOOK_PORT = 8081

_TOKEN = re.compile(r"\d{3,20}:[A-Za-z0-9_-]{30,100}")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
_LOCAL_HOSTS = ("127.0.0.1", "localhost", "::1")


class Secret:
    """A string that prints as stars; :meth:`reveal` is the only way to its value."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value itself."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('********')"

    def __str__(self) -> str:
        return "********"

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


@dataclass(frozen=True, slots=True)
class AllowList:
    """Who may use the bot; empty means nobody.

    :param ids: numeric ids, positive for people, negative for groups (all their members).
    :param everyone: whether anybody may (``*``).
    """

    ids: frozenset[int] = frozenset()
    everyone: bool = False

    def __bool__(self) -> bool:
        return self.everyone or bool(self.ids)

    def admits(self, user_id: int, chat_id: int) -> bool:
        """Return whether this person may use the bot in this chat."""
        listed = user_id > 0 and user_id in self.ids
        return self.everyone or listed or (chat_id < 0 and chat_id in self.ids)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram sends updates when the bot does not poll.

    :param url: public ``https`` address that a TLS proxy forwards to ``listen:port``.
    :param secret: what Telegram must send with every update.
    :param listen: address to listen on; loopback unless a container needs another.
    :param port: port to listen on.
    """

    url: str
    secret: Secret
    listen: str = "127.0.0.1"
    port: int = WEBHOOK_PORT


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """What the Telegram front end needs to know beyond the shared settings.

    :param token: from BotFather (``IBID_TELEGRAM_TOKEN``).
    :param api_url: up to and with ``/bot`` (``IBID_TELEGRAM_API_URL``).
    :param file_url: up to and with ``/file/bot`` (``IBID_TELEGRAM_FILE_URL``).
    :param allow: who may use the bot (``IBID_TELEGRAM_ALLOW``).
    :param webhook: set when ``IBID_TELEGRAM_WEBHOOK_URL`` is.
    :param drafts: whether a growing answer is shown as a draft in private chats
        (``IBID_TELEGRAM_DRAFTS``).
    :param question_seconds: how long a question may take once its turn has come.
    :param waiting_questions: how many questions may wait for the model.
    :param pace_seconds: least time between two messages to one chat.
    :param drain_seconds: how long a stop waits for questions that are being answered.
    :param burst_questions: how many questions a person may ask at once.
    :param refill_seconds: after how long a person may ask one more.
    """

    token: Secret
    api_url: str = API_URL
    file_url: str = FILE_URL
    allow: AllowList = field(default_factory=AllowList)
    webhook: Webhook | None = None
    drafts: bool = False
    question_seconds: float = 120.0
    waiting_questions: int = 256
    pace_seconds: float = 1.05
    drain_seconds: float = 50.0
    burst_questions: int = 10
    refill_seconds: float = 6.0


def telegram_settings_from(environment: Mapping[str, str]) -> TelegramSettings:
    """Build the settings from a plain mapping, checking every value.

    :param environment: names and values, as ``read_environment`` returns them.
    :raises SettingsError: naming the variable and what it may be; never showing a secret.
    """
    token = environment.get("IBID_TELEGRAM_TOKEN", "").strip()
    if not _TOKEN.fullmatch(token):
        raise SettingsError(
            "IBID_TELEGRAM_TOKEN must be a bot token as BotFather gives it (digits, a colon, "
            f"35 letters and digits), but it is {'malformed' if token else 'not set'}; "
            "set it in the environment or in .env."
        )
    return TelegramSettings(
        token=Secret(token),
        api_url=_url_from(environment, "IBID_TELEGRAM_API_URL", API_URL, "/bot"),
        file_url=_url_from(environment, "IBID_TELEGRAM_FILE_URL", FILE_URL, "/file/bot"),
        allow=_allow_list_from(environment.get("IBID_TELEGRAM_ALLOW", "")),
        webhook=_webhook_from(environment),
        drafts=_switch_from(environment, "IBID_TELEGRAM_DRAFTS"),
    )


def _switch_from(environment: Mapping[str, str], name: str) -> bool:
    value = environment.get(name, "").strip().lower()
    if value not in ("", "on", "off"):
        raise SettingsError(f"{name} must be on or off, found {value!r}.")
    return value == "on"


def _allow_list_from(value: str) -> AllowList:
    entries = value.replace(",", " ").split()
    if entries == ["*"]:
        return AllowList(everyone=True)
    if not all(re.fullmatch(r"-?\d{1,20}", entry) for entry in entries):
        raise SettingsError(
            "IBID_TELEGRAM_ALLOW must be numeric Telegram ids separated by commas, or * alone for "
            f"everybody, found {value!r}; user names are not accepted, they can change hands."
        )
    return AllowList(frozenset(int(entry) for entry in entries))


def _url_from(environment: Mapping[str, str], name: str, default: str, ending: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        return default
    parts = urlsplit(value)
    local = parts.scheme == "http" and parts.hostname in _LOCAL_HOSTS
    if not (parts.hostname and value.endswith(ending) and (parts.scheme == "https" or local)):
        # Plain http would send the token readable over the network.
        raise SettingsError(
            f"{name} must be an https address that ends in {ending} (http only on this machine), "
            f"found {value!r}."
        )
    return value


def _webhook_from(environment: Mapping[str, str]) -> Webhook | None:
    url = environment.get("IBID_TELEGRAM_WEBHOOK_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in _LOCAL_HOSTS:
        raise SettingsError(
            f"IBID_TELEGRAM_WEBHOOK_URL must be a public https address, found {url!r}."
        )
    secret = environment.get("IBID_TELEGRAM_WEBHOOK_SECRET", "").strip()
    if not _WEBHOOK_SECRET.fullmatch(secret):
        raise SettingsError(
            "IBID_TELEGRAM_WEBHOOK_SECRET must be 32 to 256 letters, digits, _ or - (for example "
            "from `openssl rand -hex 32`); without it anybody could send updates to the bot."
        )
    port = environment.get("IBID_TELEGRAM_WEBHOOK_PORT", "").strip() or str(WEBHOOK_PORT)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise SettingsError(
            f"IBID_TELEGRAM_WEBHOOK_PORT must be a port from 1 to 65535, found {port!r}."
        )
    listen = environment.get("IBID_TELEGRAM_WEBHOOK_LISTEN", "").strip() or "127.0.0.1"
    return Webhook(url, Secret(secret), listen, int(port))
