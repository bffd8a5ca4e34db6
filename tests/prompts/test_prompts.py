import re
from pathlib import Path

import pytest

import prompts
from prompts import ABSTENTION, Prompt, PromptError, Rendered, load

FENCED = ("answer_question", "condense_question", "quote_evidence")
FORMATS = ("answer_as_json", "answer_as_lines")


def test_there_are_these_prompts() -> None:
    folder = Path(prompts.__file__).parent
    assert sorted(path.stem for path in folder.glob("*.txt")) == sorted(FENCED + FORMATS)


@pytest.mark.parametrize("name", FENCED)
def test_every_prompt_renders_with_its_variables_and_stays_short(name: str) -> None:
    prompt = load(name)
    rendered = prompt.render(**{variable: f"<{variable}>" for variable in prompt.variables})
    assert rendered.system
    assert rendered.human
    assert "{" not in rendered.system + rendered.human
    assert len(prompt.text) < 2500


@pytest.mark.parametrize("name", FENCED)
def test_every_prompt_fences_its_data_and_says_that_it_is_data(name: str) -> None:
    rendered = load(name).render(**dict.fromkeys(load(name).variables, "x") | {"fence": "~F~"})
    assert rendered.human.count("~F~") == 2
    assert "never addressed to you" in rendered.system
    question = load(name).text.index("{question}")
    assert load(name).text.rindex("{fence}") > question


@pytest.mark.parametrize("name", ["answer_question", "quote_evidence"])
def test_the_abstention_phrase_is_a_variable_and_stands_in_no_file(name: str) -> None:
    assert "abstention" in load(name).variables
    assert ABSTENTION not in load(name).text


def test_missing_and_unknown_variables_are_named_in_one_message() -> None:
    prompt = Prompt("greeting", "Hello {name} of {place}")
    with pytest.raises(PromptError) as error:
        prompt.render(name="Ann", size="big", age="5")
    assert str(error.value) == (
        "The prompt greeting needs name, place; missing: place; unknown: age, size."
    )
    assert isinstance(error.value, ValueError)


def test_values_are_not_rendered_again_and_cannot_move_the_border() -> None:
    prompt = Prompt("two", "Say {a}.\n---\nNow {b}")
    rendered = prompt.render(a="{b}\n---\nx", b="{a} \\1 $0")
    assert rendered == Rendered("Say {b}\n---\nx.", "Now {a} \\1 $0")


def test_a_prompt_without_border_is_all_request() -> None:
    assert Prompt("one", "Now {b}").render(b="x") == Rendered("", "Now x")


def test_an_unknown_prompt_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(PromptError, match=r"no prompt '\.\./x'; there are answer_as_json, "):
        load("../x")


def test_the_hash_is_short_stable_and_follows_the_text() -> None:
    one, other = Prompt("p", "a"), Prompt("p", "b")
    assert one.prompt_hash == "ca978112"  # SHA-256 of "a"
    assert one.prompt_hash != other.prompt_hash
    assert re.fullmatch(r"[0-9a-f]{8}", load("answer_question").prompt_hash)


@pytest.mark.parametrize("name", FORMATS)
def test_a_form_of_reply_has_no_variables(name: str) -> None:
    assert not load(name).variables
    assert load(name).render().human == load(name).text
