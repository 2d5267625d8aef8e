"""The substitutes: answers of the reference, each worked out once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from autograder.trusted.checking.substitutes import Substitutes
from autograder.wire.messages import ReferenceCall
from autograder.wire.values import NoObjects, decode, encode

PLAIN = NoObjects()


@pytest.fixture
def substitutes():
    """One that substitutes `double`, and a list of what it was called with."""
    calls = []

    def double(x):
        calls.append(x)
        if not isinstance(x, int | float | torch.Tensor):
            raise TypeError("no number")
        return 2 * x

    plan = SimpleNamespace(exercises={"double": None})
    return Substitutes(plan, SimpleNamespace(double=double, secret=lambda: 42)), calls


def ask(x, gradient=None):
    return ReferenceCall("double", (encode(x, PLAIN),), encode(gradient, PLAIN))


def test_the_same_question_is_worked_out_once(substitutes):
    substitutes, calls = substitutes
    answers = [decode(substitutes.answer(ask(torch.ones(3))).value, PLAIN) for _ in range(3)]
    assert all(torch.equal(answer, 2 * torch.ones(3)) for answer in answers)
    assert len(calls) == 1


@pytest.mark.parametrize("others", [(1, 1.0, True), (0.0, -0.0)])
def test_numbers_that_python_calls_equal_are_different_questions(substitutes, others):
    substitutes, calls = substitutes
    answers = [substitutes.answer(ask(x)).value for x in others]
    assert [repr(answer) for answer in answers] == [repr(2 * x) for x in others]
    assert len(calls) == len(others)


def test_a_question_for_gradients_is_another_question(substitutes):
    substitutes, _ = substitutes
    x = torch.ones(2, requires_grad=True)
    assert decode(substitutes.answer(ask(x)).value, PLAIN).tolist() == [2.0, 2.0]
    (gradient,) = substitutes.answer(ask(x, torch.tensor([1.0, 3.0]))).gradients
    assert decode(gradient, PLAIN).tolist() == [2.0, 6.0]


def test_what_the_reference_refuses_is_an_answer_too(substitutes):
    substitutes, calls = substitutes
    answers = [substitutes.answer(ask("text")) for _ in range(2)]
    assert {(answer.error, answer.message) for answer in answers} == {("TypeError", "no number")}
    assert len(calls) == 1


def test_nothing_but_an_exercise_is_lent(substitutes):
    substitutes, _ = substitutes
    assert substitutes.answer(ReferenceCall("secret")).error == "NameError"


def test_when_the_room_is_used_up_all_is_forgotten(substitutes, monkeypatch):
    monkeypatch.setattr("autograder.trusted.checking.substitutes.MAX_BYTES", 300)
    substitutes, calls = substitutes
    substitutes._room = 300
    for number in (1.0, 2.0, 1.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 1.0):
        substitutes.answer(ask(number))
    assert calls.count(1.0) == 2
