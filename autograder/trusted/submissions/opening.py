"""What students hand in, opened: below the folder that the tutor named, no link is followed and no pipe waited for.

Each part of a path is opened relative to the folder before it, so that nothing that is changed meanwhile helps.
"""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MAX_DEPTH = 16  # folders within folders that are copied
MAX_COPIED = 10_000  # files

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_ON_THE_WAY = getattr(os, "O_PATH", 0) | _FOLDER  # which asks for the right to pass through, not to read
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFREG: "a file",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class Refused(OSError):
    """A part of a path is a link, or not the folder or file that it should be."""


@dataclass(frozen=True)
class Entry:
    """What stands in a folder under `name`: its kind (a link is a link), and when it was changed, in epoch seconds."""

    name: str
    kind: int
    changed: float

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder itself."""
        return self.kind == stat.S_IFDIR

    @property
    def is_file(self) -> bool:
        """Whether it is a plain file itself."""
        return self.kind == stat.S_IFREG


def entries(folder: Path, below: Path) -> list[Entry]:
    """What stands in a folder, by name; `below` is the folder that the tutor named. Raises OSError, as opened_file."""
    found = []
    with _opened_folder(folder, below, _FOLDER) as descriptor:
        for name in sorted(os.listdir(descriptor)):
            with suppress(FileNotFoundError):  # it has gone meanwhile
                status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
                found.append(Entry(name, stat.S_IFMT(status.st_mode), status.st_mtime))
    return found


def is_there(path: Path, below: Path) -> bool:
    """Whether there is anything at a path, a link that leads nowhere included. Raises OSError, as opened_file."""
    with _opened_folder(path.parent, below, _ON_THE_WAY) as parent:
        try:
            os.stat(path.name, dir_fd=parent, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True


@contextmanager
def opened_file(path: Path, below: Path) -> Iterator[int]:
    """A descriptor to read the plain file `path` from; `below` is the folder that the tutor named.

    Raises OSError where it cannot be opened: Refused, if a part of the path below `below` is a link, or is not the
    folder or file that it should be.
    """
    with _opened_folder(path.parent, below, _ON_THE_WAY) as parent:
        descriptor = _opened(path.name, parent, stat.S_IFREG, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise Refused("it is not a file any more")
        yield descriptor
    finally:
        os.close(descriptor)


def copy_plain_files(
    folder: Path, below: Path, target: Path, most_bytes: int, *, wanted: Callable[[str], bool] = lambda _: True
) -> list[str]:
    """Copy the plain files in a folder and in those below it, if their names are `wanted`.

    Left out is each link, of whatever it is, all that cannot be read, and what comes after `most_bytes`,
    MAX_COPIED files or MAX_DEPTH folders. Returns the names of what was left out.
    """
    left_out: list[str] = []
    waiting, room, copied = [(folder, target, 0)], most_bytes, 0
    while waiting:
        place, place_there, depth = waiting.pop()
        try:
            found = entries(place, below)
        except OSError:
            left_out.append(place.name)
            continue
        for entry in found:
            if not wanted(entry.name):
                continue
            if entry.is_folder and depth < MAX_DEPTH:
                waiting.append((place / entry.name, place_there / entry.name, depth + 1))
                continue
            try:
                with (
                    opened_file(place / entry.name, below) as descriptor,
                    os.fdopen(os.dup(descriptor), "rb") as source,
                ):
                    size = os.fstat(descriptor).st_size
                    if size > room or copied == MAX_COPIED:
                        raise Refused("there is no room for it")
                    room -= size
                    place_there.mkdir(parents=True, exist_ok=True)
                    with (place_there / entry.name).open("wb") as copy:
                        shutil.copyfileobj(source, copy)
                    copied += 1
            except OSError:
                left_out.append(entry.name)
    return left_out


@contextmanager
def _opened_folder(folder: Path, below: Path, flags: int) -> Iterator[int]:
    """A descriptor of a folder, opened part by part from `below`, which may be a link itself."""
    parts = folder.relative_to(below).parts
    descriptor = os.open(below, _ON_THE_WAY if parts else flags)
    try:
        for number, part in enumerate(parts, start=1):
            inner = _opened(part, descriptor, stat.S_IFDIR, _ON_THE_WAY if number < len(parts) else flags)
            os.close(descriptor)
            descriptor = inner
        yield descriptor
    finally:
        os.close(descriptor)


def _opened(name: str, parent: int, kind: int, flags: int) -> int:
    """A descriptor of what is called `name` in the folder `parent`. Raises Refused where it is of another kind.

    Its kind is looked at before, as to open a device may do something, and so that the reason can be told.
    """
    found = stat.S_IFMT(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    if name == ".." or found != kind:
        whose = "it" if kind == stat.S_IFREG else f"its folder `{one_line(name, 60)}`"
        raise Refused(f"{whose} is {_KINDS.get(found, 'of no known kind')}")
    return os.open(name, flags | os.O_NOFOLLOW, dir_fd=parent)
