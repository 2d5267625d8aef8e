"""The calls of one check, recorded: what it asked of a student's code, and each response.

A check makes its inputs from the run's seed and learns nothing but responses, so what it asks next, and its verdict,
follow from these. That is why every response is kept word for word: a check can be given it again, and
`verdict_cache.py` recognises a case that was judged before.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from autograder.errors import CheckFailure, NotebookUnreadable, WorkerLost
from autograder.wire.arrays import ArrayData
from autograder.wire.frames import decode_message, encode_message
from autograder.wire.messages import Call, Raised, Reply
from autograder.wire.values import NoObjects, TensorData, decode

if TYPE_CHECKING:
    from collections.abc import Container

    from autograder.trusted.execution.executed_notebook import ExecutedNotebook
    from autograder.wire.messages import Request

MAX_BYTES = 64 * 2**20  # of the replies to one check
_MAX_SAID = 500  # characters of an exception's text
_NUMBER_OR_NAME = re.compile(
    r"(?!'(?:NoneType|Tensor|int|float|bool|list|tuple)')(?:'[^']*'|`[^`]*`|\"[^\"]*\"|[0-9]+)"
)


class TextQuestion(NamedTuple):
    """A question to the text of the notebook: a method of Definitions, and its arguments."""

    method: str
    arguments: tuple[str, ...]


Question = bytes | TextQuestion  # an encoded request to the worker, or a question to the text
# An encoded reply, what the text says, or how the worker ended, or that the text cannot be looked through.
Response = bytes | bool | frozenset[str] | WorkerLost | CheckFailure


class SaidError(NamedTuple):
    """An exception in a transcript: the name of its class, and what it says without numbers and names."""

    kind: str
    said: str


class RecordedCalls:
    """What one check has asked one notebook so far, and the responses.

    A response that was prefetched is given to the check when it asks that question.

    Args:
        notebook: the notebook, executed.
        seconds: how long all calls together may last; if it is not said, as long as one cell.

    Attributes:
        seconds: that limit.
        transcript: the replies of the student's code that the check was given, in order; a SaidError where it raised.
        needs_review: what the check leaves to a person, a sentence each.
    """

    def __init__(self, notebook: ExecutedNotebook, seconds: float | None = None) -> None:
        self.notebook = notebook
        self.seconds = notebook.seconds if seconds is None else seconds
        self.transcript: list[Any] = []
        self.needs_review: list[str] = []
        self._latest: Request | None = None
        self._seconds = self.seconds  # left for calls
        self._recorded: list[tuple[Question, Response]] = []
        self._room = MAX_BYTES
        self._consumed = 0  # how many of these the check itself has asked for

    def prefetch(self, question: Question, known: Container[Response] = ()) -> Response:
        """Send the request that the check will make; a reply that is `known` is not decoded."""
        response: Response
        if isinstance(question, TextQuestion):
            response = self._said(question)
        else:
            try:
                self.notebook.worker()  # a new one takes no time of the check's
                charged = self.notebook.charged
                response = self.notebook.ask(question, self._seconds, known)
                self._seconds -= self.notebook.charged - charged
                self._room -= len(response)
                if self._room < 0:
                    response = self.notebook.refused(f"its answers to one check are more than {MAX_BYTES // 2**20} MiB")
            except WorkerLost as loss:
                response = loss
        self._recorded.append((question, response))
        return response

    def consumed(self) -> list[tuple[Question, Response]]:
        """The questions that the check itself has asked, with the responses."""
        return self._recorded[: self._consumed]

    def ask(self, request: Request) -> Any:
        """The reply to a check's request.

        Raises:
            StudentError: the student's code raised; MissingName where there is nothing to call.
            WorkerLost: the worker was lost over it.
        """
        self._latest = request
        response = self._consume(encode_message(request))
        if isinstance(response, WorkerLost):
            raise response
        assert isinstance(response, bytes)
        reply = decode_message(Reply, response)
        if isinstance(reply, Raised):
            error = self.notebook.raised(request, reply)
            said = _NUMBER_OR_NAME.sub("…", reply.error.message[:_MAX_SAID])
            self.transcript.append(SaidError(error.kind, " ".join(said.split())))
            raise error
        self.transcript.append(reply)
        return reply

    def arrays_given(self) -> list[Any]:
        """The tensors and arrays that the student's code was given in the latest call."""
        given = self._latest.arguments if isinstance(self._latest, Call) else ()
        return [
            decode(value, NoObjects())
            for value in given
            if isinstance(value, TensorData) or (isinstance(value, ArrayData) and not value.scalar)
        ]

    def read(self, method: str, *arguments: str) -> Any:
        """What the text of the notebook says to a check's question; see Definitions.

        Raises CheckFailure: it cannot be looked through.
        """
        response = self._consume(TextQuestion(method, arguments))
        if isinstance(response, CheckFailure):
            raise response
        return response

    def _said(self, question: TextQuestion) -> bool | frozenset[str] | CheckFailure:
        """What the text of the notebook says, or the failure of a check that needs to know."""
        try:
            said: bool | frozenset[str] = getattr(self.notebook.definitions, question.method)(*question.arguments)
        except NotebookUnreadable as why:
            return CheckFailure(f"The text of your notebook could not be looked through ({why}).")
        return said

    def _consume(self, question: Question) -> Response:
        if self._consumed < len(self._recorded) and self._recorded[self._consumed][0] != question:
            del self._recorded[self._consumed :]  # it asks for something else than was foreseen
        if self._consumed == len(self._recorded):
            self.prefetch(question)
        self._consumed += 1
        return self._recorded[self._consumed - 1][1]
