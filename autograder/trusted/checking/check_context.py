"""One submission before the checks: what came of each check, in a word and a sentence."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.errors import CheckFailure, MissingName, StudentError, WorkerLost
from autograder.trusted.checking.recorded_calls import RecordedCalls, SaidError
from autograder.trusted.checking.student import CPU, Student
from autograder.trusted.comparing.error_advice import advice_on
from autograder.trusted.comparing.observations import Seen, advice, seen_in
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.results import outcomes
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.reader import the_authors_reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.checking.substitutes import Substitutes
    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.submissions.beside import FilesBeside
    from autograder.trusted.submissions.notebook import SubmittedNotebook

_NEWER = "The cell `{}` uses what only Python {} and later can read, and was not run here: a tutor will look at it."
SHARE_AFTER_A_LOOP = 0.2  # of the time limit, for each further check of an exercise that did not come to an end
_AFTER_A_LOOP = " (in an earlier check, not within {:g} s)"
_LOST_WORDS = {
    outcomes.TIMEOUT: "The code did not come to an end within {seconds:g} s{after}: is there a loop that never stops?",
    outcomes.OUT_OF_MEMORY: "The code asked for more memory than there is: is a tensor much larger than it should be?",
    outcomes.CRASHED: "The code ended its whole Python process: {loss}.",
}
# The right version of an earlier exercise stood in for the student's, and could not answer in time, or at all.
_LOST_SUBSTITUTE_WORDS = {
    outcomes.TIMEOUT: "What it asked `{name}` for took longer than {seconds:g} s, all its calls together.",
    outcomes.OUT_OF_MEMORY: "What it asked `{name}` for needs more memory than there is.",
    outcomes.CRASHED: "What it asked `{name}` for ended the process that answers for it.",
}


@dataclass(frozen=True)
class Verdict:
    """What came of one check: an outcome of `autograder.trusted.results.outcomes`, and why.

    `seen` is what is seen of a wrong answer: a hint where no misconception is recognised.
    `transcript` holds the answers of the student's code, as they came over the wire; `devices` the outcome
    on each device, for a check of devices; `substituted` the exercises that the reference stood in for;
    `needs_review` what the check leaves to a person, a sentence each.
    """

    outcome: str
    message: str = ""
    seen: Seen | None = field(default=None, compare=False)
    devices: dict[str, str] = field(default_factory=dict, compare=False)
    transcript: tuple[Any, ...] = field(default=(), compare=False, repr=False)
    substituted: tuple[str, ...] = field(default=(), compare=False)
    needs_review: tuple[str, ...] = field(default=(), compare=False)


PASSED = Verdict(outcomes.PASSED)


@dataclass
class CheckContext:
    """A submitted notebook, executed, to be asked by the checks of its exercises.

    Attributes:
        plan: what the source says of the notebook.
        submitted: the student's cells.
        substitutes: has the reference solution, which answers in the place of exercises that are wrong.
        seconds: the wall-clock limit of each cell, and of each check's calls.
        seed: the seed of the checks' random inputs.
        by_author: whether the cells are the author's own, the reference's or a variant's.
        beside: the files that the cells find in their working directory.
        accelerator: what there is beside the CPU during the next checks; "cpu" for nothing.
    """

    workers: Workers
    plan: NotebookPlan
    submitted: SubmittedNotebook
    substitutes: Substitutes
    seconds: float
    seed: int
    by_author: bool = False
    accelerator: str = CPU
    beside: FilesBeside | None = None
    notebook: ExecutedNotebook = field(init=False)
    calls: RecordedCalls = field(init=False)

    def __post_init__(self) -> None:
        self.notebook = ExecutedNotebook(
            self.workers,
            self.submitted.cells,
            self.seconds,
            substitution=self.substitutes,
            exercises=tuple(self.plan.exercises),
            files=self.beside,
            reader=the_authors_reader() if self.by_author else None,
        )
        self.calls = RecordedCalls(self.notebook)

    @property
    def reference(self) -> ModuleType:
        """The reference solution."""
        return self.substitutes.reference

    def begin(self, *, looped: bool = False, most: float = math.inf) -> RecordedCalls:
        """Begin to record the calls of another check, with less time for one of an exercise that has `looped`.

        `most` is a limit in seconds that holds beside the context's own.
        """
        self.calls = RecordedCalls(self.notebook, min(most, self.seconds * (SHARE_AFTER_A_LOOP if looped else 1)))
        return self.calls

    def student(self) -> Student:
        """The student's functions, for the check whose calls have begun."""
        return Student(self.calls).beside(self.accelerator)

    def substitute(self, exercises: Sequence[str]) -> None:
        """Let the reference stand in for just these exercises, in a worker that never held a substitute before."""
        self.notebook.substitute(exercises)

    def renew(self) -> None:
        """Execute the notebook in a new worker before it is asked again."""
        self.close()

    def close(self) -> None:
        """End the worker."""
        self.notebook.close()

    def not_attempted(self, exercise: str) -> Verdict:
        """The verdict of a check of an exercise that is not written."""
        return Verdict(outcomes.NOT_ATTEMPTED, f"You have not written `{exercise}` yet.")

    def verdict(self, exercise: str, error: BaseException | None) -> Verdict | None:
        """What came of a check of `exercise` that ended with `error`; None if the error is the kit's own."""
        if error is None:
            return PASSED
        if isinstance(error, CheckFailure):
            return Verdict(outcomes.FAILED, str(error), self._seen(error))
        if isinstance(error, WorkerLost):
            return self._lost(error)
        if isinstance(error, MissingName):
            return self._missing(exercise, error.name)
        if isinstance(error, StudentError):
            return self._raised(exercise, error)
        return None

    def _seen(self, failure: CheckFailure) -> Seen | None:
        """What is seen of the answer that failed a check."""
        if failure.compared is None:
            return advice(failure.advice)
        return seen_in(*failure.compared, self.calls.arrays_given())

    def _lost(self, loss: WorkerLost) -> Verdict:
        if loss.substitute:
            words = _LOST_SUBSTITUTE_WORDS[loss.outcome]
            return Verdict(loss.outcome, words.format(name=loss.substitute, seconds=self.calls.seconds))
        after = _AFTER_A_LOOP.format(self.seconds) if self.calls.seconds < self.seconds else ""
        told = _LOST_WORDS[loss.outcome].format(seconds=self.calls.seconds, after=after, loss=one_line(str(loss)))
        return Verdict(loss.outcome, told)

    def _missing(self, exercise: str, name: str) -> Verdict:
        fatal = self.notebook.fatal_cell(name)
        if fatal is not None:
            return self._lost(fatal)
        newer = next((cell.newer for cell in self.submitted.cells if cell.name == name), "")
        if newer:
            return Verdict(outcomes.RAISED, _NEWER.format(name, newer))
        error = self.notebook.errors.get(name)
        if error is not None:
            return Verdict(outcomes.RAISED, f"The cell `{name}` does not run: {described(error)}")
        if name != exercise:
            return Verdict(outcomes.BLOCKED, f"`{name}` is needed here, and nothing of that name is defined.")
        return Verdict(outcomes.NOT_ATTEMPTED, f"Nothing called `{name}` is defined: did you rename or delete it?")

    def _raised(self, exercise: str, error: StudentError) -> Verdict:
        if error.is_a(NotImplementedError) and error.raised_by_student and error.innermost is not None:
            stub = error.innermost.cell
            if stub == exercise or stub not in self.plan.exercises or exercise in self.submitted.untouched:
                return self.not_attempted(exercise)
            return Verdict(outcomes.BLOCKED, f"`{exercise}` calls `{stub}`, which is not written yet.")
        if error.is_out_of_memory:
            return Verdict(outcomes.OUT_OF_MEMORY, _LOST_WORDS[outcomes.OUT_OF_MEMORY])
        ended = self.calls.transcript[-1] if self.calls.transcript else None
        seen = advice(advice_on(ended.said)) if isinstance(ended, SaidError) else None
        return Verdict(outcomes.RAISED, f"Your code raised {described(error)}", seen)


def described(error: StudentError) -> str:
    """A student's exception in one sentence: what, where in their own cell, and the line itself."""
    what = str(error).rstrip(".")
    where = error.innermost
    if where is None:
        return f"{what}."
    line = f": `{where.text}`" if where.text else ""
    return f"{what} (cell `{where.cell}`, line {where.line}{line})."
