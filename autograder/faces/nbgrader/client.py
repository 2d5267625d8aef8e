"""The client of the grading server: it sends the order of a class once, and returns one result at a time."""

from __future__ import annotations

import atexit
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import KitError
from autograder.faces.nbgrader.messages import ClassOrder, GradedNotebook, Line, Refused

if TYPE_CHECKING:
    from collections.abc import Callable

_open: list[GradingClient] = []  # at most one: nbgrader grades one assignment at a time


class GradingClient:
    """The results of one order, as the grading server sends them."""

    def __init__(self, order: ClassOrder) -> None:
        self.order = order
        self._results: dict[tuple[str, str], GradedNotebook] = {}
        self._awaited = {(each.student, each.notebook) for each in order.submissions}
        self._server = subprocess.Popen(
            [sys.executable, "-m", "autograder.faces.nbgrader.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._server.stdin is not None
        self._server.stdin.write(msgspec.json.encode(order))
        self._server.stdin.close()

    def can_tell(self, course: tuple[str, str], student: str, notebook: str) -> bool:
        """Whether this result was ordered, of this course and assignment, and has not been returned yet."""
        return course == (self.order.root, self.order.assignment) and (student, notebook) in self._awaited

    def result(self, student: str, notebook: str) -> GradedNotebook:
        """Wait for one result, and keep those that come before it. Raises KitError if it could not be graded."""
        assert self._server.stdout is not None
        while (student, notebook) not in self._results:
            said = self._server.stdout.readline()
            if not said:
                raise KitError(f"The grading server ended before it had graded {student}'s {notebook}; run again.")
            line = msgspec.json.decode(said, type=Line)
            if isinstance(line, Refused):
                raise KitError(line.sentence)
            self._results[line.student, line.notebook] = line
        self._awaited.discard((student, notebook))
        graded = self._results.pop((student, notebook))
        if graded.record is None:
            raise KitError(f"{student}'s {notebook} could not be graded: {graded.fault}")
        return graded

    def close(self) -> None:
        """End the grading server; its results so far are in results.jsonl."""
        assert self._server.stdout is not None
        self._server.stdout.close()  # the server ends when it cannot write
        self._server.wait()

    @property
    def finished(self) -> bool:
        """Whether every result has been returned."""
        return not self._awaited


def graded_by_server(
    course: tuple[str, str], student: str, notebook: str, order: Callable[[], ClassOrder]
) -> GradedNotebook:
    """One result, from the open client if its order has it, else from a new client. Raises KitError.

    `course` is the course's folder and the assignment.
    """
    if not (_open and _open[0].can_tell(course, student, notebook)):
        close_client()
        _open.append(GradingClient(order()))
    try:
        graded = _open[0].result(student, notebook)
    except KitError:
        close_client()
        raise
    if _open[0].finished:
        close_client()
    return graded


@atexit.register
def close_client() -> None:
    """End the grading server, if one is running."""
    while _open:
        _open.pop().close()
