"""What is shown of a submission cannot command a terminal or a spreadsheet."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.trusted.safe_text import one_line, spreadsheet_cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("two\nlines\r\nand\ttabs", "two lines and tabs"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]0;title\x07", "]0;title"),
        ("abc\u202efdp.exe", "abcfdp.exe"),
        ("zero\u200bwidth", "zerowidth"),
        ("nul\0 and \udc80 surrogate", "nul and surrogate"),
        ("Größe, 大小", "Größe, 大小"),
        ("line\u2028separator", "lineseparator"),
        ("\ufeffmark", "mark"),
        (" \n ", ""),
        ("", ""),
    ],
)
def test_text_is_shown_on_one_line_without_control_characters(text, shown):
    assert one_line(text) == shown


def test_long_text_is_shortened():
    assert one_line("x" * 10**6, 20) == "x" * 19 + "…"


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_text_is_a_formula_in_a_spreadsheet(formula):
    assert spreadsheet_cell(formula).startswith("'")


ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x1b\u202e\u2066\ud800\0\r\n=+-@ \u00a0"), max_size=40)


@given(ANY_TEXT, st.integers(1, 50))
def test_no_text_has_more_than_so_many_visible_characters_on_more_than_one_line(text, most):
    shown = one_line(text, most)
    assert len(shown) <= most
    assert len(shown.splitlines()) <= 1
    assert not any(unicodedata.category(character).startswith("C") for character in shown)


@given(ANY_TEXT)
def test_text_that_was_made_printable_once_stays_as_it_is(text):
    assert one_line(one_line(text)) == one_line(text)


@given(ANY_TEXT)
def test_no_text_whatever_begins_a_cell_as_a_formula(text):
    assert not spreadsheet_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", " "))


def test_text_that_is_no_formula_is_not_quoted():
    assert spreadsheet_cell("a=b") == "a=b"
