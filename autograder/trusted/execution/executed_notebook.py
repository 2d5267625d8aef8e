"""A submitted notebook, executed: its cells have run in a worker, and its functions can be called.

A cell that is fatal (it loops for ever, or ends the process) is left out and the others run again in
a new worker, so that it costs only what it defines. A worker that a call has killed is replaced the
same way before the next call.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from autograder.errors import Frame, MissingName, StudentError, WorkerCrashed, WorkerLost, WorkerTimeout
from autograder.trusted.execution.known_to_student import numbers_given, words_of_call
from autograder.trusted.quoting import MAX_LINES, Known, exception_kind, exception_message, words_of
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.definitions import Definitions
from autograder.wire.frames import decode_message, encode_message
from autograder.wire.messages import (
    CellRan,
    ErrorReport,
    Raised,
    ReferenceCall,
    Reply,
    Returned,
    RunCells,
    Substitute,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from pathlib import Path

    from autograder.trusted.execution.workers import Worker, Workers
    from autograder.trusted.submissions.beside import FilesBeside
    from autograder.trusted.submissions.cells import NotebookCell
    from autograder.trusted.submissions.reader import Reader
    from autograder.wire.frames import Deadline
    from autograder.wire.messages import ReportedFrame, Request

MAX_FATAL_CELLS = 3
MAX_OUTPUT_BYTES = 64 * 2**20  # of all cells
MAX_TOLD = 20  # modules that are lacking, and names that were put back, of one cell
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,59}")
MOST_TIMES = 40  # the limit of one cell: then no worker is made any more


class Substitution(Protocol):
    """What answers in the place of exercises that are substituted."""

    def prepare(self) -> None:
        """Get ready to answer, before the time of a check runs."""

    def modules(self, exercises: Sequence[str]) -> tuple[str, ...]:
        """Those of the exercises that are classes."""

    def answer(self, question: ReferenceCall, asked: bytes, deadline: Deadline, watch: Callable[[], None]) -> bytes:
        """The answer to a substitute's call, an encoded ReferenceResult; `asked` is the question as it came.

        `watch` is called meanwhile. Raises WorkerLost where there is none.
        """


class ExecutedNotebook:
    """The namespace of one notebook, in whichever worker holds it at the moment.

    Args:
        workers: makes the workers.
        cells: the code cells, in order; kept as `cells`.
        seconds: the wall-clock limit of each cell, and of all calls of one check together; after MOST_TIMES as
            long the notebook is given up.
        substitution: answers in the place of the exercises that are substituted (see `substitute`), and of no others.
        keep_outputs: whether to keep what the cells show, in `outputs`.
        files: files, or a folder with files, that the cells find in their working directory.
        exercises: names of which the notebook's last definition counts, whatever a later cell binds them to.
        most_fatal: after so many fatal cells the notebook is given up.
        reader: who looks through the text of the cells, if it is not this process's reader of submissions.

    Attributes:
        errors: the exception that ended each cell that did not run to its end, by cell name.
        losses: every time that a worker was lost, in order.
        outputs: by cell index, the nbformat outputs of a cell; none once they are more than MAX_OUTPUT_BYTES.
        lacking: by cell name, modules that it imports and this machine lacks.
        put_back: what was put back after the cells had run, with the name of the cell that had bound it to something
            else, or deleted it.
    """

    def __init__(
        self,
        workers: Workers,
        cells: Sequence[NotebookCell],
        seconds: float,
        *,
        substitution: Substitution | None = None,
        keep_outputs: bool = False,
        files: Path | FilesBeside | None = None,
        exercises: Sequence[str] = (),
        most_fatal: int = MAX_FATAL_CELLS,
        reader: Reader | None = None,
    ) -> None:
        self._workers = workers
        self._reader = reader
        self._files = files
        self._exercises = tuple(exercises)
        self._most_fatal = most_fatal
        self.cells: Sequence[NotebookCell] = cells
        self.seconds = seconds
        self._substitution = substitution
        self._keep_outputs = keep_outputs
        self._substituted: tuple[str, ...] = ()
        self._fatal: dict[int, WorkerLost] = {}
        self._worker: Worker | None = None
        self._definitions: Definitions | None = None
        self.errors: dict[str, StudentError] = {}
        self.losses: list[WorkerLost] = []
        self.outputs: dict[int, tuple[dict[str, Any], ...]] = {}
        self.lacking: dict[str, set[str]] = {}
        self.put_back: dict[str, str] = {}
        self.executions = 0
        self._room_for_outputs = MAX_OUTPUT_BYTES
        self._charged = 0.0  # of workers that were replaced

    def worker(self) -> Worker:
        """A living worker in which the cells have run.

        Raises:
            WorkerLost: too many cells are fatal, or the notebook has used up its time; there is nothing to call.
        """
        if self._substituted and self._substitution is not None:
            self._substitution.prepare()
        if self._worker is not None and self._worker.lost is None:
            return self._worker
        while len(self._fatal) < self._most_fatal:
            if self._used_up():
                raise WorkerTimeout("the notebook used up its time")
            try:
                self._worker = self._execute()
            except _FatalCell as fatal:
                self._charged, self._worker = self.charged, None
                self._leave_out(fatal.index, fatal.loss)
                self._lose(fatal.loss)
            else:
                return self._worker
        raise list(self._fatal.values())[-1]

    def _leave_out(self, index: int, loss: WorkerLost) -> None:
        """Run the cell at `index` no longer; where it was left out already, the last one before it that still runs.

        Raises WorkerLost: there is none, so that no worker would fare better.
        """
        behind = next((each for each in range(index, -1, -1) if each not in self._fatal), None)
        if behind is None:
            raise loss
        self._fatal[behind] = loss

    @property
    def charged(self) -> float:
        """The seconds that all workers of this notebook have taken, as a Worker is charged for them."""
        return self._charged + (self._worker.charged if self._worker is not None else 0.0)

    def _used_up(self) -> bool:
        return self.charged >= MOST_TIMES * self.seconds

    @property
    def definitions(self) -> Definitions:
        """What the cells define, as text."""
        if self._definitions is None:
            self._definitions = Definitions((cell.source for cell in self.cells), self._reader)
        return self._definitions

    @property
    def cell_left_out(self) -> bool:
        """Whether a cell is fatal, and is no longer run."""
        return bool(self._fatal)

    def fatal_cell(self, name: str) -> WorkerLost | None:
        """How the cell `name` ended its worker, if it did."""
        return next((loss for index, loss in self._fatal.items() if self.cells[index].name == name), None)

    def fatal_cell_at(self, index: int) -> WorkerLost | None:
        """How the cell at `index` ended its worker, if it did."""
        return self._fatal.get(index)

    def substitute(self, exercises: Sequence[str]) -> None:
        """From now on the reference stands in for just these exercises, in a worker that never held a substitute.

        What the notebook learns from the reference thus ends with the worker, before anything else is asked of it.
        """
        if self._substituted:
            self.close()
        self._substituted = tuple(exercises)
        if self._substituted and self._worker is not None and self._worker.lost is None:
            try:
                self._substitute(self._worker)
            except WorkerLost as loss:
                self._lose(loss)
                self._charged, self._worker = self.charged, None

    def redefine(self, name: str, source: str) -> None:
        """Put another source in the place of the cell `name`, and run it alone where the others have run."""
        index = next(index for index, cell in enumerate(self.cells) if cell.name == name)
        self._definitions = None
        self.cells = [*self.cells[:index], replace(self.cells[index], source=source), *self.cells[index + 1 :]]
        self.errors.pop(name, None)
        self._fatal.pop(index, None)
        if self._worker is None or self._worker.lost is not None:
            return  # the next worker runs it with the others
        try:
            reply = next(self._worker.stream(RunCells((source,)), self.seconds))
        except WorkerLost as loss:
            self._lose(loss)
        else:
            if isinstance(reply, CellRan) and reply.error is not None:
                self.errors[name] = self.student_error(reply.error)

    def ask(
        self,
        request: bytes,
        seconds: float,
        known: Container[Any] = (),
        watch: Callable[[], None] | None = None,
    ) -> bytes:
        """Send an encoded request; returns the reply as it came, one of those `known` or another Reply.

        `watch` is called while it is waited for.

        Raises WorkerLost: the worker was lost over it.
        """
        worker = self.worker()
        try:
            answer = self._substitution.answer if self._substitution is not None else None
            return worker.ask(request, seconds, answer, self._substituted, known, watch)
        except WorkerLost as loss:
            self._lose(loss)
            raise

    def raised(self, request: Request, reply: Raised) -> StudentError:
        """What a request came to that raised; MissingName where there was nothing to call."""
        if reply.missing:
            return MissingName(getattr(request, "name", ""))
        return self.student_error(reply.error, request)

    def garbled(self, why: str) -> WorkerLost:
        """End a worker whose answer contradicts itself; `why` is the kit's. Returns the loss to raise."""
        return self.refused(f"its answer is not a value: {why}")

    def refused(self, why: str) -> WorkerLost:
        """End a worker for what it has said; returns the loss to raise."""
        loss = WorkerCrashed(why)
        self._lose(loss)
        self.close()
        return loss

    def student_error(self, report: ErrorReport, request: Request | None = None) -> StudentError:
        """A worker's report of an exception, over a `request`, with no more of it than is worth quoting."""
        frames = tuple(frame for line in report.frames if (frame := self._own_line(line)) is not None)
        words = words_of(frames[-1].text) if frames else frozenset()
        if request is None:
            known = Known(words)
        else:
            sources = (cell.source for cell in self.cells)
            known = Known(words | words_of_call(request, sources), numbers_given(request))
        return StudentError(
            exception_kind(report.kind, report.bases),
            exception_message(one_line(report.message), known),
            bases=report.bases,
            frames=frames,
            raised_by_student=report.raised_by_student,
        )

    def close(self) -> None:
        """End the worker, if there is one."""
        if self._worker is not None:
            self._worker.close()
            self._charged, self._worker = self.charged, None

    def _execute(self) -> Worker:
        worker = self._workers.open(self._files)
        self._charged, self._worker = self.charged, worker
        self.executions += 1
        self.errors.clear()
        self._room_for_outputs = MAX_OUTPUT_BYTES
        index = 0
        request = RunCells(
            tuple(cell.source for cell in self.cells),
            tuple(self._fatal),
            self._keep_outputs,
            self._exercises,
            tuple(place for place, cell in enumerate(self.cells) if cell.is_stub),
        )
        try:
            if self.cells:
                for reply in worker.stream(request, self.seconds):
                    if not isinstance(reply, CellRan) or reply.index != index:
                        worker.close()
                        raise _FatalCell(index, WorkerCrashed("it answered a question that was not asked"))
                    if reply.error is not None:
                        self.errors[self._cell_name(index)] = self.student_error(reply.error)
                    self._keep(index, reply.outputs)
                    self._note(index, reply)
                    if self._used_up():
                        worker.close()
                        raise _FatalCell(index, WorkerTimeout("the notebook used up its time"))
                    index += 1
                    if index == len(self.cells):
                        break
            if self._substituted:
                self._substitute(worker)
        except WorkerLost as loss:
            raise _FatalCell(min(index, len(self.cells) - 1), loss) from loss
        return worker

    def _substitute(self, worker: Worker) -> None:
        """Tell a worker what is substituted. Raises WorkerLost."""
        assert self._substitution is not None
        request = Substitute(self._substituted, self._substitution.modules(self._substituted))
        reply = worker.ask(encode_message(request), self.seconds)
        if not isinstance(decode_message(Reply, reply), Returned):
            worker.close()
            raise WorkerCrashed("it answered a question that was not asked")

    def _keep(self, index: int, outputs: tuple[dict[str, Any], ...]) -> None:
        self._room_for_outputs -= len(msgspec.msgpack.encode(outputs))
        self.outputs[index] = outputs if self._room_for_outputs > 0 else ()

    def _note(self, index: int, ran: CellRan) -> None:
        """What a worker says of a cell, as far as it may be: names that stand in the notebook's text."""
        source = self.cells[index].source
        for name in ran.lacking[:MAX_TOLD]:
            if _MODULE.fullmatch(name) and name.partition(".")[0] in source:
                self.lacking.setdefault(self._cell_name(index), set()).add(name)
        text = "\n".join(cell.source for cell in self.cells) if ran.put_back else ""
        for name in itertools.islice(ran.put_back, MAX_TOLD):
            if _MODULE.fullmatch(name) and name in text:
                self.put_back[name] = self._cell_name(ran.put_back[name])

    def _lose(self, loss: WorkerLost) -> None:
        self.losses.append(loss)

    def _own_line(self, line: ReportedFrame) -> Frame | None:
        """The line of a cell that a worker names, as it was handed in; None if there is none of that number."""
        if not 0 <= line.cell < len(self.cells):
            return None
        lines = self.cells[line.cell].source.splitlines()
        if not 1 <= line.line <= min(len(lines), MAX_LINES):
            return None
        # IPython takes blank lines from the top of a cell before it counts, and a magic takes its own line.
        blank = next((number for number, text in enumerate(lines) if text.strip()), 0)
        alike = [number for number, text in enumerate(lines, start=1) if text.strip()[:200] == line.text]
        number = min(alike, key=lambda each: abs(each - line.line - blank), default=line.line)
        return Frame(self._cell_name(line.cell), number, one_line(lines[number - 1].strip()[:200]))

    def _cell_name(self, index: int) -> str:
        return self.cells[index].name if 0 <= index < len(self.cells) else "a cell"


class _FatalCell(Exception):
    """Cell `index` ended its worker."""

    def __init__(self, index: int, loss: WorkerLost) -> None:
        super().__init__(index, loss)
        self.index = index
        self.loss = loss
