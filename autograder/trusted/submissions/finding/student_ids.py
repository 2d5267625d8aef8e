"""Students' ids, made from the names of their folders: text that can be written, and no two alike."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from typing import TYPE_CHECKING

from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIKE = "The folder's name looks like another student's; this one is told apart by what follows the ~ in its id."

_CASE = "The folders {} differ by capital letters only, and were taken for different students'."


def text_of(name: str) -> str:
    """A file's name as text that can be written; bytes that are no UTF-8 are shown by their numbers."""
    return name.encode("utf-8", "backslashreplace").decode()


def student_ids(names: Iterable[str]) -> dict[str, tuple[str, str]]:
    """For each name of a folder the id of its student, and a note, or "", where it is not simply the name.

    The id is the name as text. Of names that look the same as text (bytes that are no UTF-8 and what they are shown
    as, the normal forms of Unicode, letters that no page shows, letters of the other case, as other file systems take
    them) only the one that is what it looks like keeps it; any other gets a hash of its bytes.
    """
    alike: dict[str, list[str]] = {}
    for name in sorted(set(names)):
        alike.setdefault(_as_seen(name).casefold(), []).append(name)
    ids: dict[str, tuple[str, str]] = {}
    for rivals in alike.values():
        plain = [name for name in rivals if name == _as_seen(name)]
        for name in rivals:
            note = _CASE.format(" and ".join(f"`{each}`" for each in plain)) if len(plain) > 1 else ""
            stays = len(rivals) == 1 or name in plain
            ids[name] = (text_of(name), note) if stays else another_id(text_of(name), name)
    return ids


def another_id(student: str, name: str) -> tuple[str, str]:
    """An id for a student whose own is taken by another, with a hash of a `name`, and the note that says so."""
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:12]
    return f"{student}~{digest}", _ALIKE


def _as_seen(name: str) -> str:
    """A name as it looks where it is shown."""
    return one_line(unicodedata.normalize("NFC", text_of(name)), 300)
