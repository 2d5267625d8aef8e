"""`autograder similar`, as a tutor types it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from autograder.author.samples import edited
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory):
    """Three students, of whom two say the same; one of their names would command a terminal."""
    folder = tmp_path_factory.mktemp("submitted")
    variants = Course(KIT).right_answers("perceptron")
    one, other = [variant.source for variant in variants if variant.exercise == "train"][:2]
    for student, source in (("ada", one), ("\x1b[2Jbao=1", one.replace("mistakes", "errors")), ("carla", other)):
        (folder / student).mkdir()
        (folder / student / "perceptron.ipynb").write_text(
            edited(COURSE.release / "perceptron.ipynb", {"train": source})
        )
    return folder


def similar(*words: object):
    return CliRunner(env={"COLUMNS": "140"}).invoke(main, ["similar", *map(str, words)])


def test_groups_are_shown_with_their_exercises_and_as_a_hint(handed_in):
    shown = similar(handed_in)
    assert shown.exit_code == 0, shown.output
    assert "[2Jbao=1, ada" in shown.output
    assert "train" in shown.output
    assert "A hint, never a verdict" in shown.output
    assert "1 group in 3 notebooks." in shown.output
    assert "\x1b" not in shown.output
    assert "carla" not in shown.output


def test_groups_are_told_as_json_a_line_each(handed_in):
    (line,) = similar(handed_in, "--json").stdout.splitlines()
    assert json.loads(line)["students"] == ["\x1b[2Jbao=1", "ada"]


def test_a_class_without_groups_says_so(handed_in):
    assert similar(handed_in / "carla").output == "No group in 1 notebook.\n"


def test_a_place_without_notebooks_is_named(tmp_path):
    assert similar(tmp_path).exit_code == 2
