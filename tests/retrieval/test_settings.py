from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import SettingsError
from retrieval.settings import DEFAULT_ENCODER, read_environment, settings_from


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = settings_from({})
    assert settings.encoder == DEFAULT_ENCODER
    assert settings.index_path == settings.home / "index"
    assert settings.chat_model == ""
    assert settings.log_level == "WARNING"


def test_blank_values_count_as_unset(tmp_path: Path) -> None:
    blank = {
        "IBID_HOME": str(tmp_path),
        "IBID_ENCODER": " ",
        "IBID_READER": "",
        "IBID_CHAT_MODEL": " ",
        "IBID_LOG_LEVEL": "",
    }
    assert settings_from(blank) == settings_from({"IBID_HOME": str(tmp_path)})


def test_every_value_is_taken_from_its_variable(tmp_path: Path) -> None:
    settings = settings_from(
        {
            "IBID_HOME": str(tmp_path),
            "IBID_ENCODER": "another-encoder",
            "IBID_READER": "sentences",
            "IBID_CHAT_MODEL": "openai:gpt-5-mini",
            "IBID_LOG_LEVEL": "debug",
        }
    )
    assert settings.home == tmp_path
    assert settings.encoder == "another-encoder"
    assert settings.reader == "sentences"
    assert settings.chat_model == "openai:gpt-5-mini"
    assert settings.log_level == "DEBUG"


def test_a_home_may_begin_with_a_tilde(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings_from({"IBID_HOME": "~/ibid"}).home == tmp_path / "ibid"


def test_a_given_index_goes_before_the_default_one(tmp_path: Path) -> None:
    assert settings_from({}, index_path=tmp_path).index_path == tmp_path


def test_a_home_that_is_a_file_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(SettingsError, match=rf"^IBID_HOME must name a folder, but {path} is a"):
        settings_from({"IBID_HOME": str(path)})


def test_a_wrong_log_level_is_refused_with_the_right_ones() -> None:
    with pytest.raises(SettingsError, match=r"IBID_LOG_LEVEL .* DEBUG, INFO.* found 'LOUD'"):
        settings_from({"IBID_LOG_LEVEL": "loud"})


@pytest.mark.parametrize("name", ["gpt-5", "openai:", ":gpt-5", ":"])
def test_a_chat_model_needs_a_provider_and_a_model(name: str) -> None:
    with pytest.raises(SettingsError, match=r"IBID_CHAT_MODEL must be provider:model"):
        settings_from({"IBID_CHAT_MODEL": name})


def test_a_dot_env_file_fills_in_what_the_environment_leaves_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        "IBID_LOG_LEVEL=INFO\nIBID_READER='sentences'\nIBID_CHAT_MODEL\n", encoding="utf-8"
    )
    monkeypatch.setenv("IBID_LOG_LEVEL", "ERROR")
    monkeypatch.delenv("IBID_READER", raising=False)
    monkeypatch.delenv("IBID_CHAT_MODEL", raising=False)
    environment = read_environment(tmp_path)
    assert environment["IBID_LOG_LEVEL"] == "ERROR"
    assert environment["IBID_READER"] == "sentences"
    assert environment["IBID_CHAT_MODEL"] == ""


def test_without_a_dot_env_file_the_environment_is_all_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IBID_READER", "sentences")
    assert read_environment(tmp_path)["IBID_READER"] == "sentences"
