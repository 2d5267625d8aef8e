"""Two gradings compared: who moved, by how much, and by which check."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.results.regrade import compare_results

POINTS = {"at_zero": 1.0, "sign": 2.0, "dtype": 0.1}


def record(student: str = "ada", notebook: str = "perceptron", status: str = "graded", **outcomes: str):
    points = {name: POINTS.get(name, 1.0) for name in outcomes}
    checks = tuple(CheckRecord(name, f"About {name}.", outcome, points[name]) for name, outcome in outcomes.items())
    earned = sum(points[name] for name, outcome in outcomes.items() if outcome == "passed")
    exercise = ExerciseRecord(earned, sum(points.values()), checks)
    return NotebookRecord(
        student, "week06", notebook, status, earned, exercise.possible, 0.1, {"activation": exercise} if checks else {}
    )


def test_a_mark_that_moved_names_the_check_that_moved_it():
    regrade = compare_results([record(at_zero="failed", sign="passed")], [record(at_zero="passed", sign="passed")])
    (move,) = regrade.moved
    assert (move.student, move.notebook, move.earned_before, move.earned_after, move.moved) == (
        "ada", "perceptron", 2.0, 3.0, 1.0,
    )  # fmt: skip
    (check,) = move.checks
    assert (check.exercise, check.check, check.before, check.after, check.points_before, check.points_after) == (
        "activation", "at_zero", "failed", "passed", 0.0, 1.0,
    )  # fmt: skip
    assert regrade.students_moved == ("ada",)


def test_a_class_that_was_graded_alike_has_no_move_at_all():
    class_ = [record("ada", at_zero="failed"), record("bao", at_zero="passed")]
    regrade = compare_results(class_, class_)
    assert (regrade.moved, regrade.restated, regrade.new, regrade.gone, regrade.unchanged) == ((), (), (), (), 2)


def test_another_outcome_without_another_mark_is_told_apart_from_a_move():
    regrade = compare_results([record(at_zero="failed")], [record(at_zero="raised")])
    assert regrade.moved == ()
    assert [(move.student, move.checks[0].after) for move in regrade.restated] == [("ada", "raised")]


def test_marks_that_moved_against_each_other_in_one_notebook_are_both_named():
    regrade = compare_results([record(at_zero="passed", sign="failed")], [record(at_zero="failed", sign="passed")])
    assert regrade.moved[0].moved == 1.0
    assert {check.check: check.moved for check in regrade.moved[0].checks} == {"at_zero": -1.0, "sign": 2.0}


def test_a_check_that_is_new_or_gone_is_said_to_be():
    regrade = compare_results([record(at_zero="passed")], [record(sign="passed")])
    assert {check.check: (check.before, check.after) for check in regrade.moved[0].checks} == {
        "sign": ("", "passed"),
        "at_zero": ("passed", ""),
    }


def test_a_check_that_is_worth_more_moves_the_mark_of_those_who_passed_it():
    old = record(at_zero="passed")
    check = CheckRecord("at_zero", "About at_zero.", "passed", 4.0)
    new = NotebookRecord(
        "ada", "week06", "perceptron", "graded", 4.0, 4.0, 0.1, {"activation": ExerciseRecord(4.0, 4.0, (check,))}
    )
    (move,) = compare_results([old], [new]).moved
    assert (move.moved, move.checks[0].points_before, move.checks[0].points_after) == (3.0, 1.0, 4.0)


def test_a_notebook_that_became_unreadable_has_moved_by_its_status():
    regrade = compare_results([record(at_zero="passed")], [record(status="unreadable")])
    assert (regrade.moved[0].status_before, regrade.moved[0].status_after) == ("graded", "unreadable")


def test_students_and_notebooks_that_are_new_or_gone_are_listed_and_are_no_moves():
    old = [record("ada", at_zero="passed"), record("bao", at_zero="passed")]
    new = [record("ada", at_zero="passed"), record("ada", "tensor_ops", at_zero="passed"), record("carla")]
    regrade = compare_results(old, new)
    assert regrade.moved == ()
    assert (regrade.new_students, regrade.gone_students) == (("carla",), ("bao",))
    assert [(move.student, move.notebook) for move in regrade.new] == [("ada", "tensor_ops"), ("carla", "perceptron")]
    assert [(move.student, move.earned_after) for move in regrade.gone] == [("bao", None)]


def test_each_check_is_summed_over_the_class_and_the_busiest_comes_first():
    old = [record(student, at_zero="failed", sign="passed") for student in ("ada", "bao", "carla")]
    new = [record(student, at_zero="passed", sign="passed") for student in ("ada", "bao")]
    new.append(record("carla", at_zero="passed", sign="failed"))
    first, second = compare_results(old, new).checks
    assert (first.check, first.up, first.down, first.points) == ("at_zero", 3, 0, 3.0)
    assert (second.check, second.up, second.down, second.points) == ("sign", 0, 1, -2.0)


def test_the_largest_move_comes_first():
    old = [record("ada", at_zero="failed"), record("bao", sign="passed")]
    new = [record("ada", at_zero="passed"), record("bao", sign="failed")]
    assert [move.student for move in compare_results(old, new).moved] == ["bao", "ada"]


def test_the_last_digits_of_a_binary_fraction_are_no_move():
    old = record(at_zero="passed", dtype="passed", sign="passed")
    new = NotebookRecord("ada", "week06", "perceptron", "graded", old.earned + 1e-12, old.possible, 0.1, old.exercises)
    assert compare_results([old], [new]).moved == ()


OUTCOMES = st.sampled_from(["passed", "failed", "raised", "not-attempted"])
CLASSES = st.dictionaries(
    st.sampled_from(["ada", "bao", "carla"]), st.dictionaries(st.sampled_from(sorted(POINTS)), OUTCOMES), max_size=3
).map(lambda students: [record(student, **outcomes) for student, outcomes in students.items()])


@given(CLASSES, CLASSES)
def test_the_checks_of_a_move_add_up_to_it_and_no_notebook_is_lost_or_told_twice(old, new):
    regrade = compare_results(old, new)
    for move in regrade.moved:
        assert sum(check.moved for check in move.checks) == pytest.approx(move.moved)
    told = [*regrade.moved, *regrade.restated, *regrade.new, *regrade.gone]
    students = {each.student for each in [*old, *new]}
    assert len(told) + regrade.unchanged == len(students)
    assert sum(each.points for each in regrade.checks) == pytest.approx(sum(move.moved for move in regrade.moved))
