"""What travels between the tutor's machine and a Dask worker, packed as msgpack."""

from __future__ import annotations

from msgspec import Struct

from autograder.trusted.results.records import NotebookRecord


class HandedIn(Struct, frozen=True):
    """A submission and its bytes: None of one that is missing, or `unreadable` for the reason given."""

    student: str
    notebook: str
    content: bytes | None
    unreadable: str = ""
    notes: tuple[str, ...] = ()


class Placed(Struct, frozen=True):
    """A submission whose bytes lie at `path` (None of one without), on the machine where it is to be graded."""

    student: str
    notebook: str
    path: str | None
    notes: tuple[str, ...]


class GradedInBatch(Struct, frozen=True):
    """What came of a submission: its record, and where the kit failed, why."""

    record: NotebookRecord | None
    fault: str = ""


class BatchResult(Struct, frozen=True):
    """What came of a batch, in its order; or the sentence with which its machine refuses to grade any.

    `no_sandbox` says that it refuses because it cannot put student code into a sandbox.
    """

    graded: tuple[GradedInBatch, ...] = ()
    refusal: str = ""
    no_sandbox: bool = False
