"""All errors of the kit, as one tree.

KitError                        the kit stops; one sentence tells the user what to do
|- UsageError                   wrong use: a path, a name, an option (exit code 2)
|- Stopped                      the user stopped the command (exit code 130)
|- SandboxUnavailable         this machine cannot put student code into a sandbox
`- TemplateLost                 the process that makes workers is gone

NotebookUnreadable              one submitted notebook cannot be read; the rest of the class goes on
`- ReaderLost                   what reads submissions was lost over it; a person has to look at the notebook

WorkerLost                      one worker no longer answers; only its notebook is affected
|- WorkerTimeout                it ran into its wall-clock limit and was killed
|- WorkerOutOfMemory            it ran into its memory limit
`- WorkerCrashed                its process ended, or it sent something that is no valid reply

CheckFailure                    a check's verdict: the student's answer is wrong
StudentError                    the student's code raised an exception
"""

from __future__ import annotations

import traceback
from dataclasses import dataclass
from pathlib import Path

_ENGINE = Path(__file__).parent
_KIT = _ENGINE.parent


def place_of(error: BaseException) -> str:
    """The type of an exception, and the innermost line of a check's or the kit's own; of a KitError its sentence.

    Its text is left out otherwise, as it may be of a student's making.
    """
    if isinstance(error, KitError):
        return str(error).rstrip(".")
    for frame, number in reversed(list(traceback.walk_tb(error.__traceback__))):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_ENGINE) or (path.is_relative_to(_KIT) and not _is_installed(path)):
            return f"{type(error).__name__} at {path.relative_to(_KIT).as_posix()}, line {number}"
        if path.parent.parent.name == "checks" and not _is_installed(path):
            return f"{type(error).__name__} at {'/'.join(path.parts[-3:])}, line {number}"
    return type(error).__name__


def _is_installed(path: Path) -> bool:
    return "site-packages" in path.parts


class KitError(RuntimeError):
    """The kit cannot go on; `str()` of it is one sentence that says what to do."""


class UsageError(KitError, ValueError):
    """The command was used wrongly: a path, a name or an option that makes no sense."""


class Stopped(KitError):
    """The user stopped the command; `str()` of it says what is done, and how to go on."""


class SandboxUnavailable(KitError):
    """A layer of the sandbox cannot be set up on this machine."""


class TemplateLost(KitError):
    """The template process that forks the workers has ended."""


class NotebookUnreadable(ValueError):
    """A submitted notebook cannot be read; `str()` of it is the reason."""


class ReaderLost(NotebookUnreadable):
    """The process that reads submissions ran into a limit over a text, or ended; it is replaced for the next one."""


class WorkerLost(RuntimeError):
    """A worker no longer answers; `outcome` is the word for it in the results.

    `substitute` names the exercise in whose place the reference could not answer; "" if the student's own code is
    to blame.
    """

    outcome = "crashed"

    def __init__(self, why: str, substitute: str = "") -> None:
        super().__init__(why)
        self.substitute = substitute


class WorkerTimeout(WorkerLost, TimeoutError):
    """The student's code ran into its wall-clock limit and was killed."""

    outcome = "timeout"


class WorkerOutOfMemory(WorkerLost, MemoryError):
    """The student's code ran into its memory limit."""

    outcome = "out-of-memory"


class WorkerCrashed(WorkerLost):
    """The worker process ended, or sent something that is no valid reply."""


class CheckFailure(AssertionError):
    """A student's answer is wrong; `str()` of it is the sentence that the student reads.

    `compared` are the answer and the right one, where the two were compared; `advice` is a second sentence, for a hint.
    """

    def __init__(self, sentence: str, *, compared: tuple[object, object] | None = None, advice: str = "") -> None:
        super().__init__(sentence)
        self.compared = compared
        self.advice = advice


@dataclass(frozen=True)
class Frame:
    """One entry of a traceback: a line of the student's own code.

    `cell` is the cell's name (its grade_id, or "cell 7"), `line` counts from 1 within the cell.
    """

    cell: str
    line: int
    text: str


_NO_MEMORY = ("can't allocate memory", "CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED")


class StudentError(Exception):
    """An exception that the student's code raised in the worker.

    Attributes:
        kind: the exception's class name, such as "ValueError"; of a class of the student's own, that of a base.
        bases: the names of that class and of all its bases, most derived first; any text, not to be quoted.
        message: its text, as far as it is worth quoting: see `autograder.trusted.quoting`.
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
        """Whether the student's exception is an `exception` or derived from it; class names are compared."""
        return exception.__name__ in self.bases

    @property
    def is_out_of_memory(self) -> bool:
        """Whether Python, torch or the GPU had no memory left."""
        return self.is_a(MemoryError) or (self.is_a(RuntimeError) and any(map(self.message.__contains__, _NO_MEMORY)))

    @property
    def innermost(self) -> Frame | None:
        """The student's own line nearest to the error, if there is one."""
        return self.frames[-1] if self.frames else None


class MissingName(StudentError):
    """The notebook ran, but did not define `name`."""

    def __init__(self, name: str) -> None:
        super().__init__("NameError", f"`{name}` is not defined")
        self.name = name
