"""The reference in the place of wrong exercises: it answers for a student's functions that later exercises call.

It answers from a sandboxed worker of its own, which never held a student's code, as its arguments are a student's: they
may cost any time and memory. What it takes counts in the limit of the check that is run. A worker that is
lost over an answer ends that check, and the next one finds a new worker.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import KitError, WorkerCrashed, WorkerLost, WorkerOutOfMemory, WorkerTimeout
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.cells import NotebookCell, solved_cells
from autograder.wire.frames import decode_message, encode_message
from autograder.wire.messages import Call, Raised, ReferenceResult, Reply, Returned
from autograder.wire.values import DictData, TupleData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.execution.workers import Workers
    from autograder.wire.frames import Deadline
    from autograder.wire.messages import ReferenceCall, Request
    from autograder.wire.values import Value

MAX_BYTES = 16 * 2**20  # of questions and their answers that are kept; when they are more, all are forgotten
MAX_BUSY_SECONDS = 30.0  # of one worker, whose processor time is limited as any worker's
START_SECONDS = 60.0  # of each of the reference's own cells

_CELL = NotebookCell("answer_reference_call", Path(__file__).with_name("reference_cell.py").read_text(encoding="utf-8"))


class Substitutes:
    """Answers the calls of a notebook's substitutes; the same call, to the bit, is made once.

    Args:
        workers: makes the reference's worker, when first it is needed.
        plan: what the source says of the notebook, its solved cells included.
        reference: the reference solution as a module, for the checks.
    """

    def __init__(self, workers: Workers, plan: NotebookPlan, reference: ModuleType) -> None:
        self._workers = workers
        self._plan = plan
        self.reference = reference
        self._notebook: ExecutedNotebook | None = None
        self._busy = 0.0
        self._answers: dict[bytes, bytes] = {}  # by the question as it came
        self._room = MAX_BYTES

    def modules(self, exercises: Iterable[str]) -> tuple[str, ...]:
        """Those of the exercises that are classes."""
        return tuple(name for name in exercises if isinstance(getattr(self.reference, name, None), type))

    def prepare(self) -> None:
        """Make sure of a worker, so that its start takes no time of a check's.

        Raises KitError where the reference does not run in one.
        """
        if self._notebook is not None and self._busy > MAX_BUSY_SECONDS:
            self.close()
        if self._notebook is None:
            self._notebook, self._busy = self._executed(), 0.0

    def answer(self, question: ReferenceCall, asked: bytes, deadline: Deadline, watch: Callable[[], None]) -> bytes:
        """What the reference says to a substitute's call, or its gradients in the backward pass; a ReferenceResult.

        `asked` is the question as it came. Calls `watch` while it waits; what that raises ends the wait.

        Raises WorkerLost, with the substitute's name: the answer takes longer than the deadline or more memory than
        a worker has, or ends the worker.
        """
        answer = self._answers.get(asked)
        if answer is None:
            answer = encode_message(self._work_out(question, deadline, watch))
            size = len(asked) + len(answer)
            if size > self._room:
                self._answers.clear()
                self._room = MAX_BYTES
            if size <= self._room:
                self._room -= size
                self._answers[asked] = answer
        return answer

    def close(self) -> None:
        """End the worker, if there is one; the next question makes a new one."""
        if self._notebook is not None:
            self._notebook.close()
            self._notebook = None

    def _work_out(self, question: ReferenceCall, deadline: Deadline, watch: Callable[[], None]) -> ReferenceResult:
        name = question.name
        self.prepare()
        assert self._notebook is not None
        request = _request_of(question)
        start = time.monotonic()
        try:
            seconds = deadline.remaining()
            assert seconds is not None
            reply = decode_message(Reply, self._notebook.ask(encode_message(request), seconds, watch=watch))
        except (WorkerTimeout, TimeoutError):
            self.close()
            raise WorkerTimeout(f"what it asked `{name}` for took too long", name) from None
        except WorkerLost as loss:
            self.close()
            raise type(loss)(f"what it asked `{name}` for ended the process that answers", name) from None
        except BaseException:
            self.close()  # its answer is still to come
            raise
        finally:
            self._busy += time.monotonic() - start
        if isinstance(reply, Raised):
            error = self._notebook.raised(request, reply)
            if error.is_out_of_memory:
                self.close()
                raise WorkerOutOfMemory(f"what it asked `{name}` for takes too much memory", name)
            # The arguments are the student's: the reference may refuse them, and the student is told.
            return ReferenceResult(error=error.kind, message=one_line(reply.error.message))
        match reply:
            case Returned(value=TupleData(items=(value, DictData(keys=keys, items=gradients)))):
                return ReferenceResult(value, dict(zip(keys, gradients, strict=True)))
        self.close()
        raise WorkerCrashed(f"what it asked `{name}` for is not a value", name)

    def _executed(self) -> ExecutedNotebook:
        """The reference in a new worker; once more, if that one was lost as any process can be."""
        for _ in range(2):
            notebook = ExecutedNotebook(self._workers, [*solved_cells(self._plan), _CELL], START_SECONDS, most_fatal=1)
            try:
                notebook.worker()
            except WorkerLost as lost:
                loss: WorkerLost = lost
            else:
                if not notebook.errors:
                    return notebook
                notebook.close()
                name, error = next(iter(notebook.errors.items()))
                raise KitError(f"The reference of {self._plan.name} does not run: its cell {name} raises {error}.")
        raise KitError(f"The reference of {self._plan.name} does not run in a worker: {loss}.")


def _request_of(question: ReferenceCall) -> Request:
    made_with = None if question.made_with is None else _dict(question.made_with)
    arguments = (question.name, _dict(question.values), made_with, question.tracked, question.output_gradient)
    return Call(_CELL.name, arguments, echo=False)


def _dict(values: dict[str, Value]) -> DictData:
    return DictData(tuple(values), tuple(values.values()))
