"""What was read of each notebook when it was graded, kept beside the results: the report need not read it again.

works.jsonl has a line for each notebook. It is a convenience: one that is not there, is damaged, or is of other bytes
or another version of the kit costs the time to read the file again, and nothing else.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

import msgspec
from msgspec import Struct

from autograder.trusted.results.atomic_files import replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator
    from pathlib import Path

WORKS = "works.jsonl"
MAX_CODE = 4_000  # characters of an exercise that are shown; one more is kept, which tells that there were more


class Work(Struct, frozen=True):
    """What is in one file: the fingerprints of each exercise that was attempted, and the beginning of its source.

    `fingerprint` is that of the file's bytes and of all else that decides what is read of them.
    """

    student: str
    notebook: str
    fingerprint: str
    exercises: dict[str, frozenset[int]]
    sources: dict[str, str]


class _Whose(Struct, frozen=True):
    student: str
    notebook: str


T = TypeVar("T", bound=Struct)


@contextmanager
def works_added(folder: Path) -> Iterator[Callable[[Work], None]]:
    """What adds a work to those in a folder, which the caller has locked; it replaces one of the same notebook.

    Where the disk is full, works are not kept.
    """
    path = folder / WORKS
    replaces = path.exists()
    with path.open("ab", buffering=0) as file:

        def write(line: bytes) -> None:
            with suppress(OSError):
                file.write(line + b"\n")

        if replaces:
            write(b"")  # a killed run may have left half a line
        yield lambda work: write(msgspec.json.encode(work))
    if replaces:
        _keep_latest(path)


def forget_works(folder: Path, students: Container[str]) -> None:
    """Forget all works of these students."""
    _keep_latest(folder / WORKS, students)


def read_works_in(folder: Path) -> dict[str, Work]:
    """The works in a folder, by their fingerprints."""
    return {work.fingerprint: work for _, work in _lines(folder / WORKS, Work)}


def _keep_latest(path: Path, gone: Container[str] = ()) -> None:
    """Drop what later lines replace, what is damaged, and the works of students who are gone."""
    latest = {whose: number for number, whose in _lines(path, _Whose) if whose.student not in gone}
    kept = frozenset(latest.values())
    try:
        with replaced(path) as temporary, temporary.open("wb") as file, path.open("rb") as lines:
            file.writelines(line for number, line in enumerate(lines) if number in kept)
    except OSError:  # there is no room for a second file
        path.unlink(missing_ok=True)


def _lines(path: Path, of: type[T]) -> Iterator[tuple[int, T]]:
    """Each line that is one, with its number; one that a killed run left, or another version, is passed over."""
    decoder = msgspec.json.Decoder(of)
    with suppress(FileNotFoundError), path.open("rb") as lines:
        for number, line in enumerate(lines):
            with suppress(msgspec.DecodeError):
                yield number, decoder.decode(line)
