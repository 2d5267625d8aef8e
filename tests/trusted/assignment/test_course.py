"""A course: where the hidden checks of its assignment are, by one rule."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.author.samples import copy_assignment
from autograder.cluster.parcel import packed, unpacked
from autograder.trusted.assignment.course import CONFIG, KIT, Course
from autograder.trusted.grading.settings import Settings, settings_fingerprint

KITS = KIT / "autograder" / "checks" / "week06"


@pytest.fixture
def copy(tmp_path) -> Path:
    """A course with a copy of week06's source and solutions, and no checks."""
    for folder in ("source", "solutions", "release"):
        shutil.copytree(KIT / folder / "week06", tmp_path / folder / "week06")
    (tmp_path / CONFIG).touch()
    return tmp_path


def test_a_course_that_holds_the_kit_keeps_its_checks_inside_it():
    assert Course(KIT, "week06").checks == KITS


def test_any_other_course_keeps_its_checks_under_its_root(tmp_path):
    course = copy_assignment(Course(KIT, "week06"), tmp_path)
    assert course.checks == tmp_path / "checks" / "week06"
    assert course.has_checks("perceptron")


def test_a_copy_of_the_kits_assignment_that_came_without_checks_has_the_kits(copy):
    (copy / "source" / "week06" / "tensor_ops.ipynb").unlink()
    assert Course(copy).checks == KITS


def test_exercises_of_its_own_under_a_name_of_the_kits_have_no_checks_of_the_kits(copy):
    perceptron = copy / "source" / "week06" / "perceptron.ipynb"
    perceptron.write_text(perceptron.read_text().replace('"points": 4', '"points": 5'))
    course = Course(copy)
    assert course.checks == copy / "checks" / "week06"
    assert not course.has_checks("perceptron")


def test_a_notebook_that_the_kit_does_not_know_has_no_checks_of_the_kits(copy):
    source = copy / "source" / "week06"
    (source / "perceptron.ipynb").rename(source / "another.ipynb")
    assert not Course(copy).has_checks("chain_rule")


def test_the_kits_checks_travel_with_a_copy_of_its_assignment(copy, tmp_path_factory):
    course, settings = Course(copy), Settings()
    parcel = packed(course, settings, "sandbox", settings_fingerprint(course, settings))
    there = unpacked(parcel, tmp_path_factory.mktemp("there"))
    assert there.checks == there.root / "checks" / "week06"
    assert there.has_checks("perceptron")


@pytest.mark.parametrize(
    ("place", "text", "uses"),
    [
        ("source/lab1/a.ipynb", '{"source": ["import numpy as np\\n", "import torch"]}', True),
        ("source/lab1/a.ipynb", '{"source": ["from torch import nn"]}', True),
        ("source/lab1/a.ipynb", '{"source": ["import numpy as np, torch.nn as nn"]}', True),
        ("source/lab1/a.ipynb", '{"source": ["import numpy as np\\n", "# a torch is a light"]}', False),
        ("solutions/lab1/a.py", "def f():\n    import torch\n", True),
        ("checks/lab1/misconceptions/a.py", "import torch\n", True),
        ("checks/lab1/test_a.py", "def test_f(student, reference, random):\n    pass\n", True),
        ("checks/lab1/test_a.py", "import numpy as np\n\ndef test_f(student, rng):\n    at_random = 1\n", False),
        ("nbgrader_config.py", "c = get_config()\nc.Autograder.preload = ['torch']\n", True),
    ],
)
def test_a_course_preloads_torch_where_its_own_texts_use_it(tmp_path, place, text, uses):
    for name in ("source/lab1/b.ipynb", "nbgrader_config.py", place):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text if name == place else "", encoding="utf-8")
    assert ("torch" in Course(tmp_path).preload) == uses
