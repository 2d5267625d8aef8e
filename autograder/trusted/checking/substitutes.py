"""The reference in the place of wrong exercises: it answers for a student's functions that later exercises call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from autograder.trusted.safe_text import one_line
from autograder.wire.frames import encode_message
from autograder.wire.messages import ReferenceCall, ReferenceResult
from autograder.wire.values import NoObjects, ValueRejected, decode, encode

if TYPE_CHECKING:
    from types import ModuleType

    from autograder.trusted.assignment.plan import NotebookPlan

MAX_BYTES = 16 * 2**20  # of questions whose answers are kept; when they are more, all are forgotten
_PLAIN = NoObjects()


class Substitutes:
    """Answers the calls of a notebook's substitutes; the same call, to the bit, is made once.

    Args:
        plan: what the source says of the notebook; nothing but its exercises is substituted.
        reference: the reference solution, which has no memory of earlier calls.
    """

    def __init__(self, plan: NotebookPlan, reference: ModuleType) -> None:
        self._plan = plan
        self.reference = reference
        self._answers: dict[bytes, ReferenceResult] = {}
        self._room = MAX_BYTES

    def answer(self, question: ReferenceCall) -> ReferenceResult:
        """What the reference says to a substitute's call, or its gradients in the backward pass."""
        asked = encode_message(question)  # 1, 1.0 and True are equal, and different questions
        answer = self._answers.get(asked)
        if answer is None:
            answer = self._work_out(question)
            if len(asked) > self._room:
                self._answers.clear()
                self._room = MAX_BYTES
            self._room -= len(asked)
            self._answers[asked] = answer
        return answer

    def _work_out(self, question: ReferenceCall) -> ReferenceResult:
        function = getattr(self.reference, question.name, None)
        if question.name not in self._plan.exercises or function is None:
            return ReferenceResult(error="NameError", message="no such exercise")
        try:
            arguments = [decode(value, _PLAIN) for value in question.arguments]
            if question.output_gradient is None:
                with torch.no_grad():
                    return ReferenceResult(encode(function(*arguments), _PLAIN))
            gradient = decode(question.output_gradient, _PLAIN)
            return ReferenceResult(gradients=_gradients(function(*arguments), gradient, arguments))
        except (ValueRejected, TypeError, ValueError, RuntimeError, IndexError, AttributeError) as error:
            # The arguments are the student's: the reference may refuse them, and the student is told.
            return ReferenceResult(error=type(error).__name__, message=one_line(str(error)))


def _gradients(result: Any, gradient: Any, arguments: list[Any]) -> tuple[Any, ...]:
    tracked = [argument for argument in arguments if isinstance(argument, torch.Tensor) and argument.requires_grad]
    results, gradients = (result, gradient) if isinstance(result, tuple) else ((result,), (gradient,))
    found = iter(torch.autograd.grad(results, tracked, gradients, allow_unused=True))
    return tuple(
        encode(next(found) if any(argument is each for each in tracked) else None, _PLAIN) for argument in arguments
    )
