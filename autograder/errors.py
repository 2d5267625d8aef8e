"""Everything that can go wrong, as one tree.

KitError                        the kit stops, with one sentence for the person in front of it
|- UsageError                   wrong use: a path, a name, an option (exit code 2)
|- SandboxUnavailable         this machine cannot put student code into a sandbox
|- CheckBroken                  a check failed by itself; the rest of the notebook is graded
`- TemplateLost                 the process that makes workers is gone

NotebookUnreadable              one submitted notebook cannot be read; the rest of the class goes on
`- ReaderLost                   what reads submissions was lost over it; a person has to look at the notebook

WorkerLost                      one worker no longer answers; only its notebook is affected
|- WorkerTimeout                it ran into its wall-clock limit and was killed
|- WorkerOutOfMemory            it ran into its memory limit
`- WorkerCrashed                it ended or spoke nonsense on the wire

CheckFailure                    a check's verdict: the student's answer is wrong
StudentError                    the student's code raised an exception
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class KitError(RuntimeError):
    """The kit cannot go on; `str()` of it is one sentence that says what to do."""


class UsageError(KitError, ValueError):
    """The command was used wrongly: a path, a name or an option that makes no sense."""


class SandboxUnavailable(KitError):
    """A layer of the sandbox cannot be set up on this machine."""


class CheckBroken(KitError):
    """A check ended with an exception of its own, on the student's answer; `record` is the grade without it."""

    def __init__(self, sentence: str, record: Any) -> None:
        super().__init__(sentence, record)
        self.record = record

    def __str__(self) -> str:
        return str(self.args[0])


class TemplateLost(KitError):
    """The template process that forks the workers has ended."""


class NotebookUnreadable(ValueError):
    """A submitted notebook cannot be read; `str()` of it is the reason."""


class ReaderLost(NotebookUnreadable):
    """The process that reads submissions ran into a limit over a text, or ended; it is replaced for the next one."""


class WorkerLost(RuntimeError):
    """A worker no longer answers; `outcome` is the word for it in the results."""

    outcome = "crashed"


class WorkerTimeout(WorkerLost, TimeoutError):
    """The student's code ran into its wall-clock limit and was killed."""

    outcome = "timeout"


class WorkerOutOfMemory(WorkerLost, MemoryError):
    """The student's code ran into its memory limit."""

    outcome = "out-of-memory"


class WorkerCrashed(WorkerLost):
    """The worker process ended, or sent something that is not an answer."""


class CheckFailure(AssertionError):
    """A student's answer is wrong; `str()` of it is the sentence that the student reads."""


@dataclass(frozen=True)
class Frame:
    """One line of the student's own code on the way to an exception.

    `cell` is the cell's name (its grade_id, or "cell 7"), `line` counts from 1 within the cell.
    """

    cell: str
    line: int
    function: str
    text: str


class StudentError(Exception):
    """An exception that the student's code raised in the worker.

    Attributes:
        kind: the exception's class name, such as "ValueError".
        bases: the names of that class and of all its bases, most derived first.
        message: its text, shortened by the worker.
        frames: the student's own lines on the way to it, outermost first.
        raised_by_student: whether the innermost frame of all is the student's own line.
    """

    def __init__(
        self,
        kind: str,
        message: str,
        *,
        bases: tuple[str, ...] = (),
        frames: tuple[Frame, ...] = (),
        raised_by_student: bool = False,
    ) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind
        self.message = message
        self.bases = bases or (kind,)
        self.frames = frames
        self.raised_by_student = raised_by_student

    def is_a(self, exception: type[BaseException]) -> bool:
        """Whether the student's exception is an `exception` or derived from it, judged by name."""
        return exception.__name__ in self.bases

    @property
    def innermost(self) -> Frame | None:
        """The student's own line nearest to the error, if there is one."""
        return self.frames[-1] if self.frames else None


class MissingName(StudentError):
    """The notebook ran, but nothing of the wanted name is in its namespace."""

    def __init__(self, name: str) -> None:
        super().__init__("NameError", f"`{name}` is not defined")
        self.name = name
