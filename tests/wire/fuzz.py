"""A hostile worker that answers every request with random, mutated and truncated frames.

    PYTHONPATH=. python tests/wire/fuzz.py --frames 1000000

The trusted side is the real one, from `Student` down to the socket; only the process is not there. Each
answer must be taken, or refused by a CheckFailure (it lies elsewhere), a StudentError or the loss of the
worker, at once and within bounds.
"""

from __future__ import annotations

import argparse
import random
import resource
import socket
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import msgspec
import torch

from autograder.errors import CheckFailure, StudentError, WorkerLost
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import RemoteModule, Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.safe_outputs import checked_outputs
from autograder.trusted.execution.workers import Worker
from autograder.trusted.submissions.cells import NotebookCell
from autograder.wire.arrays import ArrayData
from autograder.wire.frames import HEADER
from autograder.wire.messages import (
    CellRan,
    Described,
    ErrorReport,
    Exited,
    Raised,
    ReferenceCall,
    Reply,
    ReportedFrame,
    Returned,
    Watched,
    WorkerReady,
)
from autograder.wire.values import DictData, Handle, ListData, NamedData, Opaque, TensorData, TupleData

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SECONDS_EACH = 1.0
MEMORY_MIB = 512  # beyond what the process takes before the first frame

PACKED = msgspec.msgpack.Encoder()
TENSOR = TensorData("float32", (2, 2), "cpu", bytes(16), True, True, TensorData("float32", (2, 2), "cpu", bytes(16)))
VALUES = (
    None, True, 2**63 - 1, -1.5, float("nan"), "text", TENSOR,
    ArrayData("int8", (3,), b"abc"), NamedData("dtype", "int8"),
    ListData((1, TupleData((2.0, "x")))), DictData(("a", "b"), (1, TENSOR)), Handle(0, "Model"), Opaque("Mine", "why"),
    TensorData("float32", (0, 2**40), "cpu", b""), TensorData("bool", (), "cuda:0", b"\x01"),
    TensorData("int64", (-1,), "cpu", b""),
)  # fmt: skip
_FRAMES = (ReportedFrame(0, 1, "f", "x = 1"), ReportedFrame(-5, 2**40, "", ""))
PROBLEM = ErrorReport(
    "ValueError",
    ("Exception",),
    "text \x1b[2J",
    (ReportedFrame(0, 1, "f", "x = 1"), ReportedFrame(-5, 2**40, "", "")),
    True,
)


class NoProcess:
    """In the place of `Workers`: there is nothing to kill."""

    inherited = False

    def kill(self, pid: int) -> None:
        """Nothing."""

    def wait(self, pid: int) -> Exited:
        """As if it had been killed."""
        return Exited(pid, 9)


def honest_replies() -> list[bytes]:
    """One reply of every kind, with every kind of value in it."""
    replies: list[Reply] = [Returned(value, (value, value)) for value in VALUES]
    replies += [
        CellRan(0, PROBLEM, ({"output_type": "stream", "name": "stdout", "text": "x"},)),
        Watched(("sigmoid",)),
        Raised(PROBLEM),
        Raised(PROBLEM, missing=True),
        Described(True, {"weight": TENSOR}, {"mean": TENSOR}, {"": True}),
        ReferenceCall("f", (TENSOR,), TENSOR),
    ]
    return [PACKED.encode(reply) for reply in replies]


class Hostile:
    """Makes bytes that a worker might send in the place of a reply."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._honest = honest_replies()

    def frames(self) -> bytes:
        """One or a few frames, or what passes for one."""
        rng = self._rng
        kind = rng.random()
        if kind < 0.15:
            body = rng.randbytes(rng.randrange(200))
        elif kind < 0.2:
            body = bytes([rng.choice(b"\x80\x90\x91\xdc\xdd\xde\xdf\xc6\xdb\xc9\xd9\xa0\xc0\xff")]) * rng.randrange(
                2000
            )
        else:
            body = self._mutated(rng.choice(self._honest))
        frame = HEADER.pack(len(body), rng.choice((1, 1, 1, 1, 1, 1, 1, 2))) + body
        if kind > 0.95:
            frame = frame[: rng.randrange(len(frame) + 1)]
        elif kind > 0.93:
            frame = rng.randbytes(HEADER.size) + body
        elif kind > 0.85:
            frame += self.frames()
        return frame

    def _mutated(self, body: bytes) -> bytes:
        rng, mutable = self._rng, bytearray(body)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 4, 16))):
            at = rng.randrange(len(mutable)) if mutable else 0
            how = rng.randrange(6)
            if how == 0 and mutable:
                mutable[at] ^= 1 << rng.randrange(8)
            elif how == 1 and mutable:
                mutable[at] = rng.randrange(256)
            elif how == 2:
                mutable[at:at] = rng.randbytes(rng.randrange(1, 9))
            elif how == 3:
                del mutable[at : at + rng.randrange(1, 9)]
            elif how == 4:
                other = rng.choice(self._honest)
                start = rng.randrange(len(other))
                mutable[at : at + rng.randrange(20)] = other[start : start + rng.randrange(40)]
            else:
                mutable[at:at] = mutable[at : at + rng.randrange(60)] * rng.randrange(1, 4)
        return bytes(mutable)


def meet(frames: bytes, question: int, scratch: Path) -> str:
    """ReferenceCall a worker that answers with `frames`; how that ended, in a word."""
    ours, theirs = socket.socketpair()
    with theirs:
        body = PACKED.encode(WorkerReady())
        theirs.sendall(HEADER.pack(len(body), 0) + body + frames)
        theirs.shutdown(socket.SHUT_WR)
        worker = Worker(NoProcess(), 0, ours, scratch)  # type: ignore[arg-type]
        notebook = ExecutedNotebook(
            Opening(worker), [NotebookCell("f", "f = 1")], SECONDS_EACH, keep_outputs=True, most_fatal=1
        )  # type: ignore[arg-type]
        try:
            if question == 0:
                notebook.worker()
                checked_outputs(notebook.outputs[0])
                return "ran"
            notebook._worker = worker
            student = Student(RecordedCalls(notebook))
            if question == 1:
                student.f.differentiate(torch.ones(2), 1)
                return "answered"
            student_model = RemoteModule(student, Handle(0, "Model"))
            student_model.describe()
        except (CheckFailure, StudentError, WorkerLost) as error:
            return type(error).__name__
        else:
            return "described"
        finally:
            notebook.close()


class Opening:
    """In the place of `Workers`: gives one worker that is there already."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker

    def open(self, files: Path | None = None, *, with_gpu: bool = False) -> Worker:
        """That worker."""
        return self._worker


def fuzz(frames: int, seed: int, scratch: Path) -> tuple[Counter[str], float, float]:
    """Meet so many hostile frames: how they ended, the longest time in seconds, and memory gained in MiB."""
    hostile, ended, longest = Hostile(seed), Counter[str](), 0.0
    meet(hostile.frames(), 0, scratch)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(frames):
        sent = hostile.frames()
        start = time.perf_counter()
        try:
            ended[meet(sent, number % 3, scratch)] += 1
        except Exception:
            sys.stderr.write(f"frame {number} with seed {seed}: {sent!r}\n")
            raise
        longest = max(longest, time.perf_counter() - start)
    return ended, longest, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


def main(arguments: Sequence[str] | None = None) -> None:
    from pathlib import Path

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    start = time.perf_counter()
    ended, longest, gained = fuzz(options.frames, options.seed, Path("/nonexistent"))
    print(f"{options.frames} frames in {time.perf_counter() - start:.0f} s: {dict(ended.most_common())}")
    print(f"The longest took {longest * 1000:.0f} ms; the process has grown by {gained:.0f} MiB.")


if __name__ == "__main__":
    main()
