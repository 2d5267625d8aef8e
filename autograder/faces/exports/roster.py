"""A class list: what Canvas, Moodle or a registry's office has exported, with the ids, names and groups of students.

Commas, semicolons or tabs between the cells; UTF-8, UTF-16 or a western code page; English or German headings.
"""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.submissions.finding.who import name_in, number_in

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

STUDENT, CANVAS_ID, SIS_USER_ID, SIS_LOGIN_ID, SECTION = "Student", "ID", "SIS User ID", "SIS Login ID", "Section"
IDENTIFIER, FULL_NAME = "Identifier", "Full name"  # of Moodle's grading worksheet: "Participant 88123"
USERNAME_COLUMN, ID_NUMBER_COLUMN, EMAIL_COLUMN = "Username", "ID number", "Email address"
FIRST_NAME, LAST_NAME, GROUP = "First name", "Last name", "Group"

_IDENTIFYING = (
    SIS_LOGIN_ID, SIS_USER_ID, CANVAS_ID, USERNAME_COLUMN, ID_NUMBER_COLUMN, EMAIL_COLUMN, IDENTIFIER,
)  # fmt: skip
_NUMBERS = (CANVAS_ID, IDENTIFIER)  # whose number Canvas and Moodle put into the names of what they download
_OTHER_HEADINGS = {
    "kennung": USERNAME_COLUMN,
    "benutzername": USERNAME_COLUMN,
    "anmeldename": USERNAME_COLUMN,
    "login": USERNAME_COLUMN,
    "user name": USERNAME_COLUMN,
    "matrikelnummer": ID_NUMBER_COLUMN,
    "matrikelnr": ID_NUMBER_COLUMN,
    "matrikel-nr.": ID_NUMBER_COLUMN,
    "id-nummer": ID_NUMBER_COLUMN,
    "student id": ID_NUMBER_COLUMN,
    "student number": ID_NUMBER_COLUMN,
    "e-mail-adresse": EMAIL_COLUMN,
    "e-mail": EMAIL_COLUMN,
    "email": EMAIL_COLUMN,
    "mail": EMAIL_COLUMN,
    "vorname": FIRST_NAME,
    "given name": FIRST_NAME,
    "nachname": LAST_NAME,
    "familienname": LAST_NAME,
    "surname": LAST_NAME,
    "family name": LAST_NAME,
    "vollständiger name": FULL_NAME,
    "name": FULL_NAME,
    "gruppe": GROUP,
    "gruppen": GROUP,
    "groups": GROUP,
    "tutorial": GROUP,
    "übungsgruppe": GROUP,
}
_PLAIN = {
    name.casefold(): name
    for name in (*_IDENTIFYING, STUDENT, SECTION, FULL_NAME, FIRST_NAME, LAST_NAME, GROUP)
}  # fmt: skip
_DELIMITERS = ",;\t"


class Roster:
    """A class list that a gradebook has exported, or Moodle's grading worksheet, with the ids of each student.

    Args:
        rows: the rows of the file, by column; headings that are known are in English.
        name: the file's name.
    """

    def __init__(self, rows: Sequence[Mapping[str, str]], name: str) -> None:
        self.name = name
        self._rows = rows
        self._by_id: dict[str, list[Mapping[str, str]]] = {}
        self._by_number: dict[str, list[Mapping[str, str]]] = {}
        self._by_name: dict[str, list[Mapping[str, str]]] = {}
        for row in rows:
            for value in {_folded(row.get(column, "")) for column in _IDENTIFYING} - {""}:
                self._by_id.setdefault(value, []).append(row)
            for number in {row.get(column, "").rpartition(" ")[2] for column in _NUMBERS} - {""}:
                self._by_number.setdefault(number, []).append(row)
            for name_here in {_folded(name_of(row))} - {""}:
                self._by_name.setdefault(name_here, []).append(row)

    def row(self, student: str) -> Mapping[str, str] | None:
        """The row that has the student's name as one of its ids; None if no row or several rows have it.

        Of a student whom a system has named (`roejane_90311`, `Jane Roe_88123`), the row that has the number in the
        column of that system; else the one row with the name.
        """
        number = number_in(student)
        for found in (
            self._by_id.get(_folded(student), []),
            [row for row in self._by_number.get(number, []) if _may_be(row, name_in(student))] if number else [],
            self._by_name.get(_folded(name_in(student)), []) if number else [],
        ):
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def group(self, student: str) -> str:
        """The tutorial or section of a student; "" where the roster knows none."""
        row = self.row(student) or {}
        return row.get(GROUP, "") or row.get(SECTION, "")

    def __len__(self) -> int:
        return len([row for row in self._rows if any(row.get(column) for column in _IDENTIFYING)])


def name_of(row: Mapping[str, str]) -> str:
    """A student's name as a person writes it, first name first where the row says which that is; "" without one."""
    parts = f"{row.get(FIRST_NAME, '')} {row.get(LAST_NAME, '')}".strip()
    return row.get(FULL_NAME) or parts


def read_roster(path: Path) -> Roster:
    """Read a class list. Raises UsageError, with the reason, if it cannot be read or has no ids."""
    text = _text(path)
    try:
        rows = [
            {_heading(key): (value or "").strip() for key, value in row.items() if isinstance(key, str)}
            for row in csv.DictReader(io.StringIO(text, newline=""), restval="", delimiter=_delimiter(text))
        ]
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV ({error}): export the gradebook as CSV.") from error
    roster = Roster(rows, path.name)
    if not rows:
        raise UsageError(f"{path} has no line below its headings: export the gradebook as CSV.")
    if not len(roster):
        found = ", ".join(key for key in rows[0] if key) or "none"
        known = ", ".join(_IDENTIFYING)
        raise UsageError(f"{path} has none of the columns {known} with ids in it, but these: {found[:300]}.")
    return roster


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): export the gradebook as CSV.") from error
    if content.startswith(b"PK\x03\x04"):
        raise UsageError(f"{path} cannot be read: it is a spreadsheet or an archive, no CSV; save it as CSV.")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UsageError(f"{path} cannot be read: it is not text, nor UTF-16 with a mark of its own; save it as CSV.")
    return text


def _delimiter(text: str) -> str:
    """What stands between the cells: what stands most often in the headings, outside quotes."""
    headings = re.sub(r'"[^"]*"', "", text.lstrip().split("\n", 1)[0])
    return max(_DELIMITERS, key=headings.count)


def _heading(said: str) -> str:
    """A heading under the name that it has here."""
    folded = said.strip().casefold()
    return _OTHER_HEADINGS.get(folded) or _PLAIN.get(folded) or said.strip()


def _may_be(row: Mapping[str, str], name: str) -> bool:
    """Whether a row with a student's number is theirs: `team_42` is not who has the number 42.

    Canvas writes `roejane` for "Roe, Jane", Moodle "Participant" for whom it does not name.
    """
    words = re.findall(r"\w+", f"{row.get(STUDENT, '')} {name_of(row)}".casefold())
    folded = _folded(name)
    return not words or folded in {"participant", "anon"} or any(word in folded for word in words if len(word) > 1)


def _folded(value: str) -> str:
    return value.strip().casefold()
