"""The README tells the truth: its commands run and print what it shows."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.readme_blocks import (
    README,
    ROOT,
    Shown,
    python_blocks,
    readme_environment,
    run_shown,
    shown_commands,
)


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, exported_home: Path) -> dict[str, str]:
    home = tmp_path_factory.mktemp("readme")
    (home / "models").symlink_to(exported_home / "models")
    return readme_environment(home)


def test_its_commands_print_what_it_shows(environment: dict[str, str]) -> None:
    for shown in shown_commands():
        printed = run_shown(shown.command, environment)
        assert shown.matches(printed), f"$ {shown.command}\n{printed}"


def test_its_python_runs(environment: dict[str, str]) -> None:
    for block in python_blocks():
        result = subprocess.run(
            [sys.executable, "-c", block],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stderr


def test_it_names_every_command_and_option(environment: dict[str, str]) -> None:
    text = README.read_text(encoding="utf-8")
    overview = run_shown("ibid --help", environment).partition("Commands:")[2]
    commands = re.findall(r"^  ([a-z]+) ", overview, re.M)
    assert commands
    for command in commands:
        assert f"ibid {command}" in text
        help_text = run_shown(f"ibid {command} --help", environment)
        for option in re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help_text, re.M):
            assert option == "--help" or option in text, f"{option} of ibid {command}"


def test_its_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^make ([a-z-]+)", README.read_text(encoding="utf-8"), re.M)
    assert {"ask", "test"} <= set(targets)
    for target in targets:
        assert re.search(rf"^{target}:", makefile, re.M), target


def test_it_names_every_variable_that_is_read() -> None:
    read = {
        name
        for path in [*ROOT.glob("bot/*.py"), *ROOT.glob("retrieval/*.py")]
        for name in re.findall(r"\bIBID_[A-Z_]+\b", path.read_text(encoding="utf-8"))
    }
    documented = "".join(
        path.read_text(encoding="utf-8") for path in [README, *ROOT.glob("docs/*.md")]
    )
    assert read <= set(re.findall(r"\bIBID_[A-Z_]+\b", documented))


def test_a_changed_output_would_be_noticed() -> None:
    shown = shown_commands("```console\n$ ibid ask x\nfirst …\nlast\n```\n")
    assert shown == [Shown("ibid ask x", "first …\nlast\n")]
    assert shown[0].matches("first of all\nlast")
    assert not shown[0].matches("first of all\nlost")
