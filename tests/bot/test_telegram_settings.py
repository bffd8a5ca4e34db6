from __future__ import annotations

import pytest

from bot.telegram_settings import AllowList, Secret, telegram_settings_from
from retrieval.errors import SettingsError
from tests.bot.double.server import TOKEN

SECRET = "w" * 32
FINE = {"IBID_TELEGRAM_TOKEN": TOKEN}
HOOK = {
    "IBID_TELEGRAM_WEBHOOK_URL": "https://example.org/telegram",
    "IBID_TELEGRAM_WEBHOOK_SECRET": SECRET,
}


def test_a_token_is_enough_and_lets_nobody_in() -> None:
    settings = telegram_settings_from(FINE)

    assert settings.api_url == "https://api.telegram.org/bot"
    assert settings.file_url == "https://api.telegram.org/file/bot"
    assert not settings.allow
    assert settings.webhook is None
    assert not settings.drafts


def test_drafts_are_switched_on_by_name() -> None:
    assert telegram_settings_from(FINE | {"IBID_TELEGRAM_DRAFTS": "on"}).drafts
    assert not telegram_settings_from(FINE | {"IBID_TELEGRAM_DRAFTS": "off"}).drafts
    with pytest.raises(SettingsError, match="IBID_TELEGRAM_DRAFTS must be on or off"):
        telegram_settings_from(FINE | {"IBID_TELEGRAM_DRAFTS": "maybe"})


def test_no_secret_is_printed_with_the_settings() -> None:
    text = repr(telegram_settings_from(FINE | HOOK))

    assert TOKEN not in text
    assert SECRET not in text
    assert str(Secret("x")) == "********"


@pytest.mark.parametrize(
    ("value", "allow"),
    [
        ("", AllowList()),
        ("*", AllowList(everyone=True)),
        ("1, 2,-1003", AllowList(frozenset({1, 2, -1003}))),
        ("1 2", AllowList(frozenset({1, 2}))),
    ],
)
def test_the_allow_list_is_read(value: str, allow: AllowList) -> None:
    assert telegram_settings_from(FINE | {"IBID_TELEGRAM_ALLOW": value}).allow == allow


def test_an_allow_list_admits_people_everywhere_and_groups_only_there() -> None:
    allow = AllowList(frozenset({1, -5}))

    assert allow.admits(1, 1)
    assert allow.admits(1, -9)
    assert allow.admits(2, -5)
    assert not allow.admits(2, 2)
    assert not allow.admits(-5, 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IBID_TELEGRAM_TOKEN", ""),
        ("IBID_TELEGRAM_TOKEN", "12345"),
        ("IBID_TELEGRAM_ALLOW", "@alice"),
        ("IBID_TELEGRAM_ALLOW", "1,*"),
        ("IBID_TELEGRAM_API_URL", "http://api.example.org/bot"),
        ("IBID_TELEGRAM_API_URL", "https://api.example.org"),
        ("IBID_TELEGRAM_FILE_URL", "https://api.example.org/bot"),
        ("IBID_TELEGRAM_WEBHOOK_URL", "http://example.org/"),
        ("IBID_TELEGRAM_WEBHOOK_SECRET", "short"),
        ("IBID_TELEGRAM_WEBHOOK_SECRET", ""),
        ("IBID_TELEGRAM_WEBHOOK_PORT", "70000"),
        ("IBID_TELEGRAM_WEBHOOK_PORT", "²"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be") as caught:
        telegram_settings_from(FINE | HOOK | {name: value})

    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_the_bot_api_of_this_machine_may_be_plain_http() -> None:
    url = "http://127.0.0.1:8081/bot"

    assert telegram_settings_from(FINE | {"IBID_TELEGRAM_API_URL": url}).api_url == url
