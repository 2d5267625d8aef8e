"""`autograder check`: a sound assignment passes, and each thing that can be wrong with it is a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.author.build import build
from autograder.author.check import ALONE, MISCONCEPTION, REFERENCE, RELEASE, cases_of, check_assignment
from autograder.trusted.assignment.course import Course
from autograder.trusted.assignment.variants import read_variants
from autograder.trusted.execution.template_process import SANDBOX
from tests.author.second_course import ASSIGNMENT, make_course

RIGHT_ANSWERS = '''\
@of("average")
def by_numpy(x):
    """NumPy has it."""
    return np.mean(x)


@of("scaled")
def by_the_smallest(x):
    """Not right at all."""
    return x / x.min()
'''
MORE_MISCONCEPTIONS = '''\


@of("scaled")
def right_after_all(x):
    """It is no misconception."""
    return x / np.max(x)
'''


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Course:
    made = Course(make_course(tmp_path_factory.mktemp("checked")), ASSIGNMENT)
    build(made)
    return made


def test_there_is_a_case_for_solutions_release_each_exercise_and_each_variant(course):
    cases = [(case.kind, case.notebook, case.exercise) for case in cases_of(course)]
    assert cases == [
        (REFERENCE, "perceptron", ""),
        (RELEASE, "perceptron", ""),
        (ALONE, "perceptron", "average"),
        (ALONE, "perceptron", "count_above"),
        (ALONE, "perceptron", "scaled"),
        (MISCONCEPTION, "perceptron", "count_above"),
        (REFERENCE, "survey", ""),
        (RELEASE, "survey", ""),
        (ALONE, "survey", "double"),
        (ALONE, "survey", "root"),
    ]


def test_a_sound_assignment_has_nothing_to_complain_of_and_an_unsound_one_is_told_what(course):
    assert check_assignment(course, jobs=1, isolation=SANDBOX) == []
    (course.checks / "right_answers").mkdir()
    (course.checks / "right_answers" / "perceptron.py").write_text(RIGHT_ANSWERS)
    with (course.checks / "misconceptions" / "perceptron.py").open("a") as file:
        file.write(MORE_MISCONCEPTIONS)
    Path(course.release, "survey.ipynb").write_bytes(Path(course.source, "survey.ipynb").read_bytes())
    read_variants.cache_clear()  # an author's next command is another process
    told = check_assignment(Course(course.root), jobs=1, isolation=SANDBOX)
    assert told[0].endswith("release/lab1/survey.ipynb: not in step: run `autograder build`.")
    starts = (
        "checks/lab1/misconceptions/perceptron.py, line 8: right_after_all loses nothing",
        "checks/lab1/right_answers/perceptron.py, line 8: by_the_smallest loses points of `scaled`: test_scaled says",
        "release/lab1/survey.ipynb: `double` as it is released is passed",
        "release/lab1/survey.ipynb: `root` as it is released is passed",
        "source/lab1/survey.ipynb, cell `double` alone earns points of `root` as well",
        "source/lab1/survey.ipynb, cell `root` alone earns points of `double` as well",
    )
    assert len(told) == 1 + len(starts)
    assert [sentence for sentence, start in zip(told[1:], starts, strict=True) if not sentence.startswith(start)] == []
