"""What X would be sent, how it counts it, and what is refused before anything goes out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduler.channels.contract import DoesNotFit, Draft
from scheduler.channels.x.adapter import X

LINK = "https://go.riverside.example.org/r/nurse-7"


@pytest.fixture
def x(connect: Callable[..., X]) -> X:
    return connect("http://127.0.0.1:9")


def draft(text: str, link: str = "", hashtags: tuple[str, ...] = ()) -> Draft:
    return Draft(title="", text=text, link=link, hashtags=hashtags)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("a" * 280, 280),
        ("café", 4),
        ("cafe\N{COMBINING ACUTE ACCENT}", 4),
        ("日本語", 6),
        ("한국어", 6),
        ("ไทย", 3),
        ("مرحبا بكم", 9),
        ("שלום", 4),
        ("“Join” – us", 11),
        ("…", 2),
        ("€", 2),
        ("😷", 2),
        ("👍🏽", 2),
        ("🇬🇧", 2),
        ("👨‍👩‍👧‍👦", 2),
        ("H🐱☺👨‍👩‍👧‍👦", 7),
        ("https://example.com/" + "x" * 300, 23),
        ("See https://example.com/a?b=c&d=e.", 28),
        ("english text 日本語 😷 https://example.com", 46),
        ("one\r\ntwo", 7),
    ],
)
def test_length_is_counted_as_x_counts(x: X, text: str, length: int) -> None:
    composed = x.compose(draft(text))
    assert (composed.length, composed.limit) == (length, 280)


def test_one_too_many_is_refused_and_the_sentence_says_how_many(x: X) -> None:
    with pytest.raises(DoesNotFit, match=r"^This is 1 over the limit for X"):
        x.compose(draft("a" * 281))
    with pytest.raises(DoesNotFit, match=r"^This is 2 over the limit for X"):
        x.compose(draft("😷" * 141))


def test_link_counts_against_the_limit(x: X) -> None:
    assert x.compose(draft("a" * 255, LINK)).length == 280
    with pytest.raises(DoesNotFit, match=r"^This is 1 over the limit"):
        x.compose(draft("a" * 256, LINK))


def test_link_follows_the_text_after_a_blank_line(x: X) -> None:
    composed = x.compose(draft("Join us.", LINK))
    assert composed.text == f"Join us.\n\n{LINK}"
    assert composed.body == {"text": composed.text}


def test_link_in_the_text_is_not_repeated(x: X) -> None:
    assert x.compose(draft(f"Apply at {LINK}.", LINK)).text == f"Apply at {LINK}."


def test_longer_link_that_begins_alike_is_not_taken_for_ours(x: X) -> None:
    text = f"See {LINK}0"
    assert x.compose(draft(text, LINK)).text == f"{text}\n\n{LINK}"


def test_hashtags_are_added_once_and_with_their_sign(x: X) -> None:
    composed = x.compose(draft("We are hiring #Nurses", hashtags=("nurses", "NHSJobs", "#Wards")))
    assert composed.text == "We are hiring #Nurses #NHSJobs #Wards"


def test_hashtag_inside_a_longer_one_is_added(x: X) -> None:
    assert x.compose(draft("#NursesDay", hashtags=("Nurses",))).text == "#NursesDay #Nurses"


def test_text_is_normalised_and_direction_is_kept(x: X) -> None:
    assert x.compose(draft("Cafe\N{COMBINING ACUTE ACCENT}")).text == "Café"
    right_to_left = "انضم إلينا \N{RIGHT-TO-LEFT MARK}(NHS)\N{RIGHT-TO-LEFT MARK} 😷"
    assert x.compose(draft(right_to_left)).text == right_to_left


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty_text_is_refused(x: X, text: str) -> None:
    with pytest.raises(DoesNotFit, match="no text"):
        x.compose(draft(text, LINK, ("NHSJobs",)))


@pytest.mark.parametrize("character", ["\ufffe", "\ufeff", "\uffff"])
def test_characters_that_x_refuses_are_refused(x: X, character: str) -> None:
    with pytest.raises(DoesNotFit, match="invisible character"):
        x.compose(draft(f"Join{character} us"))


def test_second_cashtag_is_refused(x: X) -> None:
    assert x.compose(draft("Costs $5 or US$ 10, see $ABC")).text
    with pytest.raises(DoesNotFit, match="only one cashtag"):
        x.compose(draft("Buy $ABC and $BRK.B"))


def test_hashtag_with_a_space_is_refused(x: X) -> None:
    with pytest.raises(DoesNotFit, match="one word"):
        x.compose(draft("Come", hashtags=("open day",)))


def test_very_long_text_is_refused_without_counting_it(x: X) -> None:
    with pytest.raises(DoesNotFit, match="100000 characters"):
        x.compose(draft("a." * 50_000))


def test_link_warns_of_its_price(x: X) -> None:
    (warning,) = x.compose(draft("Join us.", LINK)).warnings
    assert "$0.20" in warning
    assert x.compose(draft("Join us.")).warnings == ()


@pytest.mark.parametrize("tag", ["nhscareers2026", "nhsjobs"])
def test_hashtag_that_may_be_several_words_without_capitals_warns(x: X, tag: str) -> None:
    (warning,) = x.compose(draft(f"Come #{tag} #NHSCareersDay #nurses", hashtags=("انضمواإليناالآن",))).warnings
    assert f"#{tag}" in warning
