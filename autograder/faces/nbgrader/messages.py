"""What the client and the grading server say to each other: one JSON object a line, over a pipe."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from autograder.trusted.results.records import NotebookRecord


class OrderedNotebook(Struct, frozen=True):
    """One notebook of an order, and how its file was recognised, where its name alone does not say it."""

    student: str
    notebook: str
    path: str
    notes: tuple[str, ...] = ()


class ClassOrder(Struct, frozen=True):
    """The class to grade: the course, the settings, and the notebooks.

    Without a `seed`, it is that of the course's results.
    `jobs` 0 means all cores. `demonstrations` asks for what the author's own figures show as well.
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
    """One notebook's record, and the nbformat outputs of its cells by their place among the submitted ones."""

    student: str
    notebook: str
    record: NotebookRecord | None
    shown: dict[str, list[dict[str, Any]]]
    fault: str = ""


class Refused(Struct, tag="refused", frozen=True):
    """Nothing more will be graded; `sentence` says why."""

    sentence: str


Line = GradedNotebook | Refused
