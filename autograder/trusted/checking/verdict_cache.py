"""Verdicts by the replies that led to them: identical replies reuse the cached verdict.

Students who are right mostly answer alike, to the last bit, and so do those who make the same mistake. Every student's
code is still sent each request of a check; what is spared is the check's own work: making inputs, computing what is
right, comparing. With the first reply that is new, the check itself runs, and is given the replies that are there.

Only running a check makes a verdict, and it is kept under the exact bytes of all replies. Of what fails, only the
author's misconceptions are kept: few students make a mistake of their own twice, and there is no end to them.

This asks of a check that its verdict follows from the replies alone; `grading/determinism.py` refuses one that reads a
clock or draws numbers without a seed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from autograder.trusted.checking.check import Check
    from autograder.trusted.checking.check_context import Verdict
    from autograder.trusted.checking.recorded_calls import Question, RecordedCalls, Response

Place = tuple[str, str]  # what is asked names the accelerator as well
MAX_BYTES = 64 * 2**20  # of questions and responses that are kept; when they are more, all are forgotten


@dataclass
class _Step:
    """A question that a check asks, and what follows from each response: the next question, or the verdict."""

    question: Question
    follows: dict[Response, _Step | Verdict] = field(default_factory=dict)


class VerdictCache:
    """The verdicts of a run so far, for each check and place: its device, and the accelerator beside it."""

    def __init__(self) -> None:
        self._first: dict[tuple[Check, Place], _Step] = {}
        self._room = MAX_BYTES

    def verdict(self, check: Check, place: Place, calls: RecordedCalls) -> Verdict | None:
        """Send what the check would; its verdict, if a check that got just these responses has reached one."""
        step: _Step | Verdict | None = self._first.get((check, place))
        while isinstance(step, _Step):
            step = step.follows.get(calls.prefetch(step.question, step.follows))
        return step

    def add(self, check: Check, place: Place, calls: RecordedCalls, verdict: Verdict, *, by_author: bool) -> None:
        """Keep a verdict that the check itself has reached over these calls, of the author's code or a student's.

        An outcome that is neither passed nor failed has words or causes of its own, and is not kept.
        """
        kept = (outcomes.PASSED, outcomes.FAILED) if by_author else (outcomes.PASSED,)
        consumed = calls.consumed()
        if verdict.outcome not in kept or not consumed:
            return
        size = sum(len(part) for pair in consumed for part in pair if isinstance(part, bytes))
        if size > self._room:
            self._first.clear()
            self._room = MAX_BYTES
        self._room -= size
        following: list[_Step | Verdict] = [*(_Step(question) for question, _ in consumed[1:]), verdict]
        step: _Step | Verdict = self._first.setdefault((check, place), _Step(consumed[0][0]))
        for (question, response), next_step in zip(consumed, following, strict=True):
            if not isinstance(step, _Step) or step.question != question:
                return  # it asks different questions of different students, so nothing follows from the responses
            step = step.follows.setdefault(response, next_step)
