"""The parcel: everything besides the kit that a Dask worker needs to grade a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from autograder import __version__
from autograder.errors import KitError
from autograder.trusted.assignment.course import Course
from autograder.trusted.assignment.course_settings import CONFIG, as_config
from autograder.trusted.grading.settings import Settings, settings_fingerprint

if TYPE_CHECKING:
    from pathlib import Path

_CHANGED = (
    f"the files of its kit, which is version {__version__} now, are not those that it began with, so its marks could "
    "differ: install this very kit there, and restart the worker."
)


class Parcel(Struct, frozen=True):
    """A course's files by path, the hidden checks among them, the settings and the isolation, packed as msgpack.

    `fingerprint` is the fingerprint of engine, checks, course and settings on the tutor's machine.
    """

    assignment: str
    files: dict[str, bytes]
    settings: Settings
    isolation: str
    fingerprint: bytes


def packed(course: Course, settings: Settings, isolation: str, fingerprint: bytes) -> Parcel:
    """Make the parcel of a course."""
    folders = {folder: folder.relative_to(course.root) for folder in (course.source, course.release, course.solutions)}
    folders[course.checks] = course.checks_place
    paths = {
        (place / path.relative_to(folder)).as_posix(): path
        for folder, place in folders.items()
        for path in folder.rglob("*")
        if _belongs(path.relative_to(folder))
    }
    files = {name: paths[name].read_bytes() for name in sorted(paths)} | {CONFIG: as_config(course.settings).encode()}
    return Parcel(course.assignment, files, settings, isolation, fingerprint)


def _belongs(path: Path) -> bool:
    return path.suffix in (".py", ".ipynb") and not any(part.startswith((".", "__")) for part in path.parts)


def read_parcel(content: bytes) -> Parcel:
    """Read a parcel. Raises KitError if this machine's kit has no such parcels, as `unpacked` does."""
    try:
        return msgspec.msgpack.decode(content, type=Parcel)
    except msgspec.DecodeError as error:
        raise KitError(_CHANGED) from error


def unpacked(parcel: Parcel, root: Path) -> Course:
    """Unpack a parcel's course under `root`. Raises KitError if this machine's kit has another fingerprint.

    The errand has compared the two kits; so this one has changed since the Dask worker began.
    """
    for name, content in parcel.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    course = Course(root, parcel.assignment)
    if settings_fingerprint(course, parcel.settings) != parcel.fingerprint:
        raise KitError(_CHANGED)
    return course
