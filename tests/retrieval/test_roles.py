"""Roles in questions: whom the article describes so, and nobody else."""

from __future__ import annotations

import pytest

from retrieval.domain import Document
from retrieval.outlines import Outline
from retrieval.questions import asked_role
from retrieval.roles import is_other_holder, name_role

ARTICLE = (
    "Syrian President Omar Haddad met the prime minister, Ann Lee, in Leeds. Iran told President "
    "Grace Okoro to wait. “It is late,” said Tom Hill, 45, the governor of Kumla Prison. Jane Roe, "
    "a wealth psychologist and founder of the Legacy Group, agreed. The former mayor, Paul Reed, "
    "was there. Nina Voss, a friend of the bishop, laughed. In Oslo, the judge waited. Eva Stone, "
    "John Park and the abbot sang. Karl Berg was the head of the Lamp Commission. Sue Day, a "
    "former clerk turned sculptor, left. Accusing the coach, Lena Wolf cried. A Times reporter "
    "said that Vera Lind is a keen sailor. Ida Moe, secretary of the 10,500-strong Lamp Union, and "
    "Max Frey, a 24-year-old student with a beard, came. The company's owner, Leo Katz, did not."
)
OUTLINE = Outline(Document(doc_id="a", title="Nordlys meets Iran", source="a", text=ARTICLE))


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("the prime minister", "Ann Lee"),
        ("the Prime Minister", "Ann Lee"),
        ("the Syrian president", "Omar Haddad"),
        ("Syria's president", "Omar Haddad"),
        ("the governor", "Tom Hill"),
        ("the governor of Kumla", "Tom Hill"),
        ("the psychologist", "Jane Roe"),
        ("the founder of the Legacy Group", "Jane Roe"),
        ("the head of the commission", "Karl Berg"),
        ("the sculptor", "Sue Day"),
        ("the former mayor", "Paul Reed"),
        ("the Lamp Union's secretary", "Ida Moe"),
        ("the student", "Max Frey"),
        ("the company's owner", "Leo Katz"),
    ],
)
def test_a_role_is_whoever_the_article_names_with_it(role: str, name: str) -> None:
    question = f"What did {role} say about the lamp?"
    assert name_role(question, OUTLINE) == f"What did {name} say about the lamp?"


@pytest.mark.parametrize(
    "role",
    [
        "the president",  # there are two
        "the Iranian president",  # Iran told somebody else's president something
        "the governor of Leeds",
        "the mayor",  # he no longer is
        "the bishop",  # his friend is not he
        "the judge",  # Oslo is no judge
        "the abbot",  # two others stand beside him
        "the coach",  # whoever accuses him is not he
        "the clerk",
        "the owner of Nordlys",  # the article does not say of which company
        "the Times",
        "the governors",
        "the article",
        "Tom Hill",
    ],
)
def test_whom_the_article_does_not_name_with_it_stays_a_role(role: str) -> None:
    question = f"What did {role} say about the lamp?"
    assert name_role(question, OUTLINE) == question


def test_only_who_is_asked_for_their_words_is_looked_up() -> None:
    for question in ("Who is the governor of Kumla?", "What does the governor mean?"):
        assert asked_role(question) is None
        assert name_role(question, OUTLINE) == question


def test_another_countrys_president_is_not_the_one_asked_for() -> None:
    question = "What did the Iranian president say?"
    assert is_other_holder(question, "Omar Haddad", OUTLINE)
    assert not is_other_holder(question, "Grace Okoro", OUTLINE)  # nobody says of what country
    assert not is_other_holder(question, "Tom Hill", OUTLINE)
    assert not is_other_holder(question, None, OUTLINE)
    assert not is_other_holder("What did the Syrian president say?", "Omar Haddad", OUTLINE)
    assert is_other_holder("What did the mayor say?", "Paul Reed", OUTLINE)
    assert not is_other_holder("What did Omar Haddad say?", "Omar Haddad", OUTLINE)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("The mother of the boy, Ann Lee, said no.", "boy"),
        ("A critic of the government, Ann Lee, said no.", "government"),
        ("A spokeswoman for the prime minister, David Hill, said no.", "spokeswoman"),
        ("After the death of Ann Lee, the governor of Texas said no.", "governor of Texas"),
        ("When he met Ann Lee, the head of the school said no.", "head of the school"),
        ("Asked by Tom Hill, the minister for health said no.", "minister for health"),
        ("He thanked Tom Hill, the coach and the players.", "coach"),
        ("Ann Lee, mayor of Leeds, Tom Hill, mayor of York, met.", "mayor of Leeds"),
        ("After meeting the president, Lena Wolf, a campaigner, said no.", "president"),
        ("In a letter to the mayor, Tom Hill, a baker, said no.", "mayor"),
        ("The president, Ann Lee, Tom Hill and Rita Berg came.", "president"),
        ("The former South African president, Thabo Dube, said no.", "president"),
        ("Former French president Nicolas Petit said no.", "president"),
        ("The then-prime minister, Ann Lee, said no.", "prime minister"),
        ("Prime Minister Ann Lee spoke.", "minister"),
        ("Ann Lee, head of sport at the school, said no.", "head of the school"),
        ("The French mayor, Anne Petit, said no.", "mayor of Paris"),
        ("In Berlin foreign minister Javad Hill said no.", "German foreign minister"),
        ("Iran met President Lee.", "Iranian president"),
        ("Tom Hill, president of the students' union of Oslo, said no.", "president of Oslo"),
        ("Many wealthy Americans hide it.", "wealthy"),
    ],
)
def test_what_stands_beside_a_name_by_chance_names_nobody(text: str, role: str) -> None:
    outline = Outline(Document(doc_id="c", title="T", source="c", text=text))
    question = f"What did the {role} say?"
    assert name_role(question, outline) == question


def test_a_list_of_holders_is_read_one_by_one() -> None:
    text = "Ann Lee, the mayor, Tom Hill, the priest, and Rita Berg, the doctor, met."
    outline = Outline(Document(doc_id="c", title="T", source="c", text=text))
    assert name_role("What did the mayor say?", outline) == "What did Ann Lee say?"


def test_a_role_is_no_part_of_the_name() -> None:
    text = "Coach Tom Hill said no. The coach, Coach Tom Hill, left."
    outline = Outline(Document(doc_id="c", title="T", source="c", text=text))
    assert name_role("What did the coach say?", outline) == "What did Tom Hill say?"
    text = "Tom Hill beat the champion, Roger Berg, on Monday."
    outline = Outline(Document(doc_id="c", title="T", source="c", text=text))
    assert name_role("What did the champion say?", outline) == "What did Roger Berg say?"


@pytest.mark.parametrize("question", ["What happened according to the ?", "What is the 's view?"])
def test_a_role_without_a_word_is_nobody(question: str) -> None:
    assert name_role(question, OUTLINE) == question


def test_a_town_denies_no_nation() -> None:
    text = "In Moscow foreign secretary Philip Hill said no."
    outline = Outline(Document(doc_id="c", title="T", source="c", text=text))
    question = "What did the British foreign secretary say?"
    assert not is_other_holder(question, "Philip Hill", outline)
