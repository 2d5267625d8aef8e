"""What a request says that is no secret: how large its arguments are, and what the student calls things."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from autograder.trusted.quoting import words_of
from autograder.wire.arrays import ArrayData
from autograder.wire.messages import Call, SetParameters
from autograder.wire.values import DictData, ListData, TensorData, TupleData, Value

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from autograder.wire.messages import Request


def numbers_given(request: Request) -> frozenset[int]:
    """The sizes and dimensions of a request's arguments, how many there are, and 0 and 1."""
    numbers = {0, 1}
    if isinstance(request, Call):
        values: tuple[Value, ...] = (*request.arguments, *request.keywords.values())
        numbers.add(len(values))
    elif isinstance(request, SetParameters):
        values = tuple(request.values.values())
    else:
        values = ()
    for value in values:
        numbers.update(_sizes(value))
    return frozenset(numbers)


def _sizes(value: Value) -> Iterator[int]:
    if isinstance(value, TensorData | ArrayData):
        rank = len(value.shape)
        yield from (*value.shape, rank, rank - 1, -rank)
    elif isinstance(value, ListData | TupleData | DictData):
        yield len(value.items)
        for item in value.items:
            yield from _sizes(item)


def words_of_call(request: Request, sources: Iterable[str]) -> frozenset[str]:
    """The names in a call, and in the line of the notebook that defines what is called."""
    if not isinstance(request, Call) or not request.name:
        return frozenset()
    words = {request.name, *request.keywords}
    defined = re.compile(rf"^[ \t]*def {re.escape(request.name)}\b.{{0,200}}", re.MULTILINE)
    for source in sources:
        found = defined.search(source)
        if found is not None:
            words |= words_of(found[0])
    return frozenset(words)
