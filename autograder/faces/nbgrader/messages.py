"""The messages between the client and the grading server: one JSON object a line, over a pipe."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from autograder.trusted.results.records import NotebookRecord


class OrderedNotebook(Struct, frozen=True):
    """One notebook of an order, and how its file was recognised, where its name alone does not say it.

    `below` is the folder with all that students hand in.
    """

    student: str
    notebook: str
    path: str
    notes: tuple[str, ...] = ()
    below: str = ""


class ClassOrder(Struct, frozen=True):
    """The class to grade: the course, the settings, and the notebooks.

    Without a `seed`, the order has that of the course's results.
    `jobs` 0 means all cores. With `demonstrations`, the results include the outputs of the author's own figures.
    """

    root: str
    assignment: str
    submissions: tuple[OrderedNotebook, ...]
    seconds: float
    seed: int | None
    isolation: str
    jobs: int = 0
    demonstrations: bool = False


class GradedNotebook(Struct, tag="graded", frozen=True):
    """One notebook's record, and the nbformat outputs of its cells by their index among the submitted cells."""

    student: str
    notebook: str
    record: NotebookRecord | None
    shown: dict[str, list[dict[str, Any]]]
    fault: str = ""


class Refused(Struct, tag="refused", frozen=True):
    """The server grades nothing more; `sentence` says why."""

    sentence: str


Line = GradedNotebook | Refused
