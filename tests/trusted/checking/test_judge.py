"""The judge: each verdict is that of a check that was run on the student's code, or says that none was."""

from __future__ import annotations

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.check_context import SHARE_AFTER_A_LOOP
from autograder.trusted.grading.pytest_session import require_order
from tests.conftest import SECONDS

COURSE = Course(KIT)


def outcomes(record, exercise):
    return [check.outcome for check in record.exercises[exercise].checks]


def test_checks_that_were_not_run_say_so_and_earn_nothing(grade):
    record = grade("perceptron", {"margin": "import os\ndef margin(w, X, y):\n    os._exit(0)"})
    assert outcomes(record, "margin") == ["crashed", "crashed", "blocked", "blocked"]
    assert (
        "Not run: 2 checks of this exercise had already ended the process"
        in record.exercises["margin"].checks[-1].message
    )


@pytest.mark.thorough
def test_an_exercise_that_looped_is_not_waited_for_in_full_again(grade):
    record = grade("perceptron", {"margin": "def margin(w, X, y):\n    while True:\n        pass"})
    first, second, *rest = [check.message for check in record.exercises["margin"].checks]
    full, share = (f"{seconds:g} s" for seconds in (SECONDS, SHARE_AFTER_A_LOOP * SECONDS))
    assert f"within {full}: is there a loop" in first
    assert f"within {share} (in an earlier check, not within {full}): is there a loop" in second
    assert rest and all(message.startswith("Not run: 2 checks") for message in rest)


def test_a_device_check_inherits_no_verdict_of_another_check(grade):
    source = """
import os
def train(X, y, w=None, eta=1.0, epochs=1):
    if X.device.type != "cpu":
        return None
    if len(X) in (12, 10):
        if "substitutes" in update.__code__.co_filename and len(X) == 10:
            raise NotImplementedError
        if "substitutes" not in update.__code__.co_filename:
            os._exit(0)
    return None
"""
    record = grade("perceptron", {"update": "def update(w, x, y, eta=1.0):\n    return None", "train": source})
    assert "passed" not in outcomes(record, "train")


def test_an_exercise_that_was_not_attempted_is_replaced_for_those_that_build_on_it(grade):
    solved = next(cell.source for cell in COURSE.notebooks["perceptron"].cells if cell.name == "train")
    record = grade("perceptron", {"train": solved}, start="release")
    assert set(outcomes(record, "train")) == {"passed"}
    assert set(outcomes(record, "update")) == {"not-attempted"}


def test_an_exercise_is_not_replaced_for_one_that_does_not_build_on_it(grade):
    source = "def margin(w, X, y):\n    return train(X, y, w)[0]"
    record = grade("perceptron", {"margin": source}, start="release")
    assert set(outcomes(record, "margin")) == {"blocked"}


def test_what_an_exercise_was_told_is_gone_before_anything_else_is_judged(grade):
    notebook = {
        "activation": "def activation(s):\n    return None",
        "predict": "told = []\ndef predict(w, X):\n    told.append(activation(X @ w))\n    return told[-1]",
        "update": """
def update(w, x, y, eta=1.0):
    if any(each is not None for each in told):
        return w + eta * y * x if predict(w, x) != y else w.clone()
""",
    }
    record = grade("perceptron", notebook)
    assert set(outcomes(record, "predict")) == {"passed"}
    assert "passed" not in outcomes(record, "update")


@pytest.mark.parametrize(
    ("declared", "sentence"),
    [
        ({"train": ("updating",)}, "names `updating`, which is no exercise of perceptron"),
        ({"training": ("update",)}, "names `training`, which is no exercise"),
        ({"update": ("train",)}, "`update` builds on the later exercise `train`"),
        ({"update": ("update",)}, "`update` builds on itself"),
        ({"train": "update"}, "should be a dict like"),
        (["train"], "should be a dict like"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused_in_one_sentence(declared, sentence):
    with pytest.raises(KitError, match=f"BUILDS_ON in test_perceptron.py.*{sentence}"):
        require_order(COURSE, {"perceptron": declared})


def test_a_worker_that_an_earlier_exercise_spoilt_costs_no_later_one(grade):
    one_reply_too_many = """
from autograder.wire.frames import Channel
sends = Channel.send
def twice(self, message, **more):
    sends(self, message, **more)
    sends(self, message, **more)
def predict(X, w):
    Channel.send = twice
    return 0
"""
    record = grade("perceptron", {"predict": one_reply_too_many})
    assert record.exercises["predict"].earned == 0
    assert "crashed" in outcomes(record, "predict")
    for name in ("activation", "update", "train", "margin"):
        assert record.exercises[name].earned == record.exercises[name].possible, outcomes(record, name)


def test_where_a_spoilt_worker_has_cost_no_point_the_reason_tells_of_no_cell(grade):
    at_the_end = """
import sys
from autograder.wire.frames import Channel
sends = Channel.send
def twice(self, message, **more):
    sends(self, message, **more)
    sends(self, message, **more)
def activation(s):
    if s.device.type != "cpu" and sys._getframe(1).f_code.co_name != "predict":
        Channel.send = twice
    return torch.where(s >= 0, 1.0, -1.0).to(s.dtype)
"""
    record = grade("perceptron", {"activation": at_the_end})
    assert (record.earned, record.status) == (25, "crashed")
    assert record.reason == (
        "its Python process was ended and started again, because it answered a question that was not asked; "
        "every exercise was graded"
    )
