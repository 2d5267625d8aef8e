"""The tutor's side: send batches of notebooks to a Dask cluster, and collect the records."""

from __future__ import annotations

import functools
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from autograder.cluster.connection import connected, said
from autograder.cluster.dealing import WAITING_FOR_EACH, BatchQueue
from autograder.cluster.errand import errand, kit_here
from autograder.cluster.messages import BatchResult, GradedInBatch, HandedIn
from autograder.cluster.parcel import packed
from autograder.errors import KitError, SandboxUnavailable
from autograder.trusted.execution.template_process import SANDBOX
from autograder.trusted.grading.containment import faulty_record
from autograder.trusted.grading.settings import settings_fingerprint
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import NotebookRecord

GO_ON = "What the cluster has graded is kept: run the same command again to go on."
PATIENCE_SECONDS = 30.0  # how long to wait for a cluster that has no worker
_RESULTS = msgspec.msgpack.Decoder(BatchResult)


@dataclass
class ClusterRun:
    """Grades a class on a Dask cluster; it has the interface of a ClassRun.

    Attributes:
        address: the scheduler's address, such as tcp://10.0.0.5:8786.
        isolation: as in ClassRun, on every machine of the cluster.
        faults: failures of the kit itself, a sentence each; empty after a good run.
    """

    course: Course
    settings: Settings
    address: str
    isolation: str = SANDBOX
    faults: list[str] = field(default_factory=list)

    @functools.cached_property
    def fingerprint(self) -> bytes:
        """The fingerprint of the settings, which must be the same on every machine of the cluster."""
        return settings_fingerprint(self.course, self.settings)

    def grade(self, submissions: Sequence[Submission], record: Callable[[NotebookRecord], None]) -> None:
        """Grade every submission; `record` is called with each record as its batch comes back.

        If a Dask worker dies, another one grades its batch again, from the beginning.

        Raises:
            UsageError: there is no such cluster, or Dask is not installed.
            SandboxUnavailable: one of its machines cannot set up the sandbox.
            KitError: one of its machines has another kit or cannot grade this class, or none is left. What the others
                had in work is recorded.
        """
        waiting = BatchQueue(submissions)
        with connected(self.address) as client:
            parcel = client.submit(
                bytes, msgspec.msgpack.encode(packed(self.course, self.settings, self.isolation, self.fingerprint))
            )
            send = functools.partial(client.submit, errand(), client.submit(bytes, kit_here()), parcel, pure=False)
            running: dict[Any, tuple[_Seat, list[HandedIn]]] = {}
            refusals: dict[str, bool] = {}  # the sentences, and whether it is for want of a sandbox
            while True:
                seats = [] if refusals else _seats(client)
                sent = Counter(seat for seat, _ in running.values())
                for seat in sorted(WAITING_FOR_EACH * seats, key=sent.__getitem__):
                    if sent[seat] < WAITING_FOR_EACH and (batch := waiting.take(seat, len(seats))):
                        running[_sent_to(seat, send, msgspec.msgpack.encode(batch))] = seat, batch
                        sent[seat] += 1
                if not running:
                    break
                for future in _first_done(client, list(running), self.address):
                    _, batch = running.pop(future)
                    answer = _answer(future, batch)
                    if answer is None:
                        waiting.once_more(batch)
                        continue
                    self._take(answer, batch, record)
                    if answer.refusal:  # nothing more is sent, and what the others have in work is kept
                        refusals[answer.refusal] = answer.no_sandbox
            if refusals:
                raise (SandboxUnavailable if all(refusals.values()) else KitError)(" ".join([*refusals, GO_ON]))

    def _take(self, answer: BatchResult, batch: list[HandedIn], record: Callable[[NotebookRecord], None]) -> None:
        """Record what came of a batch; a machine that refuses has graded only its beginning, or nothing."""
        for handed_in, each in zip(batch, answer.graded, strict=not answer.refusal):
            graded = each.record
            if graded is None:
                lost = Submission(
                    handed_in.student, handed_in.notebook, None, handed_in.notes, needs_review=handed_in.needs_review
                )
                graded = faulty_record(self.course, lost, self.settings.seed, f"{each.fault}; look at it yourself.")
            record(graded)
            if each.fault:
                whose = f"{handed_in.student}'s {handed_in.notebook}"
                self.faults.append(f"{whose} was not graded as it should be: {each.fault}")


def _answer(future: Any, batch: list[HandedIn]) -> BatchResult | None:
    """What came of a batch; None if it is to be tried once more, each notebook in a batch of its own."""
    error = future.exception()
    if error is None:
        result = future.result()
        return BatchResult(refusal=result) if isinstance(result, str) else _RESULTS.decode(result)
    if len(batch) > 1:
        return None
    return BatchResult((GradedInBatch(None, f"The Dask cluster gave it up ({said(error)})"),))


class _Seat(NamedTuple):
    """One thread of a Dask worker, and so one grader; `worker` is "" while there is none."""

    worker: str
    thread: int = 0


def _seats(client: Any) -> list[_Seat]:
    """All seats of the cluster, each worker's first one first."""
    seats = [_Seat(worker, thread) for worker, threads in client.nthreads().items() for thread in range(threads)]
    return sorted(seats, key=lambda seat: seat.thread) or [_Seat("")]


def _sent_to(seat: _Seat, send: Callable[..., Any], batch: bytes) -> Any:
    """Send a batch to a seat; another one gets it if that worker is gone, or late while another is idle."""
    return send(batch, workers=[seat.worker], allow_other_workers=True) if seat.worker else send(batch)


def _first_done(client: Any, futures: list[Any], address: str) -> list[Any]:
    """Wait until at least one future is done. Raises KitError if the cluster has no worker to do it."""
    from concurrent.futures import CancelledError

    import distributed

    while True:
        try:
            return list(distributed.wait(futures, PATIENCE_SECONDS, return_when="FIRST_COMPLETED").done)
        except (TimeoutError, distributed.TimeoutError):
            if not client.nthreads():
                raise KitError(
                    f"The Dask cluster at {address} has no worker: start one with `dask worker {address}`, and run "
                    "the same command again to go on."
                ) from None
        except (CancelledError, OSError):
            raise KitError(f"The Dask scheduler at {address} is gone; run the same command again to go on.") from None
