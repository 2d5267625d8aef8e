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
        self._lost = False  # whether the service has ended before its time, once
        self._service = _started(order)

    def can_tell(self, student: str, notebook: str) -> bool:
        """Whether this result was ordered, and has not been returned yet."""
        return (student, notebook) in self._awaited

    def result(self, student: str, notebook: str) -> GradedNotebook:
        """Wait for one result; the ones that come before it are kept. Raises KitError where there is none."""
        while (student, notebook) not in self._results:
            assert self._service.stdout is not None
            said = self._service.stdout.readline()
            if not said and not self._lost:
                self._start_again()
                continue
            if not said:
                raise KitError(f"The grading service ended before it had graded {student}'s {notebook}; run again.")
            line = msgspec.json.decode(said, type=Line)
            if isinstance(line, Refused):
                raise KitError(line.sentence)
            self._results[line.student, line.notebook] = line
        self._awaited.discard((student, notebook))
        graded = self._results.pop((student, notebook))
        if graded.record is None:
            raise KitError(f"{student}'s {notebook} could not be graded: {graded.fault}")
        return graded

    def _start_again(self) -> None:
        """Order what is left of a service that has ended; what it has graded is in results.jsonl."""
        self._lost = True
        self.close()
        left = [
            each
            for each in self.order.submissions
            if (each.student, each.notebook) in self._awaited - self._results.keys()
        ]
        self._service = _started(msgspec.structs.replace(self.order, submissions=tuple(left)))

    def close(self) -> None:
        """End the grading server; its results so far are in results.jsonl."""
        assert self._service.stdout is not None
        self._service.stdout.close()  # the server ends when it cannot write
        self._service.wait()

    @property
    def finished(self) -> bool:
        """Whether every result has been returned."""
        return not self._awaited


def _started(order: ClassOrder) -> subprocess.Popen[bytes]:
    service = subprocess.Popen(
        [sys.executable, "-m", "autograder.faces.nbgrader.server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert service.stdin is not None
    service.stdin.write(msgspec.json.encode(order))
    service.stdin.close()
    return service


def graded_by_server(student: str, notebook: str, order: Callable[[], ClassOrder]) -> GradedNotebook:
    """One result, from the open client if its order has it, else from a new client. Raises KitError."""
    if not (_open and _open[0].can_tell(student, notebook)):
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
