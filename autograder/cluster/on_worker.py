"""The code that runs inside a Dask worker: it gives the notebooks of a batch to a local grader, one by one."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import structs

from autograder.cluster.messages import BatchResult, GradedInBatch, HandedIn, Placed
from autograder.errors import KitError, SandboxUnavailable
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

_open: dict[bytes, Graders] = {}  # by parcel
_opening = threading.Lock()
# With the kit of this process, whatever kit stands in the folder where it runs.
_PROGRAM = "import sys; sys.path[:] = {!r}; from autograder.cluster.graders import main; main()"
# Dask's nanny sets it for the sake of large data: graders would hand the same few pages back and forth.
_OF_A_NANNY = "MALLOC_TRIM_THRESHOLD_"


class GradersLost(Exception):
    """The program with this machine's graders has ended."""


class Graders:
    """The graders of this Dask worker for one parcel, started as a separate program.

    Args:
        parcel: a Parcel, packed.
        count: how many to start; each thread of the Dask worker takes one for its batch.
    """

    def __init__(self, parcel: bytes, count: int) -> None:
        pairs = [socket.socketpair() for _ in range(count)]
        theirs = [their for _, their in pairs]
        descriptors = [their.fileno() for their in theirs]
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM.format(sys.path), *map(str, descriptors)],
            env={name: value for name, value in os.environ.items() if name != _OF_A_NANNY},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            pass_fds=descriptors,
            start_new_session=True,
        )
        for their in theirs:
            their.close()
        assert self._process.stdin is not None
        with self._process.stdin as parcels:
            parcels.write(parcel)
        self._free = [Connection(ours.detach()) for ours, _ in pairs]
        self._freed = threading.Condition()
        self._new = set(self._free)
        self._latest: dict[Connection, str] = {}  # the notebook that a seat's grader had

    def close(self) -> None:
        """Hang up on the graders that nobody uses; their program then ends."""
        with self._freed:
            while self._free:
                self._free.pop().close()
        self._process.wait()

    @contextmanager
    def seat(self, notebook: str) -> Iterator[Connection]:
        """Yield the connection to a grader that is ready, for the time of one batch that begins with this notebook.

        It is one that had the same notebook before, if such a one is free: what it learned of its exercises is used.

        Raises:
            KitError: the grader cannot start.
            GradersLost: the grader has ended, before or during the batch.
        """
        with self._freed:
            self._freed.wait_for(lambda: self._free)
            seat = max(self._free, key=lambda each: (self._latest.get(each) == notebook, each not in self._latest))
            self._free.remove(seat)
            self._latest[seat] = notebook
        try:
            if seat in self._new:
                refusal = seat.recv()
                if refusal is not None:
                    raise refusal
                self._new.discard(seat)
            yield seat
        except (EOFError, ConnectionError) as error:
            self._process.wait()  # the program ends by itself
            raise GradersLost from error
        finally:
            with self._freed:
                self._free.append(seat)
                self._freed.notify()


def grade_batch(parcel: bytes, batch: bytes) -> bytes:
    """Grade a packed list of HandedIn; returns a packed BatchResult."""
    from distributed import get_worker

    worker = get_worker()
    submissions = msgspec.msgpack.decode(batch, type=list[HandedIn])
    graded: list[GradedInBatch] = []
    while len(graded) < len(submissions):
        graders = _graders(parcel, worker.state.nthreads)
        try:
            notebook = submissions[len(graded)].notebook
            with graders.seat(notebook) as seat, tempfile.TemporaryDirectory(prefix="autograder-batch-") as folder:
                while len(graded) < len(submissions):
                    graded.append(_grade(submissions[len(graded)], seat, Path(folder, "handed-in")))
        except GradersLost:
            _forget(parcel, graders)
            graded.append(_grade_alone(submissions[len(graded)], parcel))
        except KitError as refusal:
            _forget(parcel, graders)
            sentence = f"The Dask worker at {worker.address} cannot grade: {refusal}"
            return msgspec.msgpack.encode(BatchResult(tuple(graded), sentence, isinstance(refusal, SandboxUnavailable)))
    return msgspec.msgpack.encode(BatchResult(tuple(graded)))


def _grade_alone(handed_in: HandedIn, parcel: bytes) -> GradedInBatch:
    """Grade a notebook over which graders were lost by one that does nothing else, so that nobody pays for another."""
    graders = Graders(parcel, 1)
    try:
        with (
            graders.seat(handed_in.notebook) as seat,
            tempfile.TemporaryDirectory(prefix="autograder-batch-") as folder,
        ):
            return _grade(handed_in, seat, Path(folder, "handed-in"))
    except GradersLost:
        return GradedInBatch(None, "Its grader process ended over it twice")
    except KitError as refusal:
        return GradedInBatch(None, f"No grader could begin: {refusal}")
    finally:
        graders.close()


def _grade(handed_in: HandedIn, seat: Connection, place: Path) -> GradedInBatch:
    """Write a notebook's bytes to `place`, and let a grader grade it."""
    if handed_in.content is not None:
        place.write_bytes(handed_in.content)
    path = str(place) if handed_in.content is not None else None
    seat.send(
        Placed(handed_in.student, handed_in.notebook, path, handed_in.notes, handed_in.needs_review, handed_in.beside)
    )
    graded = seat.recv()
    if not isinstance(graded, GradedInBatch):
        raise EOFError("the template has ended, and with it the grader")
    if graded.record is None or not handed_in.unreadable:
        return graded
    return GradedInBatch(structs.replace(graded.record, status=outcomes.UNREADABLE, reason=handed_in.unreadable))


def _graders(parcel: bytes, count: int) -> Graders:
    with _opening:
        if parcel not in _open:
            _open[parcel] = Graders(parcel, count)
        return _open[parcel]


def _forget(parcel: bytes, graders: Graders) -> None:
    with _opening:
        if _open.get(parcel) is graders:
            del _open[parcel]
