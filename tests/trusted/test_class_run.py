"""A class on several graders."""

from __future__ import annotations

from autograder.author.edit import edited
from autograder.trusted.class_run import ClassRun
from autograder.trusted.course import KIT
from autograder.trusted.grading import CHECKS, Settings
from autograder.trusted.submissions import Submission

SLEEPS = "def margin(w, X, y):\n    import time\n    while True:\n        time.sleep(1)\n"


def test_a_slow_student_slows_only_itself(course, tmp_path):
    solved = course.source / "perceptron.ipynb"
    slow = tmp_path / "perceptron.ipynb"
    slow.write_text(edited(solved, {"margin": SLEEPS}), encoding="utf-8")
    submissions = [Submission("first", "perceptron", slow)]
    submissions += [Submission(student, "perceptron", solved) for student in ("second", "third", "fourth")]
    records = []
    run = ClassRun(course, KIT / CHECKS, Settings(seconds=2), jobs=2)
    run.grade(submissions, records.append)
    assert run.faults == []
    assert [record.student for record in records] == ["second", "third", "fourth", "first"]
    assert [record.earned for record in records] == [25, 25, 25, 21]
    assert records[-1].status == "timeout"
