"""The files beside a notebook in its student's own folder, such as a helpers.py or a table of data.

A notebook finds them in its working directory, as on the student's machine. They are plain files, few and small; no
link is followed, and nothing is read of a folder that is not the student's alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.opening import Refused, entries, opened_file

if TYPE_CHECKING:
    from pathlib import Path

MAX_FILES = 200
MAX_BYTES = 16 * 2**20  # of all of them
MAX_FOLDERS_DEEP = 4
MAX_NAMED = 5  # of those that were left out


@dataclass(frozen=True)
class FilesBeside:
    """Files by their path below the student's folder, and what of it was `left_out`, by name."""

    content: dict[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    def put_into(self, folder: Path) -> None:
        """Write the files into an empty folder."""
        for name, content in self.content.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)

    @property
    def parts(self) -> tuple[bytes, ...]:
        """Names and contents, for a fingerprint; nothing where there are no files."""
        named = sorted((os.fsencode(name), content) for name, content in self.content.items())
        return tuple(part for pair in named for part in pair)


def files_beside(folder: Path, below: Path) -> FilesBeside:
    """Read the plain files in a student's folder, notebooks aside; `below` is the folder that the tutor named."""
    found: dict[str, bytes] = {}
    left_out: list[str] = []
    waiting, room = [(folder, 0)], MAX_BYTES
    while waiting:
        place, depth = waiting.pop()
        try:
            here = entries(place, below)
        except OSError:
            continue
        for entry in here:
            path = place / entry.name
            if entry.name.startswith((".", "__")) or path.suffix.lower() == ".ipynb":
                continue
            if entry.is_folder and depth < MAX_FOLDERS_DEEP:
                waiting.append((path, depth + 1))
                continue
            try:
                if len(found) == MAX_FILES:
                    raise Refused("there are too many")
                content = _content(path, below, room)
            except OSError:
                left_out.append(one_line(entry.name, 60))
            else:
                room -= len(content)
                found[str(path.relative_to(folder))] = content
    return FilesBeside(found, tuple(left_out))


def _content(path: Path, below: Path, room: int) -> bytes:
    """The bytes of a plain file. Raises OSError where it is none, or has more than `room`."""
    with opened_file(path, below) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        if os.fstat(descriptor).st_size > room:
            raise Refused("there is no room for it")
        content = file.read(room + 1)
    if len(content) > room:
        raise Refused("there is no room for it")
    return content
