"""Make text from a submission safe to show on a terminal, in a table, or on a page."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}  # control, format (bidi), surrogate, unassigned, separators


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


def spreadsheet_cell(text: str, most: int = 300) -> str:
    """`text` changed so that no spreadsheet reads it as a formula (OWASP, "CSV Injection"), shortened to `most`."""
    shown = one_line(text, most)
    return f"'{shown}" if shown.startswith(("=", "+", "-", "@")) else shown
