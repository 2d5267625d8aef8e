"""Classes made up for the report: records as the grader writes them, without grading anything."""

from __future__ import annotations

import random

from autograder.trusted.results import outcomes
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord

NOTEBOOKS = {
    "chain_rule": ("forward", "mse_loss", "manual_gradients", "autograd_gradients", "gradient_step"),
    "logistic_regression": ("sigmoid", "bce_loss", "LogisticRegression", "train", "predict"),
    "perceptron": ("activation", "predict", "update", "train", "margin"),
    "tensor_ops": (
        "tensors_of_each_rank", "affine", "add_bias_column", "standardize", "pairwise_squared_distances", "one_hot",
        "to_numpy", "sum_requires_grad", "double_until",
    ),
}  # fmt: skip


def check(name: str = "test_at_zero", outcome: str = outcomes.PASSED, points: float = 1.0, **more) -> CheckRecord:
    return CheckRecord(name, more.pop("title", f"What {name} asks."), outcome, points, **more)


def exercise(*checks: CheckRecord) -> ExerciseRecord:
    earned = sum(each.points for each in checks if each.outcome == outcomes.PASSED)
    return ExerciseRecord(earned, sum(each.points for each in checks), checks)


def notebook(
    student: str,
    exercises: dict[str, ExerciseRecord] | None = None,
    *,
    name: str = "perceptron",
    status: str = outcomes.GRADED,
    possible: float | None = None,
    **more,
) -> NotebookRecord:
    exercises = exercises or {}
    earned = sum(each.earned for each in exercises.values())
    worth = sum(each.possible for each in exercises.values()) if possible is None else possible
    return NotebookRecord(student, "week06", name, status, earned, worth, 0.05, exercises, **more)


def large_class(students: int, seed: int = 6) -> list[NotebookRecord]:
    """A class of any size, in which a third of the checks is missed, for reasons common and rare."""
    chance = random.Random(seed)
    return [_some_notebook(chance, f"student{number:04d}", name) for number in range(students) for name in NOTEBOOKS]


def _some_notebook(chance: random.Random, student: str, name: str) -> NotebookRecord:
    luck = chance.random()
    if luck < 0.03:
        status = outcomes.MISSING if luck < 0.02 else outcomes.UNREADABLE
        return notebook(student, name=name, status=status, possible=20.0, reason=f"it is {status}")
    exercises = {each: exercise(*(_some_check(chance, each, n) for n in range(4))) for each in NOTEBOOKS[name]}
    lost = any(check.outcome == outcomes.TIMEOUT for each in exercises.values() for check in each.checks)
    needs_review = ("`margin` is not defined in its own cell.",) if luck > 0.99 else ()
    return notebook(
        student,
        exercises,
        name=name,
        status=outcomes.TIMEOUT if lost else outcomes.GRADED,
        reason="a loop that never stops" if lost else "",
        needs_review=needs_review,
    )


def _some_check(chance: random.Random, of: str, number: int) -> CheckRecord:
    name, luck = f"test_{of}_{number}", chance.random()
    if luck < 0.7:
        return check(name)
    if luck < 0.8:
        wrong = chance.choice(("zero_at_zero", "sign_flipped", "mean_forgotten"))
        hint = f"The hint of {wrong.replace('_', ' ')}."
        return check(name, outcomes.FAILED, message="f(s) is wrong.", misconception=wrong, hint=hint)
    if luck < 0.999:
        outcome = chance.choice((outcomes.FAILED, outcomes.RAISED, outcomes.NOT_ATTEMPTED))
        return check(name, outcome, message=f"It is wrong in {chance.randrange(500)} of 500 elements, which is a pity.")
    return check(name, outcomes.TIMEOUT, message="The code did not come to an end within 5 s.")
