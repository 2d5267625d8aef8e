"""The messages between the tutor's machine and a Dask worker, packed as msgpack."""

from __future__ import annotations

from msgspec import Struct

from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.submissions.beside import FilesBeside


class HandedIn(Struct, frozen=True):
    """A submission and its bytes, which are None if it is missing; `unreadable` is the reason if it cannot be read.

    `beside` are the files that the notebook finds.
    """

    student: str
    notebook: str
    content: bytes | None
    unreadable: str = ""
    notes: tuple[str, ...] = ()
    needs_review: tuple[str, ...] = ()
    beside: FilesBeside = FilesBeside()


class Placed(Struct, frozen=True):
    """A submission whose bytes lie at `path` (None if it has none), on the machine that will grade it."""

    student: str
    notebook: str
    path: str | None
    notes: tuple[str, ...]
    needs_review: tuple[str, ...]
    beside: FilesBeside


class GradedInBatch(Struct, frozen=True):
    """The result of a submission: its record, or the reason why the kit failed."""

    record: NotebookRecord | None
    fault: str = ""


class BatchResult(Struct, frozen=True):
    """The results of a batch, in its order; only the first of them, if the machine refuses to go on, with a sentence.

    `no_sandbox` is true if the machine refuses because it cannot put student code into a sandbox.
    """

    graded: tuple[GradedInBatch, ...] = ()
    refusal: str = ""
    no_sandbox: bool = False
