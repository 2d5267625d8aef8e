"""Attacks, in one class that `autograder grade` grades, with innocent students among the attackers.

A few attacks of each chapter are tried; `pytest -m thorough` tries all of them.
"""

from __future__ import annotations

import csv
import functools
import re

import msgspec
import pytest

from autograder.faces.html.feedback import feedback_page
from tests.attacks.arsenal import ARSENAL, CHAPTERS, few_of_each_chapter
from tests.attacks.class_under_attack import as_recorded, attacker, graded_under_attack, innocents
from tests.attacks.processes import adopting
from tests.faces.html.test_shell import Elements

CLASSES = {"a few of each chapter": few_of_each_chapter(30), "all": ARSENAL}
MARKS = {"all": pytest.mark.thorough}


@pytest.fixture(scope="module")
def graded_class(tmp_path_factory):
    """Grades a class, once; whatever outlives the grader becomes a child of this process."""

    @functools.cache
    def graded(size):
        with adopting() as orphans:
            after = graded_under_attack(tmp_path_factory.mktemp("attacks"), CLASSES[size])
            after.left_over.extend(f"process {pid}" for pid in orphans.now())
        return after

    return graded


@pytest.fixture(params=[pytest.param(each, marks=MARKS.get(each, ())) for each in CLASSES])
def size(request):
    return request.param


@pytest.fixture
def aftermath(graded_class, size):
    return graded_class(size)


named = pytest.mark.parametrize(
    ("size", "code", "attack"),
    [
        pytest.param(size, code, attack, marks=MARKS.get(size, ()), id=f"{size} - {code} a student who {attack.name}")
        for size, arsenal in CLASSES.items()
        for code, attack in arsenal.items()
    ],
)
innocent = pytest.mark.parametrize(
    ("size", "student", "mark"),
    [
        pytest.param(size, student, mark, marks=MARKS.get(size, ()), id=f"{size} - {student}")
        for size, arsenal in CLASSES.items()
        for student, mark in innocents(arsenal).items()
    ],
)


@named
def test_an_attacker_has_what_honest_work_earns_and_a_plain_reason(aftermath, code, attack):
    record = aftermath.records[as_recorded(attacker(code, attack))]
    said = said_of(record)
    assert (record.earned, record.status) == (attack.earned, attack.status), said
    assert attack.reason in said
    assert record.status == "graded" or record.reason
    assert not attack.unsaid or not re.search(attack.unsaid, said)


@innocent
def test_an_innocent_student_among_the_attackers_has_the_right_mark(aftermath, student, mark):
    assert (aftermath.records[student].earned, aftermath.records[student].status) == (mark, "graded")


def test_nothing_outside_has_changed(aftermath):
    assert aftermath.changes == []


def test_no_process_or_file_is_left_over(aftermath):
    assert aftermath.left_over == []


def test_what_the_terminal_shows_is_plain_text(aftermath):
    assert [character for character in set(aftermath.shown) if not character.isprintable() and character != "\n"] == []


def test_grades_csv_is_a_table_of_marks_and_no_formula(aftermath):
    rows = list(csv.reader(aftermath.csv.splitlines()))
    assert len(rows) == 1 + len(aftermath.records)
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))] == []


def test_nothing_in_an_attackers_feedback_is_live(aftermath):
    usual = "html head meta link title style script body header nav main section article footer div h1 h2 h3 p a bdi "
    usual += "button span strong small ul li code pre details summary svg rect"
    for student, record in aftermath.records.items():
        elements = Elements(feedback_page(student, [record], {}, {})).found
        assert {tag for tag, _, _ in elements} <= set(usual.split())
        assert [tag for tag, _, _ in elements].count("script") == 1
        assert [name for _, at, _ in elements for name in at if name.startswith("on") or name == "style"] == []
        links = [at[name] for _, at, _ in elements for name in ("href", "src") if name in at]
        assert [link for link in links if not link.startswith(("#", "data:,"))] == []


def test_there_are_at_least_120_attacks_and_every_chapter_has_some():
    assert len(ARSENAL) >= 120
    assert all(CHAPTERS.values())
    assert {code[0] for code in CLASSES["a few of each chapter"]} == CHAPTERS.keys()


def said_of(record) -> str:
    """What a record says, but for the sentences of checks that passed, which are the author's."""
    failed = [check for exercise in record.exercises.values() for check in exercise.checks if check.outcome != "passed"]
    about = [record.status, record.reason, record.repairs, record.needs_review, failed]
    return "\n".join(strings(msgspec.to_builtins(about)))


def strings(thing):
    if isinstance(thing, str):
        yield thing
    elif isinstance(thing, dict):
        for value in thing.values():
            yield from strings(value)
    elif isinstance(thing, list | tuple):
        for value in thing:
            yield from strings(value)
