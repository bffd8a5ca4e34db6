from pathlib import Path

import pytest

from retrieval.errors import SettingsError
from retrieval.settings import settings_from


def test_the_chat_models_settings_are_read(tmp_path: Path) -> None:
    settings = settings_from(
        {
            "IBID_HOME": str(tmp_path),
            "IBID_CHAT_URL": "http://localhost:8080/v1",
            "IBID_CHAT_MODE": "quotes",
            "IBID_CHAT_SECONDS": "20",
            "IBID_CHAT_DAILY_TOKENS": "1_000_000",
            "IBID_CHAT_DAILY_TOKENS_PER_USER": "50000",
            "IBID_CHAT_DAILY_COST": "1.50",
            "IBID_CHAT_PRICES": "0.25/2",
        }
    )
    assert settings.chat_url == "http://localhost:8080/v1"
    assert settings.chat_seconds == 20
    assert settings.chat_mode == "quotes"
    assert settings.chat_daily_tokens == 1_000_000
    assert settings.chat_daily_tokens_per_user == 50_000
    assert settings.chat_daily_cost == 1.5
    assert settings.chat_prices == (0.25, 2.0)


def test_without_them_there_is_no_limit_and_no_price(tmp_path: Path) -> None:
    settings = settings_from({"IBID_HOME": str(tmp_path)})
    assert (settings.chat_url, settings.chat_seconds, settings.chat_prices) == ("", 60, (0, 0))
    assert settings.chat_daily_tokens == settings.chat_daily_tokens_per_user == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IBID_CHAT_URL", "localhost:8080"),
        ("IBID_CHAT_SECONDS", "soon"),
        ("IBID_CHAT_MODE", "poems"),
        ("IBID_CHAT_DAILY_TOKENS", "-1"),
        ("IBID_CHAT_DAILY_TOKENS", "nan"),
        ("IBID_CHAT_DAILY_TOKENS_PER_USER", "many"),
        ("IBID_CHAT_DAILY_COST", "1e99"),
        ("IBID_CHAT_PRICES", "2"),
        ("IBID_CHAT_PRICES", "1/x"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} must be") as error:
        settings_from({"IBID_HOME": str(tmp_path), name: value})
    assert value in str(error.value)
