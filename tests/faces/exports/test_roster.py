"""Class lists as offices and systems write them: delimiters, encodings and German headings."""

from __future__ import annotations

import pytest

from autograder.errors import UsageError
from autograder.faces.exports import ExportOptions, export
from autograder.faces.exports.roster import EMAIL_COLUMN, ID_NUMBER_COLUMN, name_of, read_roster
from tests.faces.classes import check, exercise, notebook

GERMAN = (
    "Kennung;Matrikelnummer;Vorname;Nachname;E-Mail-Adresse;Gruppe\r\n"
    "jroe;900001;Jörg;Röder;jroe@uni.edu;Dienstag\r\n"
    'mokoro;900002;Miriam;"Okoro; Dr.";mokoro@uni.edu;Mittwoch\r\n'
)


def roster(tmp_path, content: bytes):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    return read_roster(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_german_list_with_semicolons_is_read_in_every_encoding_that_excel_writes(tmp_path, encoding):
    read = roster(tmp_path, GERMAN.encode(encoding))
    row = read.row("JROE")
    assert name_of(row) == "Jörg Röder"
    assert (row[ID_NUMBER_COLUMN], row[EMAIL_COLUMN]) == ("900001", "jroe@uni.edu")
    assert read.row("900002")["Last name"] == "Okoro; Dr."
    assert read.group("mokoro") == "Mittwoch"


def test_tabs_are_read(tmp_path):
    assert roster(tmp_path, GERMAN.replace(";", "\t").encode()).group("jroe") == "Dienstag"


def test_a_canvas_section_is_a_group(tmp_path):
    read = roster(tmp_path, b'Student,ID,SIS Login ID,Section\n"Roe, Jane",4711,jroe,Tutorial 3\n')
    assert read.group("jroe") == "Tutorial 3"


def test_a_list_without_ids_says_which_columns_it_has(tmp_path):
    with pytest.raises(UsageError, match="but these: First name, Note"):
        roster(tmp_path, b"Vorname;Note\nJane;1,0\n")


def test_a_german_list_identifies_students_for_moodle(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_bytes(GERMAN.encode("utf-16"))
    records = [notebook("jroe", {"update": exercise(check("a"))})]
    done = export(records, "week06", "moodle", ExportOptions(roster=path, identify_by="email"))
    assert "jroe@uni.edu,1," in done.text
