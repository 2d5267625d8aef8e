"""Precedents: a check whose every question is answered as it was answered before has its verdict already.

Students who are right mostly answer alike, to the last bit, and so do those who make the same mistake. Every student's
code is still asked each question; what is spared is the check's own work: drawing inputs, working out what
is right, comparing. The first answer that is new brings the check itself on, which is then given what was heard.

Only the check decides: a verdict is kept after it was reached by running the check, and under the exact bytes of all
answers that led to it. Of what fails, only the author's misconceptions are kept: a student's own mistake is seldom made
twice, and there is no end to them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from autograder.trusted import records

if TYPE_CHECKING:
    from collections.abc import Container

    import pytest

    from autograder.trusted.examination import Verdict
    from autograder.trusted.interview import Heard, Interview, Question

MAX_BYTES = 64 * 2**20  # of questions and answers that are kept; when they are more, all are forgotten


@dataclass
class _Step:
    """A question that a check asks, and what follows from each answer: the next question, or the verdict."""

    question: Question
    follows: dict[Heard, _Step | Verdict] = field(default_factory=dict)


class Precedents:
    """The verdicts of a run so far, by what was heard.

    Args:
        predictable: the items whose verdict follows from what they hear, and from nothing else.
    """

    def __init__(self, predictable: Container[pytest.Item]) -> None:
        self._predictable = predictable
        self._first: dict[pytest.Item, _Step] = {}
        self._room = MAX_BYTES

    def verdict(self, item: pytest.Item, interview: Interview) -> Verdict | None:
        """Ask what the check would; its verdict, if all that is heard was heard before."""
        step: _Step | Verdict | None = self._first.get(item)
        while isinstance(step, _Step):
            step = step.follows.get(interview.hear(step.question, step.follows))
        return step

    def add(self, item: pytest.Item, interview: Interview, verdict: Verdict, *, by_author: bool = False) -> None:
        """Keep a verdict that the check itself has reached over this interview, with code of the author's or not.

        An outcome that is neither passed nor failed has words or causes of its own, and is not kept.
        """
        kept = (records.PASSED, records.FAILED) if by_author else (records.PASSED,)
        given = interview.given()
        if item not in self._predictable or verdict.outcome not in kept or not given:
            return
        size = sum(len(words) for pair in given for words in pair if isinstance(words, bytes))
        if size > self._room:
            self._first.clear()
            self._room = MAX_BYTES
        self._room -= size
        following: list[_Step | Verdict] = [*(_Step(question) for question, _ in given[1:]), verdict]
        step: _Step | Verdict = self._first.setdefault(item, _Step(given[0][0]))
        for (question, heard), next_step in zip(given, following, strict=True):
            if not isinstance(step, _Step) or step.question != question:
                return  # it asks different questions of different students, so nothing follows from the answers
            step = step.follows.setdefault(heard, next_step)
