"""What travels between the tutor's machine and a Dask worker, packed as msgpack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.errors import KitError
from autograder.trusted.course import CONFIG, KIT, Course
from autograder.trusted.grading import CHECKS, Settings, settings_fingerprint
from autograder.trusted.records import NotebookRecord

if TYPE_CHECKING:
    from pathlib import Path

_FOLDERS = ("source", "release", "solutions")


class HandedIn(Struct, frozen=True):
    """A submission and its bytes: None of one that is missing, or `unreadable` for the reason given."""

    student: str
    notebook: str
    content: bytes | None
    unreadable: str = ""
    notes: tuple[str, ...] = ()


class Graded(Struct, frozen=True):
    """What came of a submission: its record, and where the kit failed, why."""

    record: NotebookRecord | None
    fault: str = ""


class Answer(Struct, frozen=True):
    """What came of a batch, in its order; or the sentence with which its machine refuses to grade any.

    `unconfined` says that it refuses because it cannot confine student code.
    """

    graded: tuple[Graded, ...] = ()
    refusal: str = ""
    unconfined: bool = False


class Parcel(Struct, frozen=True):
    """All that a Dask worker needs for a class besides the kit: the course's files by path, and the settings.

    `fingerprint` is that of engine, checks, course and settings on the tutor's machine.
    """

    assignment: str
    files: dict[str, bytes]
    settings: Settings
    isolation: str
    fingerprint: bytes


def packed(course: Course, settings: Settings, isolation: str) -> Parcel:
    """The parcel of a course."""
    folders = (course.root / folder / course.assignment for folder in _FOLDERS)
    paths = sorted(path for folder in folders for path in folder.glob("*") if path.is_file())
    files = {path.relative_to(course.root).as_posix(): path.read_bytes() for path in paths}
    return Parcel(course.assignment, files, settings, isolation, _fingerprint(course, settings))


def unpacked(parcel: Parcel, root: Path) -> Course:
    """The course of a parcel, under `root`. Raises KitError where this machine's kit would grade it in another way."""
    (root / CONFIG).touch()
    for name, content in parcel.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    course = Course(root, parcel.assignment)
    if _fingerprint(course, parcel.settings) != parcel.fingerprint:
        raise KitError(
            "the kit installed there is not the one here, so its marks could differ: "
            "install this very version there, checks included, and restart the Dask worker"
        )
    return course


def _fingerprint(course: Course, settings: Settings) -> bytes:
    return settings_fingerprint(course, (KIT / CHECKS).glob("*.py"), settings)
