"""A fault of the kit's own is nobody's lost record: it is graded, named, and shown."""

from __future__ import annotations

import pickle

from autograder.errors import CheckBroken, KitError
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading import class_run
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.find import Submission

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
    from autograder.author.samples import edited

    path = tmp_path / "logistic_regression.ipynb"
    path.write_text(edited(COURSE.source / "logistic_regression.ipynb", {"LogisticRegression": SHIFTY}))
    run = class_run.ClassRun(COURSE, Settings(), jobs=1)
    records = []
    run.grade([Submission("zoe", "logistic_regression", path)], records.append)
    (record,) = records
    assert record.exercises["sigmoid"].earned == 4
    broken = [check for check in record.exercises["LogisticRegression"].checks if "tutor has to look" in check.message]
    assert broken
    assert run.faults
    assert "zoe's logistic_regression" in run.faults[0]
    assert "itself failed with KeyError" in run.faults[0]


def test_a_broken_check_travels_between_processes_with_its_record():
    fault = pickle.loads(pickle.dumps(CheckBroken("the check itself failed", {"earned": 3})))
    assert (str(fault), fault.record) == ("the check itself failed", {"earned": 3})
    assert isinstance(fault, KitError)


def test_a_grader_that_dies_takes_one_submission_with_it_and_is_named(tmp_path, monkeypatch):
    import os

    from autograder.trusted.grading.grader import Grader

    honest = Grader.grade

    def deadly(self, submission, fingerprint):
        if submission.student == "doomed":
            os._exit(3)
        return honest(self, submission, fingerprint)

    monkeypatch.setattr(Grader, "grade", deadly)
    path = COURSE.source / "perceptron.ipynb"
    names = ["a", "b", "doomed", "c", "d"]
    run = class_run.ClassRun(COURSE, Settings(), jobs=2)
    records = []
    run.grade([Submission(name, "perceptron", path) for name in names], records.append)
    assert sorted(record.student for record in records) == ["a", "b", "c", "d"]
    assert {record.earned for record in records} == {25.0}
    assert len(run.faults) == 1
    assert "doomed's perceptron" in run.faults[0]
