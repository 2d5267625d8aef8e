"""The second course, built; each test may break one thing in a copy of its own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.author import build as building
from autograder.author.check.places import Places
from autograder.trusted.assignment.course import Course
from tests.author.second_course import ASSIGNMENT, make_course, release_without_nbgrader


@pytest.fixture(scope="session")
def made(tmp_path_factory) -> Path:
    root = make_course(tmp_path_factory.mktemp("made"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "generate_release", release_without_nbgrader)
        building.build(Course(root, ASSIGNMENT))
    return root


@pytest.fixture
def course(made, tmp_path) -> Course:
    return Course(shutil.copytree(made, tmp_path / "course"), ASSIGNMENT)


@pytest.fixture
def places(course) -> Places:
    return Places(course)


class Edit:
    """Changes a text in a file of the course, below its root."""

    def __init__(self, course: Course) -> None:
        self.course = course

    def __call__(self, name: str, old: str, new: str) -> None:
        path = self.course.root / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def add(self, name: str, text: str) -> None:
        path = self.course.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


@pytest.fixture
def edit(course) -> Edit:
    return Edit(course)
