"""Values that the operator chooses, read once at the door and passed down as plain arguments."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from retrieval.errors import SettingsError

DEFAULT_ENCODER = "all-MiniLM-L6-v2"

CHAT_MODES = ("statements", "quotes")

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the write path and the read path need to know.

    :param home: folder for everything that Ibid keeps (``IBID_HOME``).
    :param index_path: the index folder; by default ``home/index``.
    :param encoder: a sentence-transformers name or folder (``IBID_ENCODER``).
    :param reader: folder of an extractive question answering model (``IBID_READER``); empty means
        the one that Ibid brings, ``sentences`` the plain sentence scorer.
    :param chat_model: LangChain's ``provider:model`` (``IBID_CHAT_MODEL``); empty means none.
    :param chat_mode: one of :data:`CHAT_MODES` (``IBID_CHAT_MODE``): whether the chat model writes
        statements over its quotes or picks the quotes alone.
    :param chat_url: base URL of an OpenAI-compatible server (``IBID_CHAT_URL``); empty means the
        provider's own.
    :param chat_seconds: how long a chat model may take for an answer (``IBID_CHAT_SECONDS``).
    :param chat_daily_tokens: tokens a day for all (``IBID_CHAT_DAILY_TOKENS``); 0 means no limit.
    :param chat_daily_tokens_per_user: the same for each (``IBID_CHAT_DAILY_TOKENS_PER_USER``).
    :param chat_daily_cost: cost a day for all (``IBID_CHAT_DAILY_COST``); 0 means no limit.
    :param chat_prices: for a million tokens read and written (``IBID_CHAT_PRICES``, ``0.25/2``).
    :param log_level: one of :data:`LOG_LEVELS` (``IBID_LOG_LEVEL``).
    :param passage_tokens: most encoder tokens in a passage; see
        :func:`retrieval.passages.passage_size` for scripts that the encoder spells out.
    :param overlap_tokens: most encoder tokens that two neighbouring passages share.
    :param k: how many passages are read for one question.
    """

    home: Path
    index_path: Path
    encoder: str = DEFAULT_ENCODER
    reader: str = ""
    chat_model: str = ""
    chat_mode: str = "statements"
    chat_url: str = ""
    chat_seconds: float = 60.0
    chat_daily_tokens: int = 0
    chat_daily_tokens_per_user: int = 0
    chat_daily_cost: float = 0.0
    chat_prices: tuple[float, float] = (0.0, 0.0)
    log_level: str = "WARNING"
    passage_tokens: int = 128
    overlap_tokens: int = 40
    k: int = 12


def read_environment(folder: Path | None = None) -> dict[str, str]:
    """Return the environment over the values of a ``.env`` file in ``folder`` (here by default)."""
    path = (folder or Path.cwd()) / ".env"
    values: dict[str, str] = {}
    if path.is_file():
        from dotenv import dotenv_values  # only where there is such a file: it costs start-up time

        values = {name: value or "" for name, value in dotenv_values(path).items()}
    return values | dict(os.environ)


def settings_from(environment: Mapping[str, str], *, index_path: Path | None = None) -> Settings:
    """Build the settings from a plain mapping, checking every value.

    :param environment: names and values, as :func:`read_environment` returns them.
    :param index_path: an index folder that goes before the default one.
    :raises SettingsError: naming the variable, what it may be and what it is.
    """
    home = Path(environment.get("IBID_HOME") or platformdirs.user_data_dir("ibid")).expanduser()
    if home.exists() and not home.is_dir():
        raise SettingsError(f"IBID_HOME must name a folder, but {home} is a file; choose another.")
    log_level = (environment.get("IBID_LOG_LEVEL") or "WARNING").upper()
    if log_level not in LOG_LEVELS:
        raise SettingsError(
            f"IBID_LOG_LEVEL must be one of {', '.join(LOG_LEVELS)}, found {log_level!r}."
        )
    chat_model = environment.get("IBID_CHAT_MODEL", "").strip()
    if chat_model:
        check_chat_model(chat_model, "IBID_CHAT_MODEL")
    return Settings(
        home=home,
        index_path=(index_path or home / "index").expanduser(),
        encoder=environment.get("IBID_ENCODER", "").strip() or DEFAULT_ENCODER,
        reader=environment.get("IBID_READER", "").strip(),
        chat_model=chat_model,
        chat_mode=_chat_mode(environment, "IBID_CHAT_MODE"),
        chat_url=_web_address(environment, "IBID_CHAT_URL"),
        chat_seconds=_number(environment, "IBID_CHAT_SECONDS", 60.0) or 60.0,
        chat_daily_tokens=int(_number(environment, "IBID_CHAT_DAILY_TOKENS")),
        chat_daily_tokens_per_user=int(_number(environment, "IBID_CHAT_DAILY_TOKENS_PER_USER")),
        chat_daily_cost=_number(environment, "IBID_CHAT_DAILY_COST"),
        chat_prices=_prices(environment, "IBID_CHAT_PRICES"),
        log_level=log_level,
    )


def _chat_mode(environment: Mapping[str, str], name: str) -> str:
    mode = environment.get(name, "").strip().lower() or CHAT_MODES[0]
    if mode not in CHAT_MODES:
        raise SettingsError(f"{name} must be {' or '.join(CHAT_MODES)}, found {mode!r}.")
    return mode


def _number(environment: Mapping[str, str], name: str, default: float = 0.0) -> float:
    """Return a number of 0 or more.

    :raises SettingsError: naming the variable and what it is.
    """
    raw = environment.get(name, "").strip().replace("_", "")
    try:
        value = float(raw) if raw else default
    except ValueError:
        value = -1.0
    if not 0 <= value < 1e15:
        raise SettingsError(f"{name} must be a number of 0 or more, found {raw!r}; 0 is no limit.")
    return value


def _prices(environment: Mapping[str, str], name: str) -> tuple[float, float]:
    raw = environment.get(name, "").strip()
    if not raw:
        return 0.0, 0.0
    read, slash, written = raw.partition("/")
    try:
        prices = float(read), float(written)
    except ValueError:
        prices = -1.0, -1.0
    if not slash or not all(0 <= price < 1e9 for price in prices):
        raise SettingsError(
            f"{name} must be two prices for a million tokens, read and written, for example "
            f"0.25/2, found {raw!r}."
        )
    return prices


def _web_address(environment: Mapping[str, str], name: str) -> str:
    raw = environment.get(name, "").strip()
    if raw and not raw.startswith(("http://", "https://")):
        raise SettingsError(
            f"{name} must be the base URL of an OpenAI-compatible server, for example "
            f"http://localhost:8080/v1, found {raw!r}."
        )
    return raw


def check_chat_model(chat_model: str, where: str) -> None:
    """Check the form of a chat model's name.

    :raises SettingsError: if it is not ``provider:model``.
    """
    provider, colon, model = chat_model.partition(":")
    if not (provider and colon and model):
        raise SettingsError(
            f"{where} must be provider:model, for example openai:gpt-5-mini, found {chat_model!r}; "
            "leave it empty to answer without a chat model."
        )
