"""An interview: what one check asks a student's code, and what it hears.

A check draws its inputs from the run's seed and is told nothing but answers, so what it asks next, and its verdict at
the end, follow from what it has heard. That is why everything heard is kept word for word: the check can be
given it again, and `autograder.trusted.precedents` knows a case that was judged before.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.errors import WorkerLost
from autograder.wire.frames import decode, encode
from autograder.wire.messages import Raised, Reply

if TYPE_CHECKING:
    from collections.abc import Container

    from autograder.trusted.executed import ExecutedNotebook
    from autograder.wire.messages import Request


MAX_BYTES = 64 * 2**20  # of the answers to one check


class Reading(NamedTuple):
    """A question to the text of the notebook: a method of Definitions, and its arguments."""

    method: str
    arguments: tuple[str, ...]


Question = bytes | Reading  # a request's bytes, or a question to the text
Heard = bytes | bool | frozenset[str] | WorkerLost  # a reply's bytes, what the text says, or how the worker was lost


class Interview:
    """What one check has asked one notebook so far, word for word.

    What was heard on the check's behalf it is given when it asks the same. All calls together may last as long
    as one cell.

    Attributes:
        transcript: the answers of the student's code that the check was given, in order, as they came over the wire.
    """

    def __init__(self, notebook: ExecutedNotebook) -> None:
        self.notebook = notebook
        self.transcript: list[Any] = []
        self._seconds = notebook.seconds  # left for calls
        self._heard: list[tuple[Question, Heard]] = []
        self._room = MAX_BYTES
        self._given = 0  # how many of these the check itself has asked for

    def hear(self, question: Question, known: Container[Heard] = ()) -> Heard:
        """Ask, on behalf of a check that would; the answer to a request is not looked into if it is `known`."""
        if isinstance(question, Reading):
            heard: Heard = _constant(getattr(self.notebook.definitions, question.method)(*question.arguments))
        else:
            try:
                self.notebook.worker()  # a new one takes no time of the check's
                start = time.monotonic()
                heard = self.notebook.ask(question, self._seconds, known)
                self._seconds -= time.monotonic() - start
                self._room -= len(heard)
                if self._room < 0:
                    heard = self.notebook.refused(f"its answers to one check are more than {MAX_BYTES // 2**20} MiB")
            except WorkerLost as loss:
                heard = loss
        self._heard.append((question, heard))
        return heard

    def given(self) -> list[tuple[Question, Heard]]:
        """What the check itself has asked, and was given."""
        return self._heard[: self._given]

    def ask(self, request: Request) -> Any:
        """The reply to a check's request.

        Raises:
            StudentError: the student's code raised; MissingName where there is nothing to call.
            WorkerLost: the worker was lost over it.
        """
        heard = self._give(encode(request))
        if isinstance(heard, WorkerLost):
            raise heard
        assert isinstance(heard, bytes)
        reply = decode(Reply, heard)
        if isinstance(reply, Raised):
            error = self.notebook.raised(request, reply)
            self.transcript.append(error.kind)
            raise error
        self.transcript.append(reply)
        return reply

    def read(self, method: str, *arguments: str) -> Any:
        """What the text of the notebook answers to a check's question; see Definitions."""
        return self._give(Reading(method, arguments))

    def _give(self, question: Question) -> Heard:
        if self._given < len(self._heard) and self._heard[self._given][0] != question:
            del self._heard[self._given :]  # it asks for something else than was foreseen
        if self._given == len(self._heard):
            self.hear(question)
        self._given += 1
        return self._heard[self._given - 1][1]


def _constant(said: bool | set[str]) -> bool | frozenset[str]:
    return frozenset(said) if isinstance(said, set) else said
