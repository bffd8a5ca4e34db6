from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.domain import Document, Span
from retrieval.sentences import split_sentences
from retrieval.speakers import Speech, find_quotations, find_speech, is_outside_quotations


def heard(text: str) -> list[tuple[str, str | None]]:
    """Return kind and speaker of each sentence."""
    return [(s.kind, s.speaker) for s in find_speech(text, split_sentences(text))]


ASSAD = "Bashar al-Assad"


def test_the_seed_article_is_heard_sentence_by_sentence(article: Document) -> None:
    sentences = split_sentences(article.text)
    spoken = find_speech(article.text, sentences)
    kinds = "".join({"direct": "d", "reported": "r", "article": "."}[s.kind] for s in spoken)
    # headline, two reports, history (5), denial, two quotations, attack, Trump (3), the decision,
    # loot (3), more (1), "fight" (1), friends (1), allies (2), caption (3)
    assert kinds == ".rr.....rddr...rdddrdrdd..."
    assert {s.speaker for s in spoken if s.kind != "article"} == {ASSAD}


def test_she_is_nobody_whom_the_article_calls_he() -> None:
    told = "The council met Tom Hill, who lost his shop, on Monday. She said that it was sad."
    assert heard(told)[1] == ("reported", None)
    met = "The council met Tom Hill, who lost his shop, on Monday. Hill left. He said it was sad."
    assert heard(met)[2] == ("reported", "Tom Hill")


def test_a_name_of_particles_alone_may_be_called_either() -> None:
    assert heard("Al Ben came in May, Al Ben said. He said it was late.")[1][0] == "reported"


def test_what_a_court_ruled_is_its_words() -> None:
    text = (
        "Fees rose. The Court of Appeal ruled, in 1998, that they were fair. A tower was ruled out."
    )
    assert heard(text)[1:] == [("reported", "Court of Appeal"), ("article", None)]


def test_whoever_does_not_think_something_goes_on_in_the_quotation_behind_it() -> None:
    text = (
        "“The prison service has changed very much,” says Tom Hill. However, he doesn’t think it "
        "has gone soft. “We had to make prisons more secure.”"
    )
    assert heard(text) == [
        ("direct", "Tom Hill"),
        ("reported", "Tom Hill"),
        ("direct", "Tom Hill"),
    ]
    # what somebody did not say is nobody's words, nor is what others did not believe or fear
    assert heard("The jury did not believe Ann Lee.") == [("article", None)]
    assert heard("Ebola fears forced the airline to cancel flights.") == [("article", None)]
    assert heard("Tom Hill came. He did not say why.")[1] == ("article", None)


def test_the_sentence_with_the_oil_fields_is_nobody_s_words(article: Document) -> None:
    sentences = split_sentences(article.text)
    spoken = find_speech(article.text, sentences)
    row = next(i for i, s in enumerate(sentences) if "oil fields there" in s.of(article.text))
    assert spoken[row] == Speech("article", None)
    assert spoken[row + 1] == Speech("reported", ASSAD)
    assert spoken[row + 2] == Speech("direct", ASSAD)


@pytest.mark.parametrize(
    "text",
    [
        '"We are ready to go," said Mary Byrne.',
        "“We are ready to go,” said Mary Byrne.",
        "«We are ready to go», said Mary Byrne.",
        "„We are ready to go“, said Mary Byrne.",
        'Mary Byrne added: "We are ready to go."',
        'Mary Byrne, 62, said "we are ready to go".',
        'Mary Byrne, the keeper, said: "We are not ready to go."',
    ],
)
def test_a_quotation_is_direct_speech_whatever_its_marks(text: str) -> None:
    assert heard(text) == [("direct", "Mary Byrne")]


@pytest.mark.parametrize(
    "text",
    [
        "Mary Byrne said that the lamp was out.",
        "Mary Byrne has also denied it.",
        "According to Mary Byrne, the lamp was out.",
        "The lamp was out, according to Mary Byrne.",
        "Mary Byrne told John Smith that it was late.",
        "Asked about it, Mary Byrne claimed the lamp was out.",
    ],
)
def test_reported_speech_is_heard_with_its_speaker(text: str) -> None:
    assert heard(text) == [("reported", "Mary Byrne")]


@pytest.mark.parametrize(
    "text",
    [
        "The lamps are said to be haunted.",
        "The tower was described as tall.",
        "He was called a liar by Smith.",
        "Putin was accused by Merkel of lying.",
        'The so-called "safe zone" was bombed by nobody at all.',
        "The lamp of Mary Byrne went out.",
    ],
)
def test_what_nobody_says_is_the_article_s_own_words(text: str) -> None:
    assert heard(text) == [("article", None)]


def test_a_quotation_over_several_sentences_is_one_person_s() -> None:
    text = '"We will stay. The lamp must burn. Nobody leaves," said Mary Byrne. It rained.'
    assert heard(text) == [("direct", "Mary Byrne")] * 3 + [("article", None)]


def test_a_quotation_without_a_name_goes_on_in_its_paragraph() -> None:
    text = '"We will not go out," said Mary Byrne. "We will stay at home."'
    assert heard(text) == [("direct", "Mary Byrne")] * 2


def test_a_quotation_that_is_opened_anew_in_the_next_paragraph_goes_on() -> None:
    text = "“We will stay, all of us,” Mary Byrne said. “It burns.\n\n“And it will,” she added."
    assert heard(text)[-1][1] == "Mary Byrne"


def test_two_voices_in_a_dialog_are_told_apart() -> None:
    text = (
        '"We are ready now," said Mary Byrne.\n\n'
        '"I am not ready," replied John Smith. "Not today, not ever."'
    )
    assert heard(text) == [
        ("direct", "Mary Byrne"),
        ("direct", "John Smith"),
        ("direct", "John Smith"),
    ]


def test_in_a_dialog_nobody_knows_who_she_is() -> None:
    text = (
        '"We are ready now," said Mary Byrne.\n\n"I am not," replied John Smith.\n\n'
        '"Then we wait for the boat," she said.'
    )
    assert heard(text)[-1] == ("direct", None)


@pytest.mark.parametrize("pronoun", ["She", "He"])
@pytest.mark.parametrize("verb", ["and John Smith met", "met John Smith"])
def test_a_pronoun_that_may_mean_two_people_means_nobody(pronoun: str, verb: str) -> None:
    text = f"Mary Byrne {verb} on Monday. {pronoun} said that it was late."
    assert heard(text)[-1] == ("reported", None)


def test_a_pronoun_means_the_one_person_in_the_sentence_before() -> None:
    text = "Mary Byrne kept the lamp for forty years. She said that it was hard."
    assert heard(text)[-1] == ("reported", "Mary Byrne")


def test_a_role_means_the_person_who_spoke_before() -> None:
    text = 'Mary Byrne denied it. "It is not true at all," the teacher said.'
    assert heard(text)[-1] == ("direct", "Mary Byrne")


@pytest.mark.parametrize(
    "text",
    [
        "They said that it was late.",
        "He said that it was late.",
        "The president said so.",
        "Nobody said so.",
        "Somebody claimed it was late.",
        "I said so.",
    ],
)
def test_where_it_is_not_certain_the_speaker_is_null(text: str) -> None:
    assert heard(text)[0][1] is None


def test_a_surname_is_given_in_full_where_the_article_does() -> None:
    text = "Mary Byrne kept the lamp. It burned whale oil. Byrne said that it was hard."
    assert heard(text)[-1] == ("reported", "Mary Byrne")
    two = "Mary Byrne met John Byrne. It burned oil. Byrne said that it was hard."
    assert heard(two)[-1] == ("reported", "Byrne")


def test_an_organisation_can_speak_but_is_no_he() -> None:
    text = "The United Nations said 400 people died. He said it was more."
    assert heard(text) == [("reported", "United Nations"), ("reported", None)]


def test_quotations_are_found_with_their_marks_and_end_with_the_paragraph() -> None:
    text = 'He said "one" and “two”.\n\n“Three goes on.\n\n«Four»'
    assert [q.of(text) for q in find_quotations(text)] == [
        '"one"',
        "“two”",
        "“Three goes on.",
        "«Four»",
    ]


def test_a_straight_mark_that_is_never_closed_opens_nothing() -> None:
    assert find_quotations('A 3.5" disk and its box.\n\nNext.') == []


def test_a_stretch_is_outside_if_it_touches_no_quotation() -> None:
    quotations = [Span(5, 10)]
    assert is_outside_quotations(Span(0, 5), quotations)
    assert not is_outside_quotations(Span(9, 12), quotations)


_ARTICLE_LIKE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "Mary Byrne",
                " said",
                "he",
                '"',
                "“",
                "”",
                "«",
                "»",
                ". ",
                ", ",
                "\n\n",
                " the ",
                "the teacher",
                "According to ",
                "Assad",
                " of ",
                "I ",
                "They ",
                "U.S. ",
                "'",
                "…",
                "!",
            ]
        ),
        st.text(max_size=6),
    ),
    max_size=40,
).map("".join)


@given(_ARTICLE_LIKE)
def test_any_text_is_heard_once_for_each_sentence(text: str) -> None:
    sentences = split_sentences(text)
    spoken = find_speech(text, sentences)
    assert len(spoken) == len(sentences)
    assert all(s.speaker is None for s in spoken if s.kind == "article")
    assert all(s.speaker is None or s.speaker.strip() for s in spoken)


def test_an_article_of_many_people_is_heard_in_reasonable_time() -> None:
    # Comparing every name with every other takes hours and meets the time limit of the tests.
    text = "\n\n".join(
        f'"We said number {n}," said Mary Byrne{n}. He added that Jo Smith{n} was late.'
        for n in range(800)
    )
    sentences = split_sentences(text)
    assert find_speech(text, sentences)[-2] == Speech("direct", "Mary Byrne799")


BETS = (
    "Tatyana Bets was at work when it fell. It rained.\n\n"
    "In Chelyabinsk itself, schools were closed. Two hundred were hurt. They came into the clinic "
    "where Bets works. She said that many had cuts."
)


def test_she_is_whoever_the_sentence_before_names_and_no_town() -> None:
    assert heard(BETS)[-1] == ("reported", "Tatyana Bets")
    of_two = BETS.replace("where Bets works", "where Bets met Jane Doe")
    assert heard(of_two)[-1][1] is None
    elsewhere = BETS.replace(" She said", "\n\nShe said")
    assert heard(elsewhere)[-1][1] is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It pays, says Sweet Dreams’s manager, Louise Ingabire.", ("reported", "Louise Ingabire")),
        ("“It pays us all well,” says Sweet Dreams’s young manager.", ("direct", None)),
        ("It ran in several African states, and premieres in May.", ("article", None)),
        ("Half of the people were told to lie.", ("article", None)),
        ("They played a game called Never End.", ("article", None)),
        (
            "Steve Cole, head of the 10,500-strong London Drivers’ Union, said it was late.",
            ("reported", "Steve Cole"),
        ),
    ],
)
def test_whoever_owns_or_is_told_or_is_called_something_does_not_speak(
    text: str, expected: tuple[str, str | None]
) -> None:
    assert heard(text) == [expected]


def test_a_country_s_voice_is_its_own() -> None:
    text = "The World Wildlife Fund Nepal counts tigers. Nepal said it would double them."
    assert heard(text)[-1] == ("reported", "Nepal")


@pytest.mark.parametrize(
    "text",
    [
        "The lawyer for Mr. Brown argued that the fee was unfair.",
        "A person from the Ministry of Defence told him about the work.",
        "An analyst at Barclays warned that prices may fall.",
        "The lamp was out, critics of Putin say.",
    ],
)
def test_whoever_stands_behind_a_preposition_does_not_speak(text: str) -> None:
    assert heard(text) == [("reported", None)]


@pytest.mark.parametrize("time", ["On Monday", "In June", "In 2011", "At the White House,"])
def test_a_time_or_place_before_the_speaker_takes_no_voice_away(time: str) -> None:
    assert heard(f"{time} Mary Byrne said that the lamp was out.") == [("reported", "Mary Byrne")]


@pytest.mark.parametrize(
    "text",
    [
        "Ann Smith and Mary Byrne said that the lamp was out.",
        "Neither Ann Smith nor Mary Byrne said that the lamp was out.",
        "The lamp was out, said Ann Smith and Mary Byrne.",
    ],
)
def test_words_of_two_are_given_to_neither_alone(text: str) -> None:
    assert heard(text) == [("reported", None)]


def test_a_clause_that_another_speaks_in_does_not_join_them() -> None:
    text = "The lamp was out, said Ann Smith and Mary Byrne agreed that it was."
    assert heard(text) == [("reported", "Ann Smith")]


def test_a_family_is_not_the_one_whose_name_it_bears() -> None:
    assert heard("The Smith family said that the lamp was out.") == [("article", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Experts believe Mary Byrne said it.",
        "The girl who loves Mary Byrne said that it was late.",
        "Those who know Mary Byrne say she is kind.",
        "Her oldest friend told Mary Byrne that it was late.",
        "The board says Mary Byrne may leave.",
        "It was late, they said after lawyer Mary Byrne left.",
    ],
)
def test_whoever_is_spoken_of_or_to_does_not_speak(text: str) -> None:
    assert heard(text)[0][1] is None


@pytest.mark.parametrize(
    "text",
    [
        "Last week Mary Byrne said that it was late.",
        "The retired keeper Mary Byrne said that it was late.",
        "It burned and, as Mary Byrne said, it was late.",
        "His wife Mary Byrne said that it was late.",
        "When asked, Mary Byrne said that it was late.",
        "Only Mary Byrne said that it was late.",
        "Mary Byrne, 45, a keeper from Leeds, told the board that it was late.",
        "It was late, said union leader Mary Byrne.",
        "It was late, said the lamp's new owner, Mary Byrne.",
        "Keepers such as Mary Byrne said that it was late.",
        "Asked about John Smith, Mary Byrne said that it was late.",
        "She who lit it was Mary Byrne. Mr. Smith left. Mrs. Byrne said that it was late.",
    ],
)
def test_whoever_opens_the_clause_speaks(text: str) -> None:
    assert heard(text)[-1][1] == "Mary Byrne"


@pytest.mark.parametrize(
    "told", ["told John Smith to go", "accused John Smith of theft", "asked John Smith why"]
)
def test_he_may_be_whoever_was_spoken_to(told: str) -> None:
    assert heard(f"Mary Byrne {told}. He said that it was late.")[-1] == ("reported", None)
    assert heard("Mary Byrne told Reuters so. She said it was late.")[-1][1] == "Mary Byrne"


def test_a_quotation_with_another_s_verb_is_not_whose_was_before_it() -> None:
    text = "Mary Byrne said no. “It is all over for us now,” said the gardener."
    assert heard(text)[-1] == ("direct", None)


def test_a_relative_is_not_the_one_they_belong_to() -> None:
    assert heard("Mary Byrne said no. Her lawyer said that it was late.")[-1][1] is None
    assert heard("John Byrne said no. His wife wept. She said it was late.")[-1][1] is None


def test_an_office_is_whose_the_article_says_it_is() -> None:
    assert heard("Mary Byrne said no. The spokesman said it was late.")[-1][1] is None
    part_of_a_word = "Mary Byrne was speaking. She said no. The king said it was late."
    assert heard(part_of_a_word)[-1][1] is None
    named = "Mayor Mary Byrne said no. It rained. The mayor said it was late."
    assert heard(named)[-1][1] == "Mary Byrne"
