"""The checks are collected by pytest, and whatever is wrong with them is one sentence before anything is graded."""

from __future__ import annotations

import os
import shutil

import pytest

from autograder.errors import KitError
from autograder.trusted.assignment.course import CONFIG, KIT, Course
from autograder.trusted.grading.pytest_session import collect_checks

GOOD = '''\
from autograder.checking import check


@check("activation", points=4)
def test_activation(student, random):
    """f(s) is a label.

    What follows is for the author.
    """


@check("predict", points=4)
def test_predict(student, reference, device):
    """Labels are predicted."""


@check("update", points=6)
def test_update(student):
    """The weights move."""


@check("train", points=7)
def test_train(student):
    """The rule is run."""


@check("margin", points=4)
def test_margin(student):
    """The margin is measured."""
'''


@pytest.fixture
def collected(tmp_path):
    """Collect the checks of a course with one notebook, whose file of checks is this text."""
    for folder in ("source", "release"):
        (tmp_path / folder / "week06").mkdir(parents=True)
        shutil.copy(KIT / folder / "week06" / "perceptron.ipynb", tmp_path / folder / "week06")
    shutil.copy(KIT / CONFIG, tmp_path)
    checks = tmp_path / "autograder" / "checks" / "week06"
    checks.mkdir(parents=True)

    def collected(text):
        (checks / "test_perceptron.py").write_text(text, encoding="utf-8")
        return collect_checks(Course(tmp_path))

    return collected


def test_a_course_brings_its_own_checks_and_each_is_what_its_mark_and_docstring_say(collected):
    activation, predict, *_ = collected(GOOD)
    assert (activation.name, activation.notebook, activation.exercise) == (
        "test_activation",
        "perceptron",
        "activation",
    )
    assert (activation.points, activation.title) == (4.0, "f(s) is a label.")
    assert (activation.parameters, activation.about_devices) == (("student", "random"), False)
    assert predict.about_devices


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("(student, random)", "(student, tmp_path)", "asks for tmp_path: a check is given student, reference, random"),
        ('@check("update", points=6)\n', "", r"test_update needs @check\(exercise, points\)"),
        ('    """The weights move."""', "    pass", "test_update needs .* a docstring"),
        (
            "points=6",
            "points=5",
            r"test_perceptron\.py, line \d+: the checks of `update` are worth 5 points, the exercise 6",
        ),
        ('check("update", points=6)', 'check("updat", points=6)', "checks `updat`, which is no exercise of perceptron"),
        ("from autograder.checking import check", "from autograder.checking import chek", "cannot import name 'chek'"),
        ("from autograder.checking import check", "import time", "it imports time"),
    ],
)
def test_what_is_wrong_with_checks_is_one_sentence_that_names_them(collected, old, new, why):
    with pytest.raises(KitError, match=why) as refused:
        collected(GOOD.replace(old, new))
    assert "\n" not in str(refused.value)


def test_a_check_of_no_exercise_is_refused(collected):
    strange = GOOD + '\n\n@check("nothing", points=1)\ndef test_nothing(student):\n    """Nothing."""\n'
    with pytest.raises(
        KitError, match=r"test_perceptron\.py, line 32: test_nothing checks `nothing`, which is no exer"
    ):
        collected(strange)


def test_a_fixture_of_the_authors_own_is_refused_and_a_function_of_their_own_does_as_well(collected):
    fixture = "import pytest\n\n\n@pytest.fixture\ndef weights():\n    return 1\n"
    with pytest.raises(KitError, match="it imports pytest"):
        collected(fixture + GOOD.replace("(student, random)", "(student, weights)"))
    assert collected(
        GOOD.replace('"""Labels', '"""Labels').replace("\n\n\n", "\n\n\ndef weights():\n    return 1\n\n\n", 1)
    )


def test_a_conftest_beside_the_checks_is_not_read(collected, tmp_path):
    (tmp_path / "autograder" / "checks" / "week06" / "conftest.py").write_text("raise SystemExit('read')")
    assert len(collected(GOOD)) == 5


def test_a_pytest_that_is_started_later_finds_its_environment_as_it_was(collected, monkeypatch):
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    before = dict(os.environ)
    assert len(collected(GOOD)) == 5
    with pytest.raises(KitError):
        collected(GOOD.replace("from autograder.checking import check", "import time"))
    with pytest.raises(KitError):
        collected("raise KeyboardInterrupt")
    changed = {"PYTEST_CURRENT_TEST", "PYTEST_VERSION"}
    assert {name: value for name, value in os.environ.items() if name not in changed} == {
        name: value for name, value in before.items() if name not in changed
    }


def test_points_add_up_as_a_person_adds_them(collected):
    thirds = [
        f'@check("update", points={points})\ndef test_update_{number}(student):\n    """Moves."""\n\n\n'
        for number, points in enumerate((5.6, 0.1, 0.3))
    ]
    one = '@check("update", points=6)\ndef test_update(student):\n    """The weights move."""\n'
    assert one in GOOD
    assert 5.6 + 0.1 + 0.3 != 6
    assert len(collected(GOOD.replace(one, "".join(thirds)))) == 7


def test_a_misconception_of_no_exercise_is_refused_with_its_line(collected, tmp_path):
    folder = tmp_path / "autograder" / "checks" / "week06" / "misconceptions"
    folder.mkdir()
    variant = '\n\n@of("activatoin")\ndef wrong(s):\n    """It is wrong."""\n    return s\n'
    (folder / "perceptron.py").write_text(variant)
    with pytest.raises(KitError, match=r"perceptron\.py, line 4: wrong is @of\('activatoin'\), which is no exercise"):
        collected(GOOD)


@pytest.mark.parametrize("name", ["test_percptron.py", "misconceptions/percptron.py"])
def test_a_file_of_no_notebook_is_refused_by_its_own_name(collected, tmp_path, name):
    stray = tmp_path / "autograder" / "checks" / "week06" / name
    stray.parent.mkdir(exist_ok=True)
    stray.write_text("")
    with pytest.raises(
        KitError, match=r"percptron\.py is of no notebook of week06 \(perceptron\): rename or delete it"
    ):
        collected(GOOD)


def test_a_course_without_hidden_checks_has_none_whatever_its_notebooks_are_called(tmp_path):
    for folder in ("source", "release"):
        (tmp_path / folder / "week06").mkdir(parents=True)
        another = KIT / folder / "week06" / "tensor_ops.ipynb"
        shutil.copy(another, tmp_path / folder / "week06" / "perceptron.ipynb")
    shutil.copy(KIT / CONFIG, tmp_path)
    course = Course(tmp_path)
    assert not course.has_checks("perceptron")
    assert collect_checks(course) == []
