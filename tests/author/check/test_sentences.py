"""Sentences: a table that agrees with docstrings, checks and misconceptions is silent; all else has its place."""

from __future__ import annotations

import pytest

from autograder.author.check.complaint import Complaint
from autograder.author.check.sentences import complaints_of_tables, how_to_begin, rows_of, table_of, without_table
from autograder.author.docstrings import sentences_of
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings, settings_fingerprint

TABLE = """\
[[average]]
says = "The average of x."
promises_nothing = "its checks have no misconception yet"

[[count_above]]
says = "How many."
violated_by.at_least = "test_count_above"

[[scaled]]
says = "x over its largest."
promises_nothing = "as above"
"""
NAMED_BY_NONE = {"test_average_of_numbers", "test_average_leaves_its_argument", "test_average_of_one", "test_scaled"}
CAUGHT = {"test_count_above": "failed"}
FILE, SCRIPT = "checks/lab1/sentences/perceptron.toml", "solutions/lab1/perceptron.py"
UNPROMISED = 'promises_nothing = "as above"'


def complaints(places, caught=CAUGHT) -> list[Complaint]:
    return list(complaints_of_tables(places, collect_checks(places.course), lambda *_: caught))


def told(places, caught=CAUGHT) -> list[str]:
    return list(map(str, complaints(places, caught)))


@pytest.fixture
def table(edit) -> None:
    edit.add(FILE, TABLE)


def test_a_check_that_no_sentence_names_punishes_what_nobody_said(places, table):
    found = told(places)
    assert len(found) == 4
    assert {check for check in NAMED_BY_NONE if any(f"names {check}, so it punishes" in each for each in found)} == (
        NAMED_BY_NONE
    )
    assert all(each.startswith("checks/lab1/test_perceptron.py, line ") for each in found)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            '"How many."',
            '"How few."',
            [(SCRIPT, 43, "`count_above` says 'How many.', of which no row of checks/lab1/sentences/perceptron.toml"),
             (FILE, 5, "the docstring of `count_above` does not say 'How few.' (any more): take the row out")],
        ),
        ("by.at_least", "by.at_most", [(FILE, 7, "at_most is no misconception of `count_above`: rename it, or add")]),
        ('"test_count_above"', '"test_count"', [(FILE, 7, "test_count is no check of `count_above`: rename it")]),
        ('"test_count_above"', '"test_scaled"', [(FILE, 7, "test_scaled is no check of `count_above`")]),
        (
            "[[scaled]]",
            "[[scaling]]",
            [(SCRIPT, 56, "`scaled` says 'x over"),
             (FILE, 9, "`scaling` is no exercise of perceptron (average, count_above, scaled): rename the row.")],
        ),
        (UNPROMISED, "", [(FILE, 9, "a row of `scaled` has neither violated_by nor promises_nothing: it needs one")]),
        (UNPROMISED, "promises_nothing = ", [(FILE, 11, "it is no TOML: Invalid value: mend it.")]),
        (
            'says = "x over its largest."\n',
            "",
            [(SCRIPT, 56, "`scaled` says 'x over"), (FILE, 9, "a row of `scaled` has no sentence: add says =")],
        ),
    ],
)  # fmt: skip
def test_each_disagreement_is_told_where_it_stands(places, table, edit, old, new, why):
    edit(FILE, old, new)
    found = sorted(each for each in complaints(places) if "so it punishes" not in each.says)
    assert [(each.file, each.line) for each in found] == sorted((file, line) for file, line, _ in why)
    starts = [start for *_, start in sorted(why)]
    assert [each.says for each, start in zip(found, starts, strict=True) if not each.says.startswith(start)] == []


def test_a_check_that_does_not_tell_of_the_misconception_is_told(places, table):
    found = told(places, {"test_count_above": "passed", "test_other": "raised"})
    start = f"{FILE}, line 7: test_count_above does not tell of at_least with every seed; what tells is test_other"
    assert [each for each in found if each.startswith(start)] != []


def test_the_line_of_a_sentence_is_that_on_which_it_begins():
    source = 'def f(x):\n    """One. Two\n    goes on.\n\n    Args:\n        x: three.\n    """\n'
    assert [(each.says, each.line) for each in sentences_of(source, "f")] == [
        ("One.", 2), ("Two goes on.", 2), ("x: three.", 6),
    ]  # fmt: skip


def test_a_notebook_without_a_table_is_told_once_how_to_begin_one_and_three_such_lines_are_a_table(places, edit):
    assert without_table(places.course) == ["perceptron"]
    note = how_to_begin(places, ["perceptron"])
    assert "begin checks/lab1/sentences/perceptron.toml with three lines: [[count_above]], says =" in note
    assert told(places) == []
    edit.add(FILE, '[[count_above]]\nsays = "a sentence"\nviolated_by.at_least = "test_..."\n')
    (row,) = rows_of(table_of(places.course, "perceptron"))
    assert (row.exercise, row.line, dict(row.lines)) == ("count_above", 1, {"at_least": 3})
    assert how_to_begin(places, without_table(places.course)) == ""


def test_a_table_regrades_nobody(places, edit):
    before = settings_fingerprint(places.course, Settings())
    edit.add(FILE, TABLE)
    edit.add("checks/lab1/taught.txt", "x\n")
    edit.add("checks/lab1/equivalent_mutants.toml", "")
    assert settings_fingerprint(places.course, Settings()) == before
