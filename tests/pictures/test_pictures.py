"""The pictures are there, small, and self-contained."""

from __future__ import annotations

import re

import pytest

from autograder.trusted.assignment.course import KIT
from tests.pictures.make import HERE, MAX_BYTES, MEASURED, PICTURES


@pytest.mark.parametrize("name", [*PICTURES, MEASURED])
def test_a_picture_is_small_enough_for_a_repository(name):
    assert 1_000 < (HERE / name).stat().st_size <= MAX_BYTES


def test_the_picture_of_a_terminal_loads_nothing():
    assert re.findall(r"url\((?!#)|href=|@import|<script", (HERE / "terminal.svg").read_text()) == []


def test_the_readme_shows_only_pictures_that_the_scripts_make():
    shown = re.findall(r"tests/pictures/([\w.]+)\)", (KIT / "README.md").read_text())
    assert set(shown) <= {*PICTURES, MEASURED}
