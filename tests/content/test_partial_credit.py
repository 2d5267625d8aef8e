"""What was understood is paid for: a corner costs that corner, and an earlier exercise's mistake nothing later."""

from __future__ import annotations

import re

import pytest

from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)

CORNERS = {
    ("tensor_ops", "nan_for_a_constant_column"): 2,  # and one example alone, which is constant
    ("tensor_ops", "by_the_textbooks_formula"): 1,
    ("tensor_ops", "negative_labels_accepted"): 1,
    ("tensor_ops", "still_tracked"): 1,
    ("tensor_ops", "row_by_row"): 1,
    ("chain_rule", "gradients_not_cleared"): 1,
    ("chain_rule", "every_parameter_must_have_a_gradient"): 1,
    ("chain_rule", "one_over_n_forgotten"): 3,  # and the float64 check, which has many examples
    ("perceptron", "zero_at_zero"): 1,
    ("perceptron", "always_float32"): 1,
    ("perceptron", "changes_the_weights_in_place"): 1,
    ("perceptron", "goes_on_after_convergence"): 1,
    ("logistic_regression", "gradient_overflows"): 1,
    ("logistic_regression", "clamp_has_a_kink"): 1,
    ("logistic_regression", "gradients_zeroed_too_late"): 1,
    ("logistic_regression", "nought_on_the_boundary"): 1,
    ("logistic_regression", "left_in_eval_mode"): 1,
}


@pytest.mark.parametrize(("notebook", "name"), CORNERS)
def test_a_corner_costs_that_corner_and_no_more(grade, notebook, name):
    variant = next(variant for variant in COURSE.misconceptions(notebook) if variant.name == name)
    record = grade(notebook, {variant.exercise: variant.source})
    assert record.possible - record.earned == CORNERS[notebook, name]


def test_an_exercise_that_calls_a_wrong_earlier_one_is_judged_on_its_own_merit(grade):
    record = grade("perceptron", {"update": "def update(w, x, y, eta=1.0):\n    return w - eta * y * x"})
    assert record.exercises["update"].earned < 6
    assert record.exercises["train"].earned == 7


def test_a_later_exercise_that_is_wrong_itself_gains_nothing_from_the_help(grade):
    record = grade(
        "perceptron",
        {
            "update": "def update(w, x, y, eta=1.0):\n    return w - eta * y * x",
            "train": "def train(X, y, w=None, eta=1.0, epochs=1):\n    return update(X[0] * 0, X[0], y[0]), [0]",
        },
    )
    assert record.exercises["train"].earned == 0


def test_what_is_lent_cannot_be_kept_for_the_exercise_itself(grade):
    thief = """
kept = []
def train(X, y, w=None, eta=1.0, epochs=1):
    kept.append(update)
    return update(X[0], X[0], y[0]), []
def margin(w, X, y):
    return kept[-1](w, X[0], y[0]).sum()
"""
    record = grade(
        "perceptron", {"update": "def update(w, x, y, eta=1.0):\n    return None", "train": thief, "margin": "pass"}
    )
    assert (record.exercises["update"].earned, record.exercises["margin"].earned) == (0, 0)


def test_a_student_who_asks_for_the_reference_over_the_wire_gets_no_answer(grade):
    spy = """
def update(w, x, y, eta=1.0):
    import gc
    from autograder.worker.notebook.substitutes import substitute
    from autograder.worker.notebook.service import Service
    service = next(thing for thing in gc.get_objects() if isinstance(thing, Service))
    return substitute("update", service._ask)(w, x, y, eta)
"""
    record = grade("perceptron", {"update": spy})
    result = record.exercises["update"]
    assert result.earned == 0
    assert "it asked the grader for an answer" in result.checks[0].message
    assert record.exercises["train"].earned == 7


def test_an_error_that_quotes_its_input_does_not_tell_the_student_what_it_was(grade):
    record = grade("perceptron", {"margin": "def margin(w, X, y):\n    raise ValueError(f'{X} and {w.tolist()}')"})
    messages = [check.message for check in record.exercises["margin"].checks]
    assert all("ValueError" in message for message in messages)
    assert not [message for message in messages if re.search(r"\d\.\d", message)]


def test_a_wrong_answer_that_is_no_known_misconception_gets_the_checks_own_sentence(grade):
    record = grade("perceptron", {"margin": "def margin(w, X, y):\n    return (y * (X @ w)).min() / w.norm() + 0.125"})
    lost = [check for check in record.exercises["margin"].checks if check.outcome != "passed"]
    assert lost
    assert [check.hint for check in lost] == [""] * len(lost)
    assert all(check.message.startswith("The margin") for check in lost)
