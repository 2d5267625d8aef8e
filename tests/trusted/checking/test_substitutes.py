"""The substitutes: answers of the reference from a worker of its own, each worked out once, within limits."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest
import torch

from autograder.errors import KitError, StudentError, WorkerCrashed, WorkerOutOfMemory, WorkerTimeout
from autograder.trusted.assignment.plan import NotebookPlan, SourceCell
from autograder.trusted.checking import substitutes as module
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.checking.substitutes import Substitutes
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.submissions.cells import NotebookCell
from autograder.wire.frames import Deadline, decode_message, encode_message
from autograder.wire.messages import ReferenceCall, ReferenceResult
from autograder.wire.values import NoObjects, decode, encode

PLAIN = NoObjects()
REFERENCE = """
import os, time, torch
calls = []

def double(x):
    if not isinstance(x, int | float | torch.Tensor):
        raise TypeError("no number")
    calls.append(x)
    return 2 * x

def called():
    return len(calls)

def step(x):
    return (x > 0).to(x.dtype)

def wait(seconds):
    time.sleep(seconds)

def large(n):
    return torch.ones(n).sum()

def end():
    os._exit(0)

class Scale(torch.nn.Module):
    def __init__(self, size, bias=True):
        super().__init__()
        self.inner = torch.nn.Linear(size, 1, bias=bias)
        torch.nn.init.ones_(self.inner.weight)
        self.register_buffer("shift", torch.tensor(0.5))

    def forward(self, X):
        return self.inner(X).squeeze(-1) + self.shift
"""


def plan_of(source: str) -> NotebookPlan:
    return NotebookPlan(
        "n", (SourceCell("solved", "code", source, locked=False, solution=True, points=1.0, demonstration=False),)
    )


@pytest.fixture
def make(workers):
    """Substitutes of a reference with this source; ended after the test."""
    made = []

    def make(source: str = REFERENCE) -> Substitutes:
        made.append(Substitutes(workers, plan_of(source), SimpleNamespace(Scale=object)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def substitutes(make):
    return make()


def question(name, *arguments, gradient=None, tracked=False):
    values = {str(place): encode(each, PLAIN) for place, each in enumerate(arguments)}
    return ReferenceCall(name, values, None, tracked, encode(gradient, PLAIN))


def ask(substitutes, *about, seconds=5.0, watch=lambda: None, **more):
    asked = question(*about, **more)
    return decode_message(ReferenceResult, substitutes.answer(asked, encode_message(asked), Deadline(seconds), watch))


def value(result):
    return decode(result.value, PLAIN)


def test_the_same_question_is_worked_out_once(substitutes):
    answers = [value(ask(substitutes, "double", torch.ones(3))) for _ in range(3)]
    assert all(torch.equal(answer, 2 * torch.ones(3)) for answer in answers)
    assert value(ask(substitutes, "called")) == 1


@pytest.mark.parametrize("others", [(1, 1.0, True), (0.0, -0.0)])
def test_numbers_that_python_calls_equal_are_different_questions(substitutes, others):
    answers = [ask(substitutes, "double", x).value for x in others]
    assert [repr(answer) for answer in answers] == [repr(2 * x) for x in others]
    assert value(ask(substitutes, "called")) == len(others)


def test_a_question_for_gradients_is_another_question(substitutes):
    x = torch.ones(2, requires_grad=True)
    assert value(ask(substitutes, "double", x)).tolist() == [2.0, 2.0]
    found = ask(substitutes, "double", x, tracked=True, gradient=(torch.tensor([1.0, 3.0]),)).gradients
    assert {key: decode(each, PLAIN).tolist() for key, each in found.items()} == {"0": [2.0, 6.0]}


def test_what_the_reference_refuses_is_an_answer_too(substitutes):
    answers = [ask(substitutes, "double", "text") for _ in range(2)]
    assert {(answer.error, answer.message) for answer in answers} == {("TypeError", "no number")}


def test_an_answer_that_takes_too_long_ends_with_the_check_and_the_next_finds_a_new_worker(substitutes):
    start = time.monotonic()
    with pytest.raises(WorkerTimeout, match="what it asked `wait` for took too long") as lost:
        ask(substitutes, "wait", 60.0, seconds=0.3)
    assert time.monotonic() - start < 5
    assert lost.value.substitute == "wait"
    assert value(ask(substitutes, "double", 4)) == 8


def test_a_check_whose_time_is_over_gets_no_answer(substitutes):
    substitutes.prepare()
    with pytest.raises(WorkerTimeout):
        ask(substitutes, "double", 4, seconds=0.0)


def test_an_answer_that_takes_all_memory_costs_the_grader_nothing(substitutes):
    with pytest.raises(WorkerOutOfMemory, match="takes too much memory"):
        ask(substitutes, "large", 2**33)
    assert value(ask(substitutes, "double", 4)) == 8


def test_a_reference_that_ends_its_process_is_named_and_replaced(substitutes):
    with pytest.raises(WorkerCrashed, match="what it asked `end` for"):
        ask(substitutes, "end")
    assert value(ask(substitutes, "double", 4)) == 8


def test_the_students_worker_is_watched_while_the_reference_works(substitutes):
    def too_many_files():
        raise WorkerCrashed("it made more than 1,000 files")

    with pytest.raises(WorkerCrashed):
        ask(substitutes, "wait", 60.0, watch=too_many_files)
    assert value(ask(substitutes, "double", 4)) == 8


@pytest.mark.parametrize("size", [1, 1_000])
def test_questions_and_answers_together_are_kept_within_a_bound(substitutes, monkeypatch, size):
    monkeypatch.setattr(module, "MAX_BYTES", 3 * (8 * size + 200))
    substitutes._room = module.MAX_BYTES
    for start in range(20):
        ask(substitutes, "double", torch.arange(start, start + size))
        kept = sum(len(asked) + len(answer) for asked, answer in substitutes._answers.items())
        assert kept <= module.MAX_BYTES


def test_an_answer_larger_than_all_the_room_is_given_and_not_kept(substitutes, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    substitutes._room = 1_000
    assert len(value(ask(substitutes, "double", torch.ones(1_000)))) == 1_000
    assert substitutes._answers == {}


def test_a_worker_that_has_worked_long_is_replaced_between_checks(substitutes, monkeypatch):
    monkeypatch.setattr(module, "MAX_BUSY_SECONDS", 0.05)
    ask(substitutes, "wait", 0.1)
    ask(substitutes, "double", 4)
    substitutes.prepare()
    assert value(ask(substitutes, "called")) == 1


def test_a_reference_that_does_not_run_is_named(make):
    with pytest.raises(KitError, match="its cell solved raises ValueError"):
        make("raise ValueError('no')").prepare()
    with pytest.raises(KitError, match="does not run in a worker"):
        make("import os\nos._exit(0)").prepare()


# --- seen from a student's code ------------------------------------------------------------------


@pytest.fixture
def student(substitutes, workers):
    """Calls f of a cell that uses the substitutes."""
    opened = []

    def student(source: str, *names: str) -> Student:
        notebook = ExecutedNotebook(workers, [NotebookCell("c", source)], 5.0, substitution=substitutes)
        opened.append(notebook)
        notebook.substitute(names)
        return Student(RecordedCalls(notebook)).beside("sim")

    yield student
    for each in opened:
        each.close()


def test_a_substituted_function_takes_keywords(student):
    assert student("def f(x):\n    return double(x=x)", "double").f(3) == 6


def test_gradients_flow_through_torch_func_as_through_backward(student):
    f = student("import torch\ndef f(x):\n    return torch.func.grad(lambda x: (double(x) ** 2).sum())(x)", "double")
    assert f.f(torch.tensor([1.0, 3.0])).tolist() == [8.0, 24.0]


def test_a_result_is_tracked_where_the_reference_would_track_it(student):
    f = student("def f(x):\n    return double(x).requires_grad, step(x).requires_grad", "double", "step")
    assert f.f(torch.ones(2, requires_grad=True)) == (True, False)
    assert f.f(torch.ones(2)) == (False, False)


def test_arguments_on_two_devices_are_refused_as_torch_refuses_them(student):
    f = student("def f(x):\n    return Scale(2)(x)", "Scale")
    with pytest.raises(StudentError, match="same device"):
        f.on("sim").f(torch.ones(1, 2))


MODEL = """
import torch
def f(X):
    model = Scale(2, bias=True)
    names = sorted(name for name, _ in model.named_parameters()), sorted(name for name, _ in model.named_buffers())
    model(X).sum().backward()
    before = [p.grad.clone() for p in model.parameters()]
    with torch.no_grad():
        for p in model.parameters():
            p -= p.grad
    return names, before, model(X).detach(), model.to(torch.float64)(X.double()).detach()
"""


def test_a_substituted_module_has_the_parameters_of_the_reference_which_train(student, substitutes):
    X = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    names, before, after, in_double = student(MODEL, "Scale").f(X)
    assert names == (["inner.bias", "inner.weight"], ["shift"])
    assert [each.tolist() for each in before] == [[[4.0, 6.0]], [2.0]]
    assert in_double.dtype == torch.float64
    assert torch.allclose(after.double(), in_double)
    assert (after[1] - after[0]).item() == pytest.approx(2 * (1 - 4) + 2 * (1 - 6))
