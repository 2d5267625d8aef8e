"""A tutor, in a temporary course of their own."""

from __future__ import annotations

import shutil

import pytest

from tests.faces.nbgrader.desks import GradingClient, make_course


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> GradingClient:
    """A tutor at a course whose assignment nbgrader has generated; nobody works there, each test has a copy."""
    tutor = GradingClient("tutor", make_course(tmp_path_factory.mktemp("generated") / "course"))
    tutor.nbgrader("generate_assignment", "week06", "--create", "--force")
    return tutor


@pytest.fixture(scope="session")
def tutor_at_a_new_course(generated: GradingClient, tmp_path_factory: pytest.TempPathFactory):
    """Makes a tutor in a new course, whose assignment is generated."""

    def make(name: str) -> GradingClient:
        folder = shutil.copytree(generated.folder, tmp_path_factory.mktemp(name) / "course")
        return GradingClient("tutor", folder, [*generated.asked])

    return make
