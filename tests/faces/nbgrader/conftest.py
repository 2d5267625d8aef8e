"""A tutor, in a temporary course of their own."""

from __future__ import annotations

import pytest

from tests.faces.nbgrader.desks import GradingClient, make_course


@pytest.fixture(scope="session")
def tutor_at_a_new_course(tmp_path_factory: pytest.TempPathFactory):
    """Makes a tutor in a new course, whose assignment is generated."""

    def make(name: str) -> GradingClient:
        tutor = GradingClient("tutor", make_course(tmp_path_factory.mktemp(name) / "course"))
        tutor.nbgrader("generate_assignment", "week06", "--create", "--force")
        return tutor

    return make
