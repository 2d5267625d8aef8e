"""The verdict cache: what was judged before is not judged again, and nothing else has a verdict without its check."""

from __future__ import annotations

import math

import pytest
import torch

from autograder.errors import CheckFailure, StudentError, WorkerCrashed
from autograder.trusted.checking import verdict_cache
from autograder.trusted.checking.check_context import PASSED, Verdict
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.checking.verdict_cache import VerdictCache
from autograder.trusted.comparing.compare import exactly, holds, same
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes
from autograder.trusted.submissions.definitions import Definitions
from autograder.wire.frames import decode_message as message_of
from autograder.wire.frames import encode_message as bytes_of
from autograder.wire.messages import ErrorReport, Raised, Request, Returned
from autograder.wire.values import NoObjects, decode, encode
from tests.benchmarks.courses import hand_in_class, make_course

PLAIN = NoObjects()


class Notebook:
    """What an ExecutedNotebook is to RecordedCalls, around one Python function called f."""

    seconds = 5.0
    charged = 0.0

    def __init__(self, f, text="def f(x):\n    return x\n"):
        self._f = f
        self.definitions = Definitions([text])
        self.asked = 0

    def worker(self):
        """There is one."""

    def ask(self, request, seconds, known=()):
        self.asked += 1
        arguments = [decode(value, PLAIN) for value in message_of(Request, request).arguments]
        try:
            answer = self._f(*arguments)
        except ValueError as error:
            return bytes_of(Raised(ErrorReport(type(error).__name__)))
        return bytes_of(Returned(encode(answer, PLAIN), tuple(encode(each, PLAIN) for each in arguments)))

    def raised(self, request, reply):
        return StudentError(reply.error.kind, "")


class Court:
    """Judges functions by one check, as the judge does; counts how often the check itself was run."""

    def __init__(self, check):
        self._check = check
        self._verdict_cache = VerdictCache()
        self.runs = 0

    def __call__(self, f, *, by_author=False, **options):
        self.notebook = Notebook(f, **options)
        calls = RecordedCalls(self.notebook)
        cached = self._verdict_cache.verdict("the check", ("", "cpu"), calls)
        if cached is not None:
            return cached.outcome
        self.runs += 1
        try:
            self._check(Student(calls))
        except CheckFailure:
            verdict = Verdict(outcomes.FAILED)
        except StudentError:
            verdict = Verdict(outcomes.RAISED)
        except WorkerCrashed:
            verdict = Verdict(outcomes.CRASHED)
        else:
            verdict = PASSED
        self._verdict_cache.add("the check", ("", "cpu"), calls, verdict, by_author=by_author)
        return verdict.outcome


def doubles(student):
    """Two questions, the second of which is told from the answer to the first."""
    first = student.f(torch.tensor([1.0, 2.0]))
    exactly(first, torch.tensor([2.0, 4.0]), "f(x)")
    exactly(student.f(first), torch.tensor([4.0, 8.0]), "f(f(x))")


def test_a_check_whose_answers_were_all_heard_before_is_not_run_again():
    court = Court(doubles)
    assert [court(lambda x: 2 * x), court(lambda x: x + x)] == ["passed", "passed"]
    assert court.runs == 1


def test_the_students_own_code_is_asked_each_question_all_the_same():
    court = Court(doubles)
    court(lambda x: 2 * x)
    court(lambda x: x + x)
    assert court.notebook.asked == 2


@pytest.mark.parametrize("wrong_from", [2.0, 4.0])
def test_the_first_new_answer_is_judged_by_the_check_itself(wrong_from):
    court = Court(doubles)
    court(lambda x: 2 * x)
    assert court(lambda x: 3 * x if x[1] == wrong_from else 2 * x) == "failed"
    assert court.runs == 2


def test_what_was_heard_already_is_not_asked_again_when_the_check_is_run():
    court = Court(doubles)
    court(lambda x: 2 * x)
    court(lambda x: 3 * x if x[1] == 4.0 else 2 * x)
    assert court.notebook.asked == 2


@pytest.mark.parametrize(("right", "wrong"), [(1, True), (1, 1.0), (True, 1), (1.0, 1)])
def test_answers_that_python_calls_equal_are_not_the_same_answer(right, wrong):
    court = Court(lambda student: same(student.f(0.5), right, "The answer"))
    assert court(lambda _: right) == "passed"
    assert court(lambda _: wrong) == "failed"


def test_a_negative_zero_is_not_a_zero():
    court = Court(lambda student: holds(math.copysign(1, student.f(0.5)) == 1, "The answer should be positive."))
    assert court(lambda _: 0.0) == "passed"
    assert court(lambda _: -0.0) == "failed"


def test_a_check_that_asks_something_else_each_time_judges_what_it_asked():
    asked = iter(range(1, 10))

    def unseeded(student):
        number = float(next(asked))
        same(student.f(number), 2 * number, "The answer")

    court = Court(unseeded)
    assert court(lambda x: 2 * x) == "passed"
    assert court(lambda x: 2 * x + (x == 1)) == "passed"  # wrong only for what an earlier student was asked
    assert court(lambda x: 3 * x) == "failed"


def test_what_the_text_says_counts_as_an_answer():
    def no_loop(student):
        same(student.f(1.0), 2.0, "The answer")
        holds(not student.code.has_loop("f"), "No loop is wanted.")

    court = Court(no_loop)
    assert court(lambda x: 2 * x) == "passed"
    assert court(lambda x: 2 * x, text="def f(x):\n    for _ in range(2): pass\n    return 2 * x\n") == "failed"
    assert court(lambda x: 2 * x, text="def f(x):\n    return x + x\n") == "passed"
    assert court.runs == 2


@pytest.mark.parametrize(("by_author", "runs"), [(True, 1), (False, 2)])
def test_of_mistakes_only_the_authors_are_kept(by_author, runs):
    court = Court(doubles)
    assert court(lambda x: 3 * x, by_author=by_author) == "failed"
    assert court(lambda x: x + x + x) == "failed"
    assert court.runs == runs


def test_what_raises_is_judged_each_time_for_its_words_are_the_students_own():
    def raises(_):
        raise ValueError("my own words")

    court = Court(doubles)
    assert [court(raises, by_author=True), court(raises, by_author=True)] == ["raised", "raised"]
    assert court.runs == 2


def test_a_verdict_on_one_device_is_none_on_another():
    cache = VerdictCache()
    calls = RecordedCalls(Notebook(lambda x: x))
    Student(calls).f(1.0)
    cache.add("the check", ("cpu", "sim"), calls, PASSED, by_author=False)
    assert cache.verdict("the check", ("cpu", "sim"), RecordedCalls(Notebook(lambda x: x))) == PASSED
    assert cache.verdict("the check", ("sim", "sim"), RecordedCalls(Notebook(lambda x: x))) is None
    assert cache.verdict("the check", ("cpu", "cuda"), RecordedCalls(Notebook(lambda x: x))) is None


def test_when_the_room_is_used_up_all_is_forgotten_and_kept_anew(monkeypatch):
    monkeypatch.setattr(verdict_cache, "MAX_BYTES", 1000)
    court = Court(lambda student: holds(student.f(1.0).numel() > 0, "The answer should hold something."))
    for size in (10, 180, 180, 10, 10):  # there is room for one of the two only
        assert court(lambda _, size=size: torch.zeros(size)) == "passed"
    assert court.runs == 3


def test_more_answers_than_a_check_can_want_end_the_worker(monkeypatch):
    monkeypatch.setattr("autograder.trusted.checking.recorded_calls.MAX_BYTES", 1000)
    refused = []

    class Refusing(Notebook):
        def refused(self, why):
            refused.append(why)
            return WorkerCrashed(why)

    student = Student(RecordedCalls(Refusing(lambda _: torch.zeros(1000))))
    with pytest.raises(WorkerCrashed, match="its answers to one check are more than"):
        student.f(1.0)
    assert len(refused) == 1


@pytest.mark.thorough
def test_a_class_is_graded_alike_in_whatever_order(tmp_path):
    course = make_course(tmp_path)
    submissions = hand_in_class(course, 32)

    def graded(ordered):
        records = []
        run = ClassRun(course, Settings(), jobs=1)
        run.grade(ordered, records.append)
        assert run.faults == []
        return {(record.student, record.notebook): (record.status, record.exercises) for record in records}

    assert graded(submissions) == graded(submissions[::-1])
