"""What of a student's exception is worth quoting to students: decided here, for every face.

A check's inputs are hidden, and the code that sees them decides the words of its exceptions. So nothing is quoted
because it looks harmless, in whatever alphabet or order, but only what says nothing new:

- the sentences of `known_errors`, and in them the sizes of what the code was given, names that stand in the student's
  own line, which is shown beside it, and names that everybody uses;
- a line of the student's own, by its number, taken from the text that was handed in.

What is left to the code is the choice among these: a few bits, and no number.
"""

from __future__ import annotations

import builtins
import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trusted.known_errors import (
    BRACKETS,
    EXCEPTIONS,
    MESSAGES,
    MODULES,
    NAMES,
    OPERATORS,
    PARAMETERS,
    REASONS,
    TYPES,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

LEFT_OUT = "…"
MAX_DIMENSIONS = 3  # of a shape, which a student should read
MAX_WORDS = 12  # of a line
MAX_LINES = 500  # of a cell; a line below has no place that can be quoted

_SLOT = re.compile(r"\{([a-z]+)\}")
_WORD = re.compile(r"[^\W\d]\w*")
_NUMBERS = r"[\[(]?-?[0-9]{1,18}(?:(?:, ?|x)-?[0-9]{1,18}){0,15},?[\])]?|\[\]|\(\)"
_PATTERNS = {
    "n": r"-?[0-9]{1,18}",
    "shape": _NUMBERS,
    "name": r"[A-Za-z_]\w{0,79}",
    "type": r"[A-Za-z_][\w.-]{0,79}",
    "module": r"[A-Za-z_][\w.]{0,79}",
    "operator": r"[-+*/%@<>=!&|^~]{1,3}",
    "bracket": r"[][(){}]",
    "any": r".{0,200}?",
}
_BUILTIN_EXCEPTIONS = frozenset(
    name for name, thing in vars(builtins).items() if isinstance(thing, type) and issubclass(thing, BaseException)
)


@dataclass(frozen=True)
class Known:
    """What a student knows without having seen a hidden input.

    Attributes:
        words: of their own line, and of the call that was made.
        numbers: the sizes of what the code was given.
    """

    words: Collection[str] = frozenset()
    numbers: Collection[int] = frozenset({0, 1})


def words_of(text: str) -> frozenset[str]:
    """The first identifiers in a line of code; among all words of a long line there would be much to choose."""
    return frozenset(_WORD.findall(text)[:MAX_WORDS])


def exception_kind(name: str, bases: Iterable[str]) -> str:
    """What an exception's class is called, or the nearest of its `bases` that is not a student's own."""
    return next((each for each in (name, *bases) if each in _BUILTIN_EXCEPTIONS or each in EXCEPTIONS), "Exception")


def exception_message(text: str, known: Known) -> str:
    """The text of an exception, as far as it is one of the known sentences; else ""."""
    for literal, pattern, sentence in _known_messages():
        if literal not in text:
            continue
        found = pattern.match(text)
        if found is not None:
            said = _filled(sentence, found, known)
            return said if found.end() == len(text) else said.rstrip(".") + f" {LEFT_OUT}"
    return ""


def type_name(name: str) -> str:
    """What an object's class is called, if everybody calls it so."""
    return f"an object of type {name}" if name in TYPES else "an object of a class of its own"


def untold_reason(why: str) -> str:
    """Why a value did not travel, in brackets after a space; nothing where it is not one of the kit's reasons."""
    reason = "too large" if why.startswith("too large") else why
    return f" ({reason})" if reason in REASONS else ""


def parameter_name(name: str) -> str:
    """The name of a model's parameter, if it is a usual one."""
    parts = name.split(".")
    return name if len(parts) <= MAX_DIMENSIONS and all(part in PARAMETERS for part in parts) else LEFT_OUT


def received_shape(shape: Iterable[int], expected: Iterable[int]) -> str:
    """The shape of an answer as a tuple, with those sizes in it that the right answer has; a size is easily made up."""
    sizes = list(shape)
    known = {0, 1, *expected}
    if len(sizes) > MAX_DIMENSIONS:
        return f"({LEFT_OUT})"
    inside = ", ".join(str(size) if size in known else LEFT_OUT for size in sizes)
    return f"({inside},)" if len(sizes) == 1 else f"({inside})"


def received_count(count: int, expected: int) -> str:
    """How many there are where `expected` are due: a count is easily made up."""
    return "none" if count == 0 else "more" if count > expected else "fewer"


@functools.cache
def _known_messages() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Each message with its longest literal part and as a pattern; what says more stands first."""
    found = []
    for sentence in MESSAGES:
        parts = _SLOT.split(sentence)
        pattern = "".join(f"({_PATTERNS[part]})" if index % 2 else re.escape(part) for index, part in enumerate(parts))
        whole = r"\Z" if sentence in ("'{name}'", "{n}") else ""  # a key, as KeyError says it
        found.append((max(parts[::2], key=len), re.compile(pattern + whole, re.ASCII), sentence))
    return tuple(sorted(found, key=lambda each: -sum(map(len, _SLOT.split(each[2])[::2]))))


def _filled(sentence: str, found: re.Match[str], known: Known) -> str:
    values = iter(found.groups())
    return _SLOT.sub(lambda slot: _QUOTED[slot[1]](next(values), known), sentence)


def _number(text: str, known: Known) -> str:
    return text if text == str(int(text)) and int(text) in known.numbers else LEFT_OUT


def _shape(text: str, known: Known) -> str:
    opening, closing = text[:1] if text[:1] in "[(" else "", text[-1:] if text[-1:] in "])" else ""
    numbers = re.findall(r"-?[0-9]+", text)
    if len(numbers) > MAX_DIMENSIONS:
        return f"{opening}{LEFT_OUT}{closing}"
    between = "x" if "x" in text else ", "
    comma = "," if opening == "(" and len(numbers) == 1 else ""
    return opening + between.join(_number(number, known) for number in numbers) + comma + closing


def _one_of(*vocabularies: Collection[str]) -> Callable[[str, Known], str]:
    return lambda text, _: text if any(text in each for each in vocabularies) else LEFT_OUT


def _name(text: str, known: Known) -> str:
    return text if text in known.words or text in NAMES else LEFT_OUT


def _type(text: str, known: Known) -> str:
    return text if text in TYPES or text in known.words else LEFT_OUT


def _module(text: str, known: Known) -> str:
    return text if text in MODULES or all(part in known.words for part in text.split(".")) else LEFT_OUT


_QUOTED: dict[str, Callable[[str, Known], str]] = {
    "n": _number,
    "shape": _shape,
    "name": _name,
    "type": _type,
    "module": _module,
    "operator": _one_of(OPERATORS),
    "bracket": _one_of(BRACKETS),
    "any": lambda _text, _known: LEFT_OUT,
}
