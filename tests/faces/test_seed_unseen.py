"""The seed of the hidden inputs is in the tutor's records, and in nothing that a student is shown."""

from __future__ import annotations

import json

import msgspec
import pytest

from autograder.faces.exports import ExportOptions, write_export
from autograder.faces.gradescope.results import gradescope_json
from autograder.faces.html.feedback import feedback_page
from autograder.trusted.results.store import RESULTS, write_grades
from tests.faces.classes import large_class

SEED = 1_987_654_321


@pytest.fixture(scope="module")
def records():
    return [msgspec.structs.replace(record, seed=SEED) for record in large_class(3)]


def test_a_feedback_page_does_not_show_it(records):
    assert str(SEED) not in feedback_page(records[0].student, [records[0]], {}, {})


def test_gradescope_is_not_told(records):
    assert str(SEED) not in gradescope_json([records[0]], "visible")


@pytest.mark.parametrize("format_", ["canvas", "moodle", "junit"])
def test_no_export_holds_it(records, format_, tmp_path):
    (tmp_path / RESULTS).write_bytes(b"".join(msgspec.json.encode(record) + b"\n" for record in records))
    assert json.loads((tmp_path / RESULTS).read_bytes().splitlines()[0])["seed"] == SEED
    list(write_export(tmp_path, "week06", format_, ExportOptions(), tmp_path / "out"))
    assert str(SEED) not in (tmp_path / "out").read_text()


def test_grades_csv_does_not_hold_it(records, tmp_path):
    write_grades(tmp_path / "grades.csv", records)
    assert str(SEED) not in (tmp_path / "grades.csv").read_text()
