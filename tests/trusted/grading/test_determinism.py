"""A check whose verdict depends on a clock, a machine or an unseeded generator is refused before anything is graded."""

from __future__ import annotations

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.determinism import require_determinism

COURSE = Course(KIT)
CHECK = "import torch\n{}\n\ndef test_f(student, random):\n    {}\n"


@pytest.mark.parametrize(
    ("imported", "line", "why"),
    [
        ("import time", "assert time.time() % 2", "line 2: it imports time"),
        ("from datetime import datetime", "assert datetime.now()", "it imports datetime"),
        ("import os", "assert os.getpid() % 2", "it imports os"),
        ("import random", "assert random.random()", "it imports random"),
        ("from autograder.trusted.grading import grader", "pass", "it imports autograder.trusted.grading"),
        ("", "student.f(torch.randn(3))", r"line 5: torch.randn takes random numbers without a seed"),
        ("", "torch.manual_seed(0)", "torch.manual_seed takes"),
        ("", "student.f(torch.empty(3).normal_())", "normal_"),
        ("", "made = torch.rand; student.f(made(3))", "torch.rand takes"),
        ("from torch import randn", "student.f(randn(3))", "it imports randn"),
        ("import numpy as np", "student.f(np.random.default_rng().normal())", "default_rng"),
        ("import pandas as pd", "student.f(pd.Timestamp.now())", "pd.Timestamp.now reads a clock"),
        ("import pandas as pd", "student.f(pd.Series([1, 2]).sample(1))", "sample takes"),
    ],
)
def test_a_check_that_does_not_follow_from_answers_is_refused_with_its_line(tmp_path, imported, line, why):
    path = tmp_path / "test_perceptron.py"
    path.write_text(CHECK.format(imported, line))
    with pytest.raises(KitError, match=why):
        require_determinism(path)


@pytest.mark.parametrize(
    "line",
    [
        "student.f(random.normal(3, 4))",
        "student.f(torch.randn(3, generator=torch.Generator()))",
        "student.f(torch.ones(3))",
        "math.sqrt(2)",
        "student.f(rng.normal(size=3))",
        "import pandas as pd; student.f(pd.Series([1, 2]).sample(1, random_state=0))",
    ],
)
def test_inputs_that_follow_from_the_seed_are_taken(tmp_path, line):
    path = tmp_path / "test_perceptron.py"
    path.write_text(CHECK.format("import math\nfrom autograder.checking import close", line))
    require_determinism(path)


@pytest.mark.parametrize("notebook", COURSE.notebooks)
def test_the_checks_of_the_workshop_follow_from_answers(notebook):
    require_determinism(COURSE.checks / f"test_{notebook}.py")
