"""A class on several graders."""

from __future__ import annotations

import pytest

from autograder.author.samples import edited
from autograder.trusted.grading import pytest_session
from autograder.trusted.grading.class_run import ClassRun, Task, TaskQueue
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.submission import Submission

SLEEPS = "def margin(w, X, y):\n    import time\n    while True:\n        time.sleep(1)\n"


@pytest.mark.thorough
def test_a_slow_student_slows_only_itself(course, tmp_path):
    solved = course.source / "perceptron.ipynb"
    slow = tmp_path / "perceptron.ipynb"
    slow.write_text(edited(solved, {"margin": SLEEPS}), encoding="utf-8")
    submissions = [Submission("first", "perceptron", slow)]
    submissions += [Submission(student, "perceptron", solved) for student in ("second", "third", "fourth")]
    records = []
    run = ClassRun(course, Settings(seconds=2), jobs=2)
    run.grade(submissions, records.append)
    assert run.faults == []
    assert [record.student for record in records] == ["second", "third", "fourth", "first"]
    assert [record.earned for record in records] == [25, 25, 25, 21]
    assert records[-1].status == "timeout"


def deck(**counts: int) -> TaskQueue:
    return TaskQueue(
        Task(Submission(f"s{k}", notebook, None)) for notebook, count in counts.items() for k in range(count)
    )


def drawn(cards: TaskQueue, *graders: str) -> str:
    """The initials of the notebooks that the graders draw, in turn."""
    return "".join((task.submission.notebook[0] if (task := cards.take(grader)) else "-") for grader in graders)


def test_graders_keep_to_a_notebook_as_long_as_there_is_one():
    assert drawn(deck(perceptron=3, tensor_ops=2), *"ababab") == "ptptp-"


def test_a_grader_whose_notebook_is_done_takes_one_that_nobody_has():
    assert drawn(deck(perceptron=9, tensor_ops=1, chain_rule=2), *"abb", *"bb") == "pcctp"


def test_a_deck_deals_each_task_once_and_in_order():
    cards = deck(perceptron=3)
    assert [cards.take("a").submission.student for _ in range(3)] == ["s0", "s1", "s2"]
    assert cards.take("a") is None


def test_a_deck_knows_what_nobody_has_drawn():
    cards = deck(perceptron=2, tensor_ops=1)
    cards.take("a")
    assert len(cards.left()) == 2


@pytest.mark.thorough
def test_the_checks_are_collected_once_for_all_graders(course, tmp_path, monkeypatch):
    collections = tmp_path / "collections"

    def collect(course):
        with collections.open("a", encoding="utf-8") as log:
            log.write(f"{course.assignment}\n")
        return collect_checks(course)

    monkeypatch.setattr(pytest_session, "collect_checks", collect)
    submissions = [Submission(name, "perceptron", course.source / "perceptron.ipynb") for name in ("one", "two")]
    records = []
    ClassRun(course, Settings(), jobs=2).grade(submissions, records.append)
    assert [record.earned for record in records] == [25, 25]
    assert collections.read_text(encoding="utf-8") == "week06\n"
