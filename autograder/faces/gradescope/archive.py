"""`autograder gradescope`: the autograder.zip from which Gradescope builds the container that grades.

At its root stand setup.sh and run_autograder, as Gradescope asks, beside the course (nbgrader_config.py, source/,
release/, solutions/, the checks) and the kit (autograder/), so that /autograder/source is a course folder.
The same course and kit give the same bytes.
"""

from __future__ import annotations

import io
import re
import zipfile
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import UsageError
from autograder.faces.gradescope.container import ORDER, ContainerOrder
from autograder.trusted.assignment.course import KIT, checks_folder
from autograder.trusted.assignment.course_settings import CONFIG, as_config

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.trusted.assignment.course import Course

SETUP, RUN, REQUIREMENTS, CONSTRAINTS = "setup.sh", "run_autograder", "requirements.txt", "constraints.txt"
CPU_BUILDS = "https://download.pytorch.org/whl/cpu"
DISTRIBUTION = "comp90051-autograder"

_HERE = Path(__file__).parent
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip file can store
_PLAIN, _EXECUTABLE = 0o100644, 0o100755
_NOT_FOR_GRADING = {"jupyter", "nbgrader"}  # only students and authors need them; they would double the image
_EXTRA_TORCH = re.compile(r"""extra == ["']torch["']""")
_NAME = re.compile(r"[^\w-]")
_LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}


def write_archive(course: Course, order: ContainerOrder, path: Path) -> list[str]:
    """Write the archive to `path`; returns the names of the files in it.

    Raises UsageError if the course lacks its release or solutions, or the file cannot be written.
    """
    files = dict(sorted(_files(course, order)))
    written = io.BytesIO()
    # Stored, not compressed: a compressor's output changes with its version.
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.create_system = 3  # Unix, whose permissions follow
            info.external_attr = (_EXECUTABLE if name in (SETUP, RUN) else _PLAIN) << 16
            archive.writestr(info, content)
    try:
        path.write_bytes(written.getvalue())
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}): name another --output.") from error
    return list(files)


def _files(course: Course, order: ContainerOrder) -> Iterator[tuple[str, bytes]]:
    for name in (SETUP, RUN):
        yield name, (_HERE / name).read_bytes()
    yield ORDER, msgspec.json.format(msgspec.json.encode(order), indent=2) + b"\n"
    yield from packages(with_torch=course.uses_torch)
    for folder in (course.source, course.release, course.solutions):
        if not folder.is_dir():
            raise UsageError(f"There is no {folder}, without which nothing can be graded: run `autograder build`.")
        yield from _tree(folder, folder.relative_to(course.root))
    yield CONFIG, as_config(course.settings).encode()
    if course.checks.is_dir():
        yield from _tree(course.checks, course.checks_place)
    yield from kit_files()


def kit_files() -> Iterator[tuple[str, bytes]]:
    """The kit's own files, without any assignment's checks, by their places below a folder that Python imports from."""
    yield from _tree(KIT / "autograder", Path("autograder"), without=checks_folder(KIT))


def _tree(folder: Path, place: Path, without: Path | None = None) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        inside = path.relative_to(folder)
        if without is not None and path.is_relative_to(without):
            continue
        if path.is_file() and not path.is_symlink() and not _LEFT_OUT & set(inside.parts):
            yield (place / inside).as_posix(), path.read_bytes()


def packages(*, with_torch: bool) -> Iterator[tuple[str, bytes]]:
    """The two files that pip installs by what grading needs. Raises UsageError if the kit is not installed."""
    yield REQUIREMENTS, "".join(f"{each}\n" for each in requirements(with_torch=with_torch)).encode()
    yield CONSTRAINTS, constraints(version("torch")).encode() if with_torch else b""


def requirements(*, with_torch: bool) -> list[str]:
    """The packages that grading needs, from the kit's metadata. Raises UsageError if the kit is not installed."""
    try:
        wanted = requires(DISTRIBUTION) or []
    except PackageNotFoundError as error:
        raise UsageError("The kit is not installed: run `pip install -e .` in its folder.") from error
    extra = [each.partition(";")[0].strip() for each in wanted if with_torch and _EXTRA_TORCH.search(each)]
    return sorted(
        extra + [each for each in wanted if "extra ==" not in each and _NAME.split(each)[0] not in _NOT_FOR_GRADING]
    )


def constraints(installed: str) -> str:
    """What holds torch to the CPU build of this version, with the index that has it; for pip's --constraint.

    It is empty for a version that was never released: whatever the requirements allow is taken.
    """
    released = re.fullmatch(r"(\d+\.\d+\.\d+)(\+\w+)?", installed)
    return f"--extra-index-url {CPU_BUILDS}\ntorch=={released[1]}+cpu\n" if released else ""
