"""Whatever goes wrong over one submission is that submission's own record."""

from __future__ import annotations

import gc
import os
import signal

import pytest

from autograder.author.samples import edited
from autograder.errors import KitError, TemplateLost
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.judge import Judge
from autograder.trusted.execution.workers import Workers
from autograder.trusted.grading import class_run
from autograder.trusted.grading import grader as grader_module
from autograder.trusted.grading.grader import Grader
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.submission import Submission
from autograder.wire.messages import Exited

COURSE = Course(KIT)

# A worker that shows other parameters each time that it is asked: no honest model does.
SHIFTY = """
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.linear = torch.nn.Linear(num_features, 1)
        torch.nn.init.zeros_(self.linear.weight)
        torch.nn.init.zeros_(self.linear.bias)
        self.asked = 0
    def named_parameters(self, *arguments, **options):
        self.asked += 1
        for name, value in super().named_parameters():
            yield f"{name}{self.asked}", value
    def forward(self, X):
        return self.linear(X).squeeze(-1)
"""


def test_a_check_that_breaks_over_an_answer_costs_only_itself_and_is_named(tmp_path):
    path = tmp_path / "logistic_regression.ipynb"
    path.write_text(edited(COURSE.source / "logistic_regression.ipynb", {"LogisticRegression": SHIFTY}))
    (record,), run = graded([Submission("zoe", "logistic_regression", path)])
    assert record.exercises["sigmoid"].earned == 4
    broken = [check for check in record.exercises["LogisticRegression"].checks if "tutor has to look" in check.message]
    assert broken
    assert any("itself failed over the answer (KeyError at autograder/checks/" in note for note in record.needs_review)
    assert "zoe's logistic_regression" in run.faults[0]


def graded(submissions, jobs=1):
    run = class_run.ClassRun(COURSE, Settings(), jobs=jobs)
    records = []
    run.grade(submissions, records.append)
    return records, run


def perceptrons(*names):
    return [Submission(name, "perceptron", COURSE.source / "perceptron.ipynb") for name in names]


@pytest.mark.parametrize("jobs", [pytest.param(1, marks=pytest.mark.thorough), 2])
def test_a_submission_over_which_graders_die_is_tried_twice_and_costs_nobody_else_anything(monkeypatch, jobs):
    honest = Grader.grade

    def deadly(self, submission, fingerprint, **more):
        if submission.student.startswith("doomed"):
            os._exit(3)
        return honest(self, submission, fingerprint, **more)

    monkeypatch.setattr(Grader, "grade", deadly)
    records, run = graded(perceptrons("a", "doomed", "b"), jobs)
    assert {record.student: (record.status, record.earned) for record in records} == {
        **dict.fromkeys("ab", ("graded", 25.0)),
        "doomed": ("crashed", 0.0),
    }
    assert len(run.faults) == 1
    assert "Its grader process ended over it twice" in run.faults[0]


@pytest.mark.thorough
def test_a_grader_that_is_lost_once_costs_nothing(monkeypatch, tmp_path):
    honest = Grader.grade

    def deadly(self, submission, fingerprint, **more):
        if submission.student == "b" and not (tmp_path / "died").exists():
            (tmp_path / "died").touch()
            os._exit(3)
        return honest(self, submission, fingerprint, **more)

    monkeypatch.setattr(Grader, "grade", deadly)
    records, run = graded(perceptrons("a", "b", "c"))
    assert sorted((record.student, record.earned) for record in records) == [("a", 25), ("b", 25), ("c", 25)]
    assert run.faults == []


@pytest.mark.thorough
def test_a_template_that_is_lost_in_mid_run_is_replaced(monkeypatch, tmp_path):
    honest = Grader.grade

    def lossy(self, submission, fingerprint, **more):
        if submission.student == "b" and not (tmp_path / "lost").exists():
            (tmp_path / "lost").touch()
            raise TemplateLost("The template is gone.")
        return honest(self, submission, fingerprint, **more)

    monkeypatch.setattr(Grader, "grade", lossy)
    records, run = graded(perceptrons("a", "b", "c"))
    assert sorted((record.student, record.earned) for record in records) == [("a", 25), ("b", 25), ("c", 25)]
    assert run.faults == []


def killed_at_once(error, path, times):
    """A Grader that its process does not live to make, the first so many times; `path` counts them."""
    honest = Grader.__init__

    def deadly(self, *arguments):
        with path.open("a") as counted:
            counted.write("x")
        if path.stat().st_size <= times:
            if error is not None:
                raise error
            os.kill(os.getpid(), signal.SIGKILL)
        honest(self, *arguments)

    return deadly


@pytest.mark.parametrize("failures", [2, 3])
def test_so_many_starts_may_fail_in_a_row_and_no_more(monkeypatch, failures):
    rounds = []

    def lossy(run, tries):
        rounds.append(tries)
        if len(rounds) <= failures:
            raise class_run.GraderLost("It was ended by SIGKILL.")
        while tries.take(None, alone=True):
            pass
        yield from ()

    monkeypatch.setattr(class_run.ClassRun, "_round", lossy)
    if failures < class_run.MAX_STARTS:
        graded(perceptrons("a"))
    else:
        with pytest.raises(class_run.GraderLost, match="SIGKILL"):
            graded(perceptrons("a"))
    assert len(rounds) == min(failures + 1, class_run.MAX_STARTS)


@pytest.mark.thorough
def test_graders_that_are_killed_before_they_begin_are_started_again(monkeypatch, tmp_path):
    monkeypatch.setattr(Grader, "__init__", killed_at_once(None, tmp_path / "starts", times=1))
    records, run = graded(perceptrons("a"))
    assert [(record.student, record.earned) for record in records] == [("a", 25)]
    assert run.faults == []


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("error", "said"),
    [
        (None, "by SIGKILL, most likely for lack of memory"),
        (OSError("no such door"), "OSError: no such door"),
    ],
    ids=["killed", "failed"],
)
def test_graders_that_never_begin_end_the_run_with_what_ended_them(monkeypatch, tmp_path, error, said):
    monkeypatch.setattr(Grader, "__init__", killed_at_once(error, tmp_path / "starts", times=100))
    with pytest.raises(KitError, match=said):
        graded(perceptrons("a"))
    assert (tmp_path / "starts").stat().st_size == class_run.MAX_STARTS


@pytest.mark.thorough
def test_a_grader_that_is_interrupted_over_the_templates_answer_ends_at_once(monkeypatch, tmp_path):
    path = tmp_path / "perceptron.ipynb"
    path.write_text(edited(COURSE.source / "perceptron.ipynb", {"activation": "def activation(z):\n    return z\n"}))
    honest, note = Grader.grade, Workers._note

    def grade(self, *arguments, **more):
        (tmp_path / "graded").touch()
        return honest(self, *arguments, **more)

    def interrupted(self, message):
        if isinstance(message, Exited) and (tmp_path / "graded").exists() and not (tmp_path / "interrupted").exists():
            (tmp_path / "interrupted").touch()
            os.kill(os.getpid(), signal.SIGINT)
        note(self, message)

    monkeypatch.setattr(Grader, "grade", grade)
    monkeypatch.setattr(Workers, "_note", interrupted)
    (record,), _ = graded([Submission("a", "perceptron", path)])
    assert (tmp_path / "interrupted").exists()
    assert record.status == "graded"


class Left:
    """What a garbage collector finds, with whatever its end then does."""

    def __init__(self, path):
        self.path, self.owner, self.itself = path, os.getpid(), self

    def __del__(self):
        if os.getpid() != self.owner:
            self.path.touch()


@pytest.mark.thorough
def test_a_grader_closes_nothing_that_its_parent_has_left_to_the_garbage_collector(monkeypatch, tmp_path):
    honest = Grader.__init__

    def collecting(self, *arguments):
        gc.collect()
        (tmp_path / "collected").touch()
        honest(self, *arguments)

    monkeypatch.setattr(Grader, "__init__", collecting)
    gc.disable()  # or it is closed here, before there is a grader
    try:
        Left(tmp_path / "closed by a grader")
        graded(perceptrons("a"))
    finally:
        gc.enable()
    assert [path.name for path in tmp_path.iterdir()] == ["collected"]


@pytest.fixture(scope="module")
def grader(workers):
    return Grader(COURSE, workers, collect_checks(COURSE), Settings())


@pytest.mark.parametrize("error", [RecursionError, MemoryError, KeyError, KitError], ids=lambda error: error.__name__)
def test_an_exception_over_one_submission_is_its_own_record_and_what_it_had_earned_stands(grader, monkeypatch, error):
    honest = Judge._try

    def failing(self, context, exercise, *more):
        if exercise == "train":
            raise error("it quotes 0.12345")
        return honest(self, context, exercise, *more)

    (submission,) = perceptrons("a")
    with monkeypatch.context() as failure:
        failure.setattr(Judge, "_try", failing)
        record = grader.grade(submission, b"")
    assert record.status == "crashed"
    assert 0 < record.earned < 25
    assert record.exercises["train"].earned == 0
    assert "a tutor has to look at it" in record.reason
    (note,) = record.needs_review
    assert error is KitError or (f"({error.__name__} at " in note and "0.12345" not in note)
    assert record.fingerprint == ""
    assert grader.grade(submission, b"").earned == 25


def test_a_submission_that_cannot_be_read_for_a_fault_of_the_kit_is_unreadable(grader, monkeypatch):
    def failing(*_):
        raise RecursionError

    monkeypatch.setattr(grader_module, "read_notebook", failing)
    record = grader.grade(*perceptrons("a"), b"")
    assert (record.status, record.earned) == ("unreadable", 0)
    assert "RecursionError" in record.needs_review[0]
    assert len(grader.faults) == 1


def test_a_notebook_that_was_not_handed_in_has_the_same_record_in_every_run(grader, monkeypatch):
    later = iter(range(100))
    monkeypatch.setattr(grader_module.time, "perf_counter", lambda: next(later))
    first, second = (grader.grade(Submission("a", "perceptron", None), b"") for _ in range(2))
    assert (first.status, first.seconds) == ("missing", 0.0)
    assert first == second


@pytest.mark.thorough
def test_a_kit_that_cannot_grade_anything_says_so_once(monkeypatch):
    def broken(*_):
        raise KitError("The checks cannot be used.")

    monkeypatch.setattr("autograder.trusted.grading.pytest_session.collect_checks", broken)
    with pytest.raises(KitError, match=r"The checks cannot be used\."):
        graded(perceptrons("a", "b"), jobs=2)
