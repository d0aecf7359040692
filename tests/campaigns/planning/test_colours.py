"""The organisation's colour stays readable, whichever it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.planning.colours import DARK_PAPERS, LIGHT_PAPERS, TEXT, contrast, shades

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#0b5a66", "#0b5a66") == 1


def test_colour_that_can_be_read_is_left_as_it_is() -> None:
    assert shades("#0b5a66", papers=LIGHT_PAPERS).accent == "#0b5a66"


def test_yellow_is_darkened_by_day_and_stays_in_the_dark() -> None:
    assert contrast(shades("#ffd800", papers=LIGHT_PAPERS).accent, LIGHT_PAPERS[0]) >= TEXT
    assert shades("#ffd800", papers=DARK_PAPERS).accent == "#ffd800"


@given(COLOURS, st.sampled_from([LIGHT_PAPERS, DARK_PAPERS]))
def test_every_colour_ends_readable(colour: str, papers: tuple[str, ...]) -> None:
    found = shades(colour, papers=papers)

    for ground in (*papers, found.accent_paper):
        assert contrast(found.accent, ground) >= TEXT
    assert contrast(found.on_accent, found.accent) >= TEXT


@pytest.mark.parametrize("wrong", ["", "red", "#fff", "#GGGGGG", "#0b5a66;"])
def test_what_is_no_colour_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="not a colour"):
        shades(wrong, papers=LIGHT_PAPERS)
