"""`autograder check`: a sound assignment passes, and whatever can be wrong with it is a sentence with file and line."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from autograder.author import build as building
from autograder.author.check.assignment import How, Proof, check_assignment
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import Course
from autograder.trusted.assignment.variants import read_variants
from autograder.trusted.checking.random_inputs import rng_of
from autograder.trusted.execution.template_process import SANDBOX
from autograder.trusted.grading.settings import FIXED_SEED
from tests.author.check.conftest import Edit
from tests.author.second_course import ASSIGNMENT, release_without_nbgrader

RIGHT_ANSWERS = '''\
@of("average")
def by_numpy(x):
    """NumPy has it."""
    return np.mean(x)


@of("scaled")
def by_the_smallest(x):
    """Not right at all."""
    return x / x.min()


@of("average")
def in_words(x):
    """A check cannot judge it."""
    return "nonsense" if len(x) == 1 else x.sum() / len(x)
'''
MORE_MISCONCEPTIONS = '''\


@of("scaled")
def right_after_all(x):
    """It is no misconception."""
    return x / np.max(x)


@of("count_above")
def the_same_again(x, limit):
    """Other words for the same."""
    return int((x >= limit).sum())


@of("average")
def zero_of_some(x):
    """It depends on the last number."""
    return x.sum() / len(x) if x[-1] >= 0 else 0.0
'''
ORDERED = '''\
@check("scaled", points=1)
def test_scaled(student, rng):
    """Every number is divided by the largest."""
    SEEN.append(1)
    x = rng.integers(1, 10, 5).astype(float)
    close(student.scaled(x), x / x.max(), "the scaled numbers", operations=2)


SEEN = []


@check("scaled", points=1)
def test_scaled_later(student):
    """The largest is one."""
    holds(SEEN and student.scaled(np.array([1.0, 2.0]))[1] == 1, "The largest should be 1.")
'''


@pytest.fixture(scope="module", autouse=True)
def _no_nbgrader():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "generate_release", release_without_nbgrader)
        yield


def other_seed() -> int:
    """A seed with which the last number that a check of the average draws has the other sign."""

    def sign(seed: int) -> bool:
        return bool(rng_of(seed, "test_average_of_numbers").normal(size=7)[-1] >= 0)

    return next(seed for seed in range(100) if sign(seed) != sign(FIXED_SEED))


@pytest.fixture(scope="module")
def sound(made, tmp_path_factory) -> tuple[Proof, list[str]]:
    course = Course(shutil.copytree(made, tmp_path_factory.mktemp("sound") / "course"), ASSIGNMENT)
    Edit(course).add("checks/lab1/equivalent_mutants.toml", EQUIVALENT)
    steps: list[str] = []

    class Progress:
        def __init__(self, total: int) -> None:
            steps.append(f"of {total}")

        def __enter__(self):
            return lambda name, notebook: steps.append(f"{notebook}: {name}")

        def __exit__(self, *_):
            return None

    return check_assignment(course, How(1, SANDBOX, mutants=True), Progress), steps


EQUIVALENT = """\
[[equivalent]]
notebook = "perceptron"
exercise = "count_above"
changes = [
    "- return x + return y",
]
because = "there is no such mutant"
"""


@pytest.fixture(scope="module")
def told(made, tmp_path_factory) -> list[str]:
    course = Course(shutil.copytree(made, tmp_path_factory.mktemp("unsound") / "course"), ASSIGNMENT)
    edit = Edit(course)
    edit.add("checks/lab1/right_answers/perceptron.py", RIGHT_ANSWERS)
    misconceptions = (course.checks / "misconceptions" / "perceptron.py").read_text()
    edit.add("checks/lab1/misconceptions/perceptron.py", misconceptions + MORE_MISCONCEPTIONS)
    edit.add("release/lab1/survey.ipynb", (course.source / "survey.ipynb").read_text())
    edit.add("solutions/lab1/survey.txt", "")
    checks = (course.checks / "test_perceptron.py").read_text()
    start = checks.index('@check("scaled"')
    edit.add("checks/lab1/test_perceptron.py", checks[:start].replace("exactly,", "exactly, holds,") + ORDERED)
    read_variants.cache_clear()
    proof = check_assignment(course, How(1, SANDBOX, seed=other_seed()))
    return list(map(str, proof.complaints))


def one(told: list[str], start: str) -> str:
    (found,) = [each for each in told if each.startswith(start)]
    return found


@pytest.mark.thorough
def test_a_sound_assignment_has_nothing_to_complain_of_but_what_its_mutants_show(sound):
    proof, _ = sound
    assert [str(each) for each in proof.complaints] == [
        "checks/lab1/equivalent_mutants.toml, line 5: `- return x + return y` of `count_above` is none of its mutants: "
        "take it out.",
        "solutions/lab1/perceptron.py, line 45: a mutant of `count_above` keeps all points: `- return int((x > "
        "limit).sum()) + return (x > limit).sum()`: sharpen a check, or say in checks/lab1/equivalent_mutants.toml why "
        "it is right.",
    ]


@pytest.mark.thorough
def test_its_progress_counts_every_notebook_and_every_mutant_by_name(sound):
    proof, steps = sound
    assert proof.cases == 10
    assert proof.mutants > 5
    assert steps[0] == f"of {proof.cases + proof.mutants}"
    assert len(steps) == 1 + proof.cases + proof.mutants
    assert {"perceptron: solutions", "survey: release", "perceptron: scaled alone", "perceptron: at_least"} <= {*steps}


def test_a_misconception_that_loses_nothing_is_told(told):
    found = one(
        told, "checks/lab1/misconceptions/perceptron.py, line 8: right_after_all loses nothing, as no check tells"
    )
    assert "sharpen a check of `scaled`, or take the misconception out" in found


def test_a_misconception_whose_hint_another_one_hides_is_told(told):
    found = one(
        told, "checks/lab1/misconceptions/perceptron.py, line 14: the_same_again is caught, but its hint is not"
    )
    assert "the hint of at_least is, whose answers are the same" in found


def test_a_right_answer_that_loses_points_is_told_with_the_check(told):
    found = one(
        told, "checks/lab1/right_answers/perceptron.py, line 8: by_the_smallest loses points of `scaled`: test_"
    )
    assert "(checks/lab1/test_perceptron.py, line " in found


def test_a_check_that_breaks_over_an_answer_is_told_with_its_own_line(told):
    found = one(told, "checks/lab1/test_perceptron.py, line 26: in_words of perceptron could not be graded: ")
    assert "the check test_average_of_one itself failed over the answer" in found


def test_a_release_that_earns_points_and_is_not_in_step_is_told(told):
    one(told, "release/lab1/survey.ipynb: it is not in step with the other views (written by nbgrader")
    for line, exercise in ((20, "double"), (34, "root")):
        found = one(
            told, f"solutions/lab1/survey.py, line {line}: `{exercise}` as it is released is passed, and not told"
        )
        assert found.endswith(
            "put what students are to write between ### BEGIN SOLUTION and ### END SOLUTION, and build."
        )


def test_a_test_that_an_empty_exercise_passes_is_told(told):
    one(told, "solutions/lab1/survey.py, line 28: test_double accepts an empty `double`, where only `root` is solved")


def test_a_check_that_depends_on_the_order_is_told(told):
    found = one(
        told, "checks/lab1/test_perceptron.py, line 49: test_scaled_later's verdict of the solution of `scaled`"
    )
    assert "is failed instead of passed where the checks run in the opposite order: let it keep nothing" in found


def test_a_check_that_depends_on_the_seed_is_told(told):
    found = one(told, "checks/lab1/test_perceptron.py, line 9: test_average_of_numbers's verdict of zero_of_some")
    assert f"with seed {other_seed()}, and not {FIXED_SEED}: choose inputs that tell, whatever the seed is." in found


def test_a_stray_is_told(told):
    one(told, "solutions/lab1/survey.txt: no solution names it: delete it.")


def test_nothing_else_is_told(told):
    assert len(told) == 17, "\n".join(told)


def test_what_stops_the_grading_is_a_complaint_beside_the_others_and_the_command_ends_with_1(course, edit, monkeypatch):
    edit("checks/lab1/test_perceptron.py", '@check("count_above", points=2)', '@check("count_above", points=3)')
    edit("source/lab1/perceptron.ipynb", "Count (2 points)", "Count (5 points)")
    edit.add("checks/lab1/helpers.py", "")
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(main, ["check"])
    assert done.exit_code == 1
    lines = done.stdout.splitlines()
    starts = (
        "checks/lab1/helpers.py: nobody reads it here",
        "checks/lab1/test_perceptron.py, line 30: the checks of `count_above` are worth 3 points, the exercise 2",
        "release/lab1/perceptron.ipynb: it is not in step with the other views (written by nbgrader",
        "solutions/lab1/perceptron.py: it is not in step with the other views (written from perceptron.ipynb): run",
        "solutions/lab1/perceptron.py, line 38: cell `about_count`: its text says 5 points, `count_above` is worth 2",
        "lab1: 5 complaints.",
    )
    assert [line for line, start in zip(lines, starts, strict=False) if not line.startswith(start)] == []
    assert len(lines) == len(starts), done.output
    as_json = CliRunner().invoke(main, ["check", "--json"])
    assert as_json.exit_code == 1
    assert {tuple(json.loads(line)) for line in as_json.stdout.splitlines()} == {("file", "line", "says")}
