"""Copies of a kit and of its course among installed packages, found by how they look, not by their names.

A kit may be installed twice: a wheel beside an editable checkout, an image's own, a build folder that came along. No
worker may read the checks and solutions of any.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_DEEPEST = 6  # folders below one of packages: where/ever/build/lib/kit/checks
_DEEPEST_IN_A_PACKAGE = 2  # whose folders are its modules: thousands, of which none is a kit
_COURSE = ("solutions", "source")  # which stand side by side
_CONTENT = ("misconceptions", "right_answers")


def copies_of_a_kit(places: Iterable[Path]) -> list[Path]:
    """The folders below `places` that hold hidden checks, or an assignment's solutions beside its source."""
    return [Path(found) for place in places for found in _copies(str(place), 0, _DEEPEST)]


def _copies(folder: str, depth: int, deepest: int) -> Iterator[str]:
    folders, is_package = _look_into(folder)
    if is_package:
        deepest = min(deepest, _DEEPEST_IN_A_PACKAGE)
    names = {os.path.basename(each) for each in folders}
    if "checks" in names and _holds_tests(os.path.join(folder, "checks")):
        yield folder if depth else os.path.join(folder, "checks")
        if depth:
            return
    hidden = {name for name in _CONTENT if name in names}
    if set(_COURSE) <= names:
        hidden |= {name for name in (*_COURSE, "release", "submitted", "graded") if name in names}
    for each in folders:
        if os.path.basename(each) in hidden:
            yield each
        elif depth < deepest and not each.endswith((".dist-info", "__pycache__")):
            yield from _copies(each, depth + 1, deepest)


def _holds_tests(checks: str) -> bool:
    """Whether tests lie in a folder or in the folders below it, as text or compiled."""
    return any(
        name.startswith("test_") and name.endswith((".py", ".pyc")) for _, _, names in os.walk(checks) for name in names
    )


def _look_into(folder: str) -> tuple[list[str], bool]:
    """The folders in a folder, and whether it is a package of modules."""
    folders, is_package = [], False
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                is_package |= entry.name == "__init__.py"
    except PermissionError:
        pass  # nor does a worker look into it
    return folders, is_package
