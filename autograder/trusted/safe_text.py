"""Make text from a submission safe to show on a terminal, in a table, or on a page."""

from __future__ import annotations

import re
import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format (bidi), surrogate, unassigned, separators

_FRACTION = re.compile(r"-?(?:\d+\.\d*|\.\d+)(?:e[+-]?\d+)?|-?\d+e[+-]?\d+|-?\d{5,}", re.IGNORECASE)
_ROW = re.compile(r"(?<!\w)-?\d+(?:[^\w]{1,4}\d+){2,}(?!\w)")
_LEFT_OUT = re.compile(r"…(?:[^\w]{0,6}…)+")
_MOST_DIMENSIONS = 3  # of a shape that stays in the text


def one_line(text: str, most: int = 300) -> str:
    """`text` on one line, without control, format or bidirectional characters, shortened to `most`."""
    shown = "".join(" " if character in "\n\r\t" else character for character in text[: 4 * most])
    shown = "".join(character for character in shown if unicodedata.category(character) not in _UNSEEN)
    shown = " ".join(shown.split())
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def visible(text: str) -> str:
    """`text` without control, format or bidirectional characters; its lines and tabs are kept."""
    if text.isprintable():
        return text
    return "".join(
        character for character in text if character in "\n\t" or unicodedata.category(character) not in _UNSEEN
    )


def redact_numbers(text: str) -> str:
    """A student's `text` without the numbers that could quote a hidden input.

    Fractions, numbers of five digits or more, and rows of whole numbers become "…"; a row that may be a shape stays.
    """
    return _LEFT_OUT.sub("…", _ROW.sub(_shape_or_nothing, _FRACTION.sub("…", text)))


def _shape_or_nothing(row: re.Match[str]) -> str:
    numbers = re.findall(r"-?\d+", row[0])
    shape = len(numbers) <= _MOST_DIMENSIONS and not any(number.startswith("-") for number in numbers)
    return row[0] if shape else "…"


def spreadsheet_cell(text: str, most: int = 300) -> str:
    """`text` changed so that no spreadsheet reads it as a formula (OWASP, "CSV Injection"), shortened to `most`."""
    shown = one_line(text, most)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown
