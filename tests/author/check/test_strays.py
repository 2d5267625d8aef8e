"""Stray files: each is named with why, and what belongs is not."""

from __future__ import annotations

import pytest

from autograder.author.check.strays import strays


def told(places) -> dict[str, str]:
    return {each.file: each.says for each in strays(places)}


def test_a_course_as_it_is_made_has_none(places):
    assert told(places) == {}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("source/lab1/perceptron.ipynb~", "an editor or a file manager has left it behind: delete it."),
        ("solutions/lab1/.perceptron.py.swp", "an editor"),
        ("checks/lab1/#test_perceptron.py#", "an editor"),
        ("checks/lab1/test_perceptron.py.bak", "an editor"),
        ("source/lab1/perceptron-Copy1.ipynb", "an editor"),
        ("release/lab1/.DS_Store", "an editor"),
        ("source/lab1/notes.txt", "no notebook names it, and students would get it: delete it, or name it in"),
        ("solutions/lab1/old.txt", "no solution names it: delete it."),
        ("release/lab1/data.csv", "source/ has no such file, so the release should have none"),
        ("checks/lab1/misconceptions/gone.py", r"it is of no notebook of lab1 (perceptron, survey): rename or delete"),
        ("checks/lab1/right_answers/gone.py", "it is of no notebook"),
        ("checks/lab1/sentences/gone.toml", "it is of no notebook"),
        ("checks/lab1/test_gone.py", "it is of no notebook"),
        ("checks/lab1/helpers.py", "nobody reads it here, where test_NOTEBOOK.py, misconceptions/NOTEBOOK.py,"),
        ("checks/lab1/misconceptions/perceptron.txt", "nobody reads it here"),
        ("checks/lab1/conftest.py", "nobody reads it here"),
    ],
)
def test_a_stray_is_named_with_why(places, edit, name, why):
    edit.add(name, "")
    found = told(places)
    assert list(found) == [name]
    assert found[name].startswith(why)


@pytest.mark.parametrize(
    "name",
    [
        "source/lab1/.ipynb_checkpoints/perceptron-checkpoint.ipynb",
        "solutions/lab1/__pycache__/perceptron.cpython-311.pyc",
        "source/lab1/.gitkeep",
        "checks/lab1/README.md",
        "checks/lab1/figures.py",
        "checks/lab1/taught.txt",
        "checks/lab1/right_answers/perceptron.py",
        "checks/lab1/sentences/survey.toml",
    ],
)
def test_what_belongs_is_no_stray(places, edit, name):
    edit.add(name, "")
    assert told(places) == {}


def test_data_that_a_notebook_names_is_the_students_in_source_and_release(places, edit):
    edit("source/lab1/survey.ipynb", "import math", "import math; data = open('heights.csv')")
    edit.add("source/lab1/heights.csv", "1,2\n")
    edit.add("release/lab1/heights.csv", "1,2\n")
    assert told(places) == {}
