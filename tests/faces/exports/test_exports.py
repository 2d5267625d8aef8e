"""Exports: what gradebooks, Gradescope and JUnit's readers are given, and that nothing of a student's is live in it."""

from __future__ import annotations

import csv
import io
import json
import re
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.faces.commands.main import main
from autograder.faces.exports import FORMATS, ExportOptions, export
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.results.store import Results

HOSTILE = '=cmd|"/C calc"!A0\x1b[31m\0\u202e<script>alert(1)</script>]]>&amp;\ud800\nsecond line'


def graded(student: str, notebook: str = "perceptron", message: str = "", outcome: str = "failed") -> NotebookRecord:
    """A notebook worth 3 of which one point is earned, and two are lost over one check."""
    checks = (
        CheckRecord("test_sign", "f(s) is the sign of s.", "passed", 1.0),
        CheckRecord("test_at_zero", "f(0) = +1.", outcome, 2.0, message, hint="f(0) is +1 here."),
    )
    exercises = {"activation": ExerciseRecord(1.0, 3.0, checks)}
    return NotebookRecord(student, "week06", notebook, "graded", 1.0, 3.0, 0.25, exercises)


def ungraded(student: str, notebook: str, status: str = "missing", reason: str = "the notebook was not handed in"):
    return NotebookRecord(student, "week06", notebook, status, 0.0, 4.0, 0.0, reason=reason)


CLASS = [graded("ada"), ungraded("ada", "tensor_ops"), graded("bao"), graded("bao", "tensor_ops")]


def exported(format_: str, records=CLASS, **options) -> str:
    return export(records, "week06", format_, ExportOptions(**options)).text


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.fixture
def roster(tmp_path):
    """Canvas's own export: five columns, one assignment, a row of points, and a test student."""
    path = tmp_path / "gradebook.csv"
    path.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Old (1)\n"
        "    Points Possible,,,,,10\n"
        '"Lovelace, Ada",4711,900001,Ada,Monday,\n'
        '"Bao, Li",4712,900002,li.bao,Tuesday,\n'
        '"Student, Test",4799,,0a1b,,\n',
        encoding="utf-8-sig",
    )
    return path


def test_canvas_gets_its_columns_the_row_of_points_and_a_row_a_student():
    assert rows(exported("canvas")) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "week06"],
        ["    Points Possible", "", "", "", "", "7"],
        ["ada", "", "", "ada", "", "1"],
        ["bao", "", "", "bao", "", "2"],
    ]


def test_the_columns_of_a_gradebook_are_called_as_the_gradebook_calls_them():
    header, points, ada, _ = rows(exported("canvas", column="Week 6 (4711)", each_notebook=True))
    assert header[5:] == ["Week 6 (4711)", "Week 6 (4711) perceptron", "Week 6 (4711) tensor_ops"]
    assert (points[5:], ada[5:]) == (["7", "3", "4"], ["1", "1", "0"])


def test_a_roster_gives_the_gradebooks_own_ids_whatever_their_case(roster):
    _, _, ada = rows(exported("canvas", [graded("ada")], roster=roster))
    assert ada == ["Lovelace, Ada", "4711", "900001", "Ada", "Monday", "1"]
    _, _, bao = rows(exported("canvas", [graded("900002")], roster=roster))
    assert bao[0] == "Bao, Li"


def test_whom_the_roster_does_not_have_is_left_out_and_named(roster):
    done = export([graded("ada"), graded("zoe")], "week06", "canvas", ExportOptions(roster=roster))
    assert [row[0] for row in rows(done.text)][2:] == ["Lovelace, Ada"]
    assert "gradebook.csv has no or several rows for them: zoe." in done.notes[0]
    assert done.notes[1] == "2 of the 3 in gradebook.csv have no result here."


def test_two_students_who_are_one_in_the_roster_are_not_both_exported(roster):
    with pytest.raises(UsageError, match=r"4711 and ada are one student in gradebook.csv"):
        exported("canvas", [graded("ada"), graded("4711")], roster=roster)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"Name,Grade\nada,1\n", "has none of the columns"),
        (b"\xff\xfe\x00", "it is not text"),
        (b"", "has no line below its headings"),
        (b"PK\x03\x04rest of a spreadsheet", "a spreadsheet or an archive"),
    ],
)
def test_a_roster_that_is_none_is_named(tmp_path, content, complaint):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        exported("canvas", roster=path)


def test_moodle_gets_grades_and_feedback_together():
    header, ada, _ = rows(exported("moodle", [*CLASS[:2], graded("bao", message="not attempted")], identify_by="email"))
    assert header == ["Email address", "week06", "week06 (feedback)"]
    assert ada[:2] == ["ada", "1"]
    assert ada[2] == (
        "perceptron: 1 of 3. activation 1 of 3: f(0) is +1 here."
        "<br>tensor_ops: 0 of 4; missing: the notebook was not handed in."
    )


def test_moodles_feedback_is_html_in_which_nothing_of_a_students_is_live():
    message = "<img src=x onerror=alert(1)> & more"
    check = CheckRecord("test_at_zero", "f(0) = +1.", "raised", 2.0, message)
    record = NotebookRecord(
        "ada", "week06", "perceptron", "graded", 0.0, 2.0, 0.1, {"activation": ExerciseRecord(0.0, 2.0, (check,))}
    )
    feedback = rows(exported("moodle", [record]))[1][2]
    assert "&lt;img src=x onerror=alert(1)&gt; &amp; more" in feedback
    assert re.findall("<[^>]*>", feedback) in ([], ["<br>"])


def test_moodle_knows_students_by_the_column_that_is_asked_for(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text("First name,ID number,Email address\nAda,900001,ada@example.org\n")
    _, ada = rows(exported("moodle", [graded("900001")], roster=path, identify_by="email"))
    assert ada[0] == "ada@example.org"
    with pytest.raises(UsageError, match="has no column 'Username'"):
        exported("moodle", [graded("900001")], roster=path)


def test_gradescope_gets_a_test_for_each_check_with_score_status_and_plain_output():
    told = json.loads(exported("gradescope", CLASS[:2]))
    assert (told["score"], told["output_format"], told["stdout_visibility"]) == (1.0, "text", "hidden")
    passed, failed, missing = told["tests"]
    assert (passed["score"], passed["max_score"], passed["status"]) == (1.0, 1.0, "passed")
    assert (failed["score"], failed["max_score"], failed["status"]) == (0.0, 2.0, "failed")
    assert failed["name"] == "perceptron / activation: f(0) = +1."
    assert failed["output"].endswith("f(0) is +1 here.")
    assert {test["output_format"] for test in told["tests"]} == {"text"}
    assert (missing["score"], missing["max_score"], missing["number"]) == (0.0, 4.0, "2")
    assert missing["output"] == "tensor_ops.ipynb was not handed in. Submit it together with your other notebooks."


def test_gradescopes_checks_may_be_kept_back_but_not_that_a_file_is_missing():
    told = json.loads(exported("gradescope", CLASS[:2], visibility="after_published"))
    assert [test["visibility"] for test in told["tests"]] == ["after_published", "after_published", "visible"]
    assert "tensor_ops.ipynb was not handed in." in told["output"]
    assert "1" not in told["output"]  # no mark is given away above the tests


def test_gradescopes_results_are_of_one_student():
    with pytest.raises(UsageError, match="add --student"):
        exported("gradescope")
    assert json.loads(exported("gradescope", student="bao"))["score"] == 2.0


# The schema that Jenkins publishes (junit-10.xsd), as far as it goes: attributes that an element must and may
# have, and the elements that it may hold.
SCHEMA = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "group"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "skipped": (set(), {"type", "message"}, set()),
}


def assert_valid(text: str) -> ET.Element:
    root = ET.fromstring(text.encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        must, may, children = SCHEMA[element.tag]
        assert must <= set(element.attrib) <= must | may, element.tag
        assert {child.tag for child in element} <= children
        assert re.fullmatch(r"[0-9]*(\.[0-9]*)?", element.get("time", ""))
    return root


@pytest.mark.parametrize(
    ("outcome", "element"),
    [
        ("failed", "failure"),
        ("raised", "error"),
        ("timeout", "error"),
        ("crashed", "error"),
        ("out-of-memory", "error"),
        ("blocked", "skipped"),
        ("not-attempted", "skipped"),
    ],
)
def test_junit_tells_wrong_from_broken_from_not_done(outcome, element):
    root = assert_valid(exported("junit", [graded("ada", message="Look at s = 0.", outcome=outcome)]))
    passed, lost = root.iter("testcase")
    assert list(passed) == []
    assert [(each.tag, each.get("type"), each.get("message")) for each in lost] == [
        (element, outcome, "Look at s = 0.")
    ]
    (suite,) = root
    counts = {name: suite.get(name) for name in ("failures", "errors", "skipped")}
    assert counts == {name: str(int(name.startswith(element.removesuffix("ure")))) for name in counts}


def test_junit_counts_its_tests_and_gives_the_points():
    root = assert_valid(exported("junit"))
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("7", "3", "1")
    assert {p.get("name"): p.get("value") for p in root[0].iter("property")}["earned"] == "1"


@pytest.mark.parametrize("format_", FORMATS)
def test_nothing_that_a_student_has_written_commands_a_reader(format_):
    record = graded(HOSTILE, message=HOSTILE, outcome="raised")
    text = exported(format_, [record, ungraded(HOSTILE, "tensor_ops", "unreadable", HOSTILE)])
    text.encode("utf-8")
    lines = text.splitlines()
    assert [character for character in "".join(lines) if not character.isprintable()] == []
    if format_ in ("canvas", "moodle"):
        assert [cell for row in rows(text) for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []
        assert len(rows(text)) == len(lines)
    elif format_ == "junit":
        assert_valid(text)
        assert "<script>" not in text
    else:
        assert {test["output_format"] for test in json.loads(text)["tests"]} == {"text"}


ANY_TEXT = st.text(st.characters(codec=None) | st.sampled_from("\x1b\ufffe\ud800\0\r\n=+-@<&\"']"), max_size=30)


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_whatever_is_well_formed_in_every_format(student, message):
    records = [graded(student, message=message)]
    assert {len(row) for row in rows(exported("canvas", records))} == {6}
    assert {len(row) for row in rows(exported("moodle", records))} == {3}
    assert_valid(exported("junit", records))
    assert json.loads(exported("gradescope", records))["score"] == 1.0


@pytest.mark.parametrize(
    ("format_", "options", "complaint"),
    [
        ("junit", {"column": "x"}, "--column is an option of --format canvas and moodle"),
        ("canvas", {"identify_by": "email"}, "--identify-by is an option of --format moodle"),
        ("moodle", {"visibility": "hidden"}, "--visibility is an option of --format gradescope"),
        ("canvas", {"student": "nobody"}, "There is no result of nobody"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_rather_than_passed_over(format_, options, complaint):
    with pytest.raises(UsageError, match=complaint):
        exported(format_, **options)


def test_the_command_writes_to_a_file_or_to_standard_output(tmp_path):
    with Results(tmp_path).opened() as results:
        for record in CLASS:
            results.add(record)
    run = CliRunner()
    printed = run.invoke(main, ["export", str(tmp_path), "--format", "canvas"])
    assert printed.stdout_bytes == exported("canvas").encode()
    output = tmp_path / "out.xml"
    run.invoke(main, ["export", str(tmp_path / "results.jsonl"), "--format", "junit", "--output", str(output)])
    assert output.read_text() == exported("junit")
    nowhere = run.invoke(
        main, ["export", str(tmp_path), "--format", "junit", "--output", str(tmp_path / "no" / "where")]
    )
    assert nowhere.exit_code == 2
    assert "cannot be written" in nowhere.stderr


@pytest.mark.parametrize("student", ["lovelaceada_4711", "Ada Lovelace_4711"])
def test_the_number_in_a_systems_name_finds_the_row_in_the_roster(roster, student):
    _, _, ada = rows(exported("canvas", [graded(student)], roster=roster))
    assert ada[:5] == ["Lovelace, Ada", "4711", "900001", "Ada", "Monday"]


def test_a_number_that_is_no_systems_finds_nobody(roster):
    done = export([graded("team_4711"), graded("900002")], "week06", "canvas", ExportOptions(roster=roster))
    assert any("team_4711" in note for note in done.notes)
    assert len(rows(done.text)) == 3


@pytest.fixture
def worksheet(tmp_path):
    """Moodle's grading worksheet."""
    path = tmp_path / "worksheet.csv"
    path.write_text(
        'Identifier,"Full name","Email address",Status,Grade\n'
        '"Participant 88123","Jane Roe",jroe@uni.edu,Submitted,\n'
        '"Participant 88124","Jane Roe",jane@uni.edu,Submitted,\n',
        encoding="utf-8-sig",
    )
    return path


def test_moodles_worksheet_knows_participants_by_their_number(worksheet):
    class_ = [graded("Jane Roe_88123"), graded("Participant_88124")]
    _, one, other = rows(exported("moodle", class_, roster=worksheet, identify_by="email"))
    assert (one[0], other[0]) == ("jroe@uni.edu", "jane@uni.edu")
    _, one, other = rows(exported("moodle", class_, roster=worksheet, identify_by="participant"))
    assert (one[0], other[0]) == ("Participant 88123", "Participant 88124")


def test_participants_are_known_without_a_worksheet(worksheet):
    _, one = rows(exported("moodle", [graded("Jane Roe_88123")], identify_by="participant"))
    assert one[0] == "Participant 88123"


def test_a_name_finds_the_one_row_with_it_where_no_number_does(tmp_path):
    path = tmp_path / "grades.csv"
    path.write_text(
        "First name,Last name,ID number,Email address\n"
        "Jane,Roe,1,jroe@uni.edu\nMax,Okoro,2,max@uni.edu\nMax,Okoro,3,max2@uni.edu\n",
        encoding="utf-8",
    )
    class_ = [graded("Jane Roe_88123"), graded("Max Okoro_88124")]
    done = export(class_, "week06", "moodle", ExportOptions(roster=path, identify_by="email"))
    assert [row[0] for row in rows(done.text)[1:]] == ["jroe@uni.edu"]
    assert any("Max Okoro_88124" in note for note in done.notes)
