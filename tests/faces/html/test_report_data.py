"""What the class report counts."""

from __future__ import annotations

import pytest

from autograder.faces.html.report_data import Bar, MovedMark, SimilarRow, class_report
from autograder.trusted.results import outcomes, records
from tests.faces.classes import check, exercise, large_class, notebook

RIGHT = exercise(check("a", points=2.0), check("b", points=1.0))
HALF = exercise(check("a", points=2.0), check("b", outcomes.FAILED, message="wrong"))
WRONG = exercise(check("a", outcomes.FAILED, 2.0, message="wrong"), check("b", outcomes.RAISED, message="no"))
STUB = exercise(check("a", outcomes.NOT_ATTEMPTED, 2.0), check("b", outcomes.NOT_ATTEMPTED))


def test_an_exercise_is_earned_in_full_in_part_or_not_at_all_and_none_counts_what_was_never_tried():
    graded = [notebook(f"s{n}", {"update": each}) for n, each in enumerate((RIGHT, RIGHT, HALF, WRONG, STUB))]
    gone = notebook("s9", status=outcomes.MISSING, possible=3.0, reason="it was not handed in")
    (update,) = class_report([*graded, gone]).exercises
    assert (update.full, update.part, update.none, update.untried) == (2, 1, 3, 2)
    assert update.mean == pytest.approx((3 + 3 + 2) / 6)


def test_every_student_stands_in_one_bar_and_all_points_have_a_bar_of_their_own():
    totals = [0.0, 0.9, 1.0, 9.9, 10.0]
    graded = [
        notebook(f"s{n}", {"e": records.ExerciseRecord(total, 10.0)}, possible=10.0) for n, total in enumerate(totals)
    ]
    bars = class_report(graded).bars
    assert bars[0] == Bar(0, 9, 2)
    assert bars[1] == Bar(10, 19, 1)
    assert bars[9] == Bar(90, 99, 1)
    assert bars[10] == Bar(100, 100, 1)
    assert sum(bar.students for bar in bars) == len(totals)


def test_points_that_rounding_has_touched_are_still_all_points():
    tenths = exercise(*(check(f"c{n}", points=0.1) for n in range(10)))
    report = class_report([notebook("ada", {"e": tenths}, possible=1.0)])
    assert (report.perfect, report.exercises[0].full, report.bars[10].students) == (1, 1, 1)


def believing(name: str, message: str = "wrong") -> records.ExerciseRecord:
    one = check("a", outcomes.FAILED, message=message, misconception=name, hint=f"Hint of {name}.")
    return exercise(one, check("b", outcomes.FAILED, message=message, misconception=name, hint=f"Hint of {name}."))


def test_misconceptions_are_counted_by_students_and_the_most_common_comes_first():
    graded = [notebook(f"s{n}", {"activation": believing("rare" if n == 0 else "common")}) for n in range(4)]
    report = class_report(graded)
    assert [(each.name, each.hint, each.students) for each in report.misconceptions] == [
        ("common", "Hint of common.", ("s1", "s2", "s3")),
        ("rare", "Hint of rare.", ("s0",)),
    ]
    assert report.missed == ()  # what has a name is not told twice


def test_a_check_that_several_miss_without_a_misconception_is_told_with_the_commonest_message():
    graded = [
        notebook(f"s{n}", {"update": exercise(check("a", outcomes.FAILED, message=m))}) for n, m in enumerate("xyy")
    ]
    alone = notebook("s8", {"train": exercise(check("t", outcomes.FAILED, message="z"))}, name="logistic_regression")
    untouched = notebook("s9", {"update": STUB})
    (missed,) = class_report([*graded, alone, untouched]).missed
    assert (missed.exercise, missed.title, missed.message) == ("update", "What a asks.", "y")
    assert missed.students == ("s0", "s1", "s2")


def test_what_needs_a_look_is_listed_worst_first():
    lost = exercise(check("a", outcomes.OUT_OF_MEMORY, message="too large"))
    unjudged = exercise(check("a", outcomes.CRASHED, message="could not judge"))
    graded = [
        notebook("doubtful", {"update": RIGHT}, needs_review=("`margin` is missing.",)),
        notebook("fine", {"update": RIGHT}, repairs=("A cell was mended.",)),
        notebook("large", {"update": lost}),
        notebook("late", {"update": RIGHT}, status=outcomes.TIMEOUT, reason="a loop"),
        notebook("torn", status=outcomes.UNREADABLE, possible=3.0, reason="no JSON"),
        notebook("odd", {"update": unjudged}),
    ]
    report = class_report(graded)
    assert [(look.kind, look.student, look.why) for look in report.needs_review] == [
        ("unreadable", "torn", "no JSON"),
        ("timeout", "late", "a loop"),
        ("out-of-memory", "large", "`update`: too large"),
        ("unjudged", "odd", "`update`: could not judge"),
        ("doubt", "doubtful", "`margin` is missing."),
    ]
    assert [(each.student, each.why) for each in report.repairs] == [("fine", "A cell was mended.")]
    assert [student.name for student in report.students if not student.look] == ["fine"]


def test_students_who_are_suspiciously_alike_need_a_look_too():
    graded = [notebook(name, {"update": RIGHT}) for name in ("ada", "bob", "eve")]
    group = SimilarRow(("ada", "eve"), "perceptron", "update", 0.9)
    report = class_report(graded, similar=[group])
    assert [student.name for student in report.students if student.look] == ["ada", "eve"]


def test_marks_that_moved_are_listed_with_the_greatest_loss_first():
    moved = [MovedMark("ada", "perceptron", 1, 2), MovedMark("bob", "perceptron", 3, 0)]
    report = class_report([notebook("ada", {"update": RIGHT})], moved=moved)
    assert [mark.student for mark in report.moved or ()] == ["bob", "ada"]


def test_every_student_has_a_row_and_in_it_a_cell_for_each_exercise():
    report = class_report(large_class(50))
    assert len(report.students) == 50
    exercises = sum(len(column.exercises) for column in report.columns)
    assert {sum(len(each.cells) for each in student.notebooks) for student in report.students} == {exercises}
