"""What is shown of a submission cannot command a terminal or a spreadsheet."""

from __future__ import annotations

import pytest

from autograder.trusted.printable import one_line, spreadsheet_cell


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
    ],
)
def test_text_is_shown_on_one_line_without_control_characters(text, shown):
    assert one_line(text) == shown


def test_long_text_is_shortened():
    assert one_line("x" * 10**6, 20) == "x" * 19 + "…"


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_text_is_a_formula_in_a_spreadsheet(formula):
    assert spreadsheet_cell(formula).startswith("'")
