"""Each check asks the same questions each time, and leaves every generator that others share as it was."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.check_context import CheckContext
from autograder.trusted.checking.substitutes import Substitutes
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.notebook import SubmittedNotebook

pytestmark = pytest.mark.thorough

COURSE = Course(KIT)


@pytest.fixture(scope="module")
def checks():
    return collect_checks(COURSE)


@pytest.mark.parametrize("notebook", COURSE.notebooks)
def test_a_check_asks_the_same_each_time_and_takes_nothing_from_a_shared_generator(workers, checks, notebook):
    plan = COURSE.notebooks[notebook]
    cells = [NotebookCell(cell.name, cell.source) for cell in plan.cells if cell.kind == "code"]
    solved = SubmittedNotebook(tuple(cell for cell in cells if not cell.name.startswith("test_")), frozenset())
    substitutes = Substitutes(workers, plan, COURSE.reference(notebook))
    context = CheckContext(workers, plan, solved, substitutes, 20.0, Settings().seed, by_author=True)
    shared = _states()
    differing = []
    for check in (each for each in checks if each.notebook == notebook and not each.about_devices):
        asked = []
        for _ in range(2):
            context.renew()  # what a worker holds is numbered
            context.begin()
            assert check.run(context) is None
            asked.append([question for question, _ in context.calls.consumed()])
        if asked[0] != asked[1] or not asked[0]:
            differing.append(check.name)
    context.close()
    assert differing == []
    assert _states() == shared


def _states() -> list[bytes]:
    numpys = np.random.get_state()
    return [
        torch.default_generator.get_state().numpy().tobytes(),
        numpys[1].tobytes(),
        repr(random.getstate()).encode(),
    ]
