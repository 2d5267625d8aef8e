"""The graders of one Dask worker, in a separate program, because a Dask worker has threads and must not fork.

Standard input holds the Parcel. Each argument is the descriptor of a seat: a connection to one grader of the
ClassRun. The seat sends None when its grader is ready (or the KitError that stops it), then replies to each Placed
with a GradedInBatch. The program ends when all seats are closed, when a grader or the template dies, or when no
request comes for a while.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from autograder.cluster.messages import GradedInBatch, Placed
from autograder.cluster.parcel import read_parcel, unpacked
from autograder.errors import KitError
from autograder.trusted.grading.class_run import ClassRun, Done, Task
from autograder.trusted.submissions.submission import Submission

IDLE_SECONDS = 60.0


def serve(run: ClassRun, seats: list[Connection]) -> None:
    """Start a grader for each seat, and pass messages between the two."""
    with run.graders(len(seats), long_run=True) as graders:
        other = dict(zip(graders, seats, strict=True)) | dict(zip(seats, graders, strict=True))
        busy = set(graders)  # each is busy until it says that it is ready
        while other:
            ready = wait(list(other), None if busy else IDLE_SECONDS)
            if not ready:
                return
            for connection in ready:
                assert isinstance(connection, Connection)
                if connection not in other:
                    continue  # the seat was closed a moment ago
                try:
                    other[connection].send(_passed_on(connection.recv()))
                except (EOFError, ConnectionError):
                    if connection in graders:
                        return  # a grader has ended: end the program, so that its Dask worker does not wait for it
                    grader = other.pop(connection)
                    del other[grader]
                    busy.discard(grader)
                    continue
                busy ^= {connection if connection in graders else other[connection]}


def _passed_on(said: Placed | Done | KitError | None) -> Task | GradedInBatch | KitError | None:
    """Translate a seat's message for its grader, or a grader's message for its seat."""
    if isinstance(said, Placed):
        path = None if said.path is None else Path(said.path)
        return Task(
            Submission(
                said.student,
                said.notebook,
                path,
                said.notes,
                needs_review=said.needs_review,
                files_read=said.beside,
            )
        )
    return GradedInBatch(said.record, said.fault) if isinstance(said, Done) else said


def main() -> None:
    """Unpack the parcel from standard input, and serve the seats."""
    seats = [Connection(int(descriptor)) for descriptor in sys.argv[1:]]
    content = sys.stdin.buffer.read()
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-course-") as folder:
            parcel = read_parcel(content)
            course = unpacked(parcel, Path(folder))
            serve(ClassRun(course, parcel.settings, len(seats), parcel.isolation), seats)
    except KitError as refusal:
        for seat in seats:
            with suppress(ConnectionError):
                seat.send(refusal)
