"""A second copy of a kit, wherever among the packages it lies, is as unreadable as the first."""

from __future__ import annotations

import sys

import pytest

from autograder.worker.sandbox.copies import copies_of_a_kit
from autograder.worker.sandbox.places import readable_places

COPIES = {
    "a wheel's": ("kit/checks/week01/test_one.py", "kit"),
    "a wheel's, compiled only": ("kit/checks/week01/__pycache__/test_one.cpython-311.pyc", "kit"),
    "a course's own": ("kit/checks/test_one.py", "kit"),
    "within another package": ("other/vendor/kit/checks/week01/test_one.py", "other/vendor/kit"),
    "a build folder": ("build/lib/kit/checks/week01/test_one.py", "build/lib/kit"),
    "checks among the packages themselves": ("checks/week01/test_one.py", "checks"),
    "misconceptions alone": ("more/misconceptions/one.py", "more/misconceptions"),
}


def put(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("")


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A folder of packages with one that everybody may read."""
    folder = tmp_path / "site-packages"
    put(folder, "torch/__init__.py", "torch/nn/__init__.py", "linter/checks/spelling.py")
    monkeypatch.setattr(sys, "path", [str(folder)])
    return folder


@pytest.mark.parametrize(("path", "copy"), COPIES.values(), ids=COPIES)
def test_a_copy_is_found_and_not_readable(packages, path, copy):
    put(packages, path)
    assert copies_of_a_kit([packages]) == [packages / copy]
    places = readable_places([])
    assert not any((packages / path).is_relative_to(place) for place in places)
    assert any((packages / "torch" / "nn").is_relative_to(place) for place in places)


def test_a_courses_solutions_and_source_are_found_side_by_side(packages):
    put(packages, "course/solutions/week01/one.py", "course/source/week01/one.ipynb", "course/release/week01/one.ipynb")
    assert sorted(copies_of_a_kit([packages])) == [
        packages / "course" / name for name in ("release", "solutions", "source")
    ]


def test_packages_without_a_kit_are_readable_as_a_whole(packages):
    assert copies_of_a_kit([packages]) == []
    assert packages in readable_places([])


def test_where_mounts_can_cover_a_copy_the_packages_stay_one_place(packages):
    put(packages, "kit/checks/week01/test_one.py")
    covered = []
    places = readable_places([], covering=covered.extend)
    assert packages in places
    assert packages / "kit" in covered


def test_packages_from_which_this_python_imports_nothing_are_not_readable(tmp_path, monkeypatch):
    library = tmp_path / "python3"
    put(library, "os.py", "site-packages/anything/__init__.py")
    monkeypatch.setattr("os.__file__", str(library / "os.py"))
    covered = []
    assert library in readable_places([], covering=covered.extend)
    assert covered == [library / "site-packages"]
