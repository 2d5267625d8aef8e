"""The graders of one Dask worker: a program of its own, as a Dask worker may not fork and has threads.

python -m autograder.cluster.graders DESCRIPTOR ...

Standard input holds the Parcel. Each descriptor is a seat, with a grader of a ClassRun of its own: it says None
when the grader is ready (or the KitError that stops it), then answers each Placed that is sent there with
its GradedInBatch. The program ends when all seats are given up, when a grader or the template dies, or when
nobody has asked for anything for a while.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

import msgspec

from autograder.cluster.messages import GradedInBatch, Placed
from autograder.cluster.parcel import Parcel, unpacked
from autograder.errors import KitError
from autograder.trusted.grading.class_run import ClassRun, Done, Task
from autograder.trusted.submissions.find import Submission

IDLE_SECONDS = 60.0


def serve(run: ClassRun, seats: list[Connection]) -> None:
    """Start a grader for each seat, and carry what both say."""
    with run.graders(len(seats)) as graders:
        other = dict(zip(graders, seats, strict=True)) | dict(zip(seats, graders, strict=True))
        busy = set(graders)  # until it says that it is ready
        while other:
            ready = wait(list(other), None if busy else IDLE_SECONDS)
            if not ready:
                return
            for connection in ready:
                assert isinstance(connection, Connection)
                if connection not in other:
                    continue  # given up a moment ago
                try:
                    other[connection].send(_passed_on(connection.recv()))
                except (EOFError, ConnectionError):
                    if connection in graders:
                        return  # nobody is kept waiting by a grader that is gone
                    grader = other.pop(connection)
                    del other[grader]
                    busy.discard(grader)
                    continue
                busy ^= {connection if connection in graders else other[connection]}


def _passed_on(said: Placed | Done | KitError | None) -> Task | GradedInBatch | KitError | None:
    """What a seat says as a grader understands it, and the other way round."""
    if isinstance(said, Placed):
        path = None if said.path is None else Path(said.path)
        return Task(Submission(said.student, said.notebook, path, said.notes))
    return GradedInBatch(said.record, said.fault) if isinstance(said, Done) else said


def main() -> None:
    """Unpack the parcel from standard input, and serve the seats."""
    seats = [Connection(int(descriptor)) for descriptor in sys.argv[1:]]
    parcel = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Parcel)
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-course-") as folder:
            course = unpacked(parcel, Path(folder))
            serve(ClassRun(course, parcel.settings, len(seats), parcel.isolation), seats)
    except KitError as refusal:
        for seat in seats:
            with suppress(ConnectionError):
                seat.send(refusal)


if __name__ == "__main__":
    main()
