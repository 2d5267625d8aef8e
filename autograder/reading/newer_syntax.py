"""Syntax of a newer Python than this machine's: told as such, so that nobody calls it a student's mistake.

A cell that this Python cannot read is put into older words: the target of `type X = int` becomes a plain assignment,
type parameters go, f-strings of any nesting become plain text, `except A, B:` gets its parentheses. If it is Python
then, it is Python of that newer version; any other mistake in it stays one.

Sources: PEP 695 and 701 (Python 3.12), PEP 750 and 758 (3.14).
"""

from __future__ import annotations

import re
import sys

from autograder.reading.syntax import tree

LAST_KNOWN = (3, 14)  # whose syntax is known here
MAX_NESTED = 8  # f-strings in f-strings

_TYPE = re.compile(r"^([ \t]*)type[ \t]+(\w+)[ \t]*(?:\[[^\]\n]*\])?[ \t]*=(?!=)", re.MULTILINE)
_PARAMETERS = re.compile(
    r"^([ \t]*(?:async[ \t]+def|def|class)[ \t]+\w+)[ \t]*\[(?:[^\[\]]|\[[^\[\]]*\])*\]", re.MULTILINE
)
_EXCEPT = re.compile(r"^([ \t]*except\*?)[ \t]+([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*:", re.MULTILINE)
_COMMENT_OR_STRING = re.compile(r"#[^\n]*|(?<![\w])([A-Za-z]{0,2})(\"\"\"|'''|\"|')")
_VERSION = re.compile(r"(\d{1,2})\.(\d{1,3})(?:\.\w{1,10})?")
_PLAIN_ENDS = {
    '"': re.compile(r'(?:\\.|[^"\\\n])*"', re.DOTALL),
    "'": re.compile(r"(?:\\.|[^'\\\n])*'", re.DOTALL),
    '"""': re.compile(r'(?:\\.|[^\\])*?"""', re.DOTALL),
    "'''": re.compile(r"(?:\\.|[^\\])*?'''", re.DOTALL),
}


def version_of(said: str) -> tuple[int, int] | None:
    """The version that a notebook says it was written with, as `language_info` has it: (3, 13) of "3.13.1"."""
    found = _VERSION.fullmatch(said)
    return (int(found[1]), int(found[2])) if found else None


def newer_version(source: str, said: str = "") -> str:
    """The version whose syntax a cell needs, if it is newer than this machine's: "3.12"; "" if it is not.

    `said` is the version that the notebook gives; of one whose syntax is not known here, any cell that cannot be read
    may be.
    """
    if tree(source) is not None:
        return ""
    for version, kinds in (((3, 12), "f"), ((3, 14), "ft")):
        if version > sys.version_info[:2] and _is_python(source, version, kinds):
            return "{}.{}".format(*version)
    own = version_of(said)
    return "{}.{}".format(*own) if own is not None and own > max(LAST_KNOWN, sys.version_info[:2]) else ""


def _is_python(source: str, version: tuple[int, int], kinds: str) -> bool:
    older = _without_formatted(source, kinds)
    older = _PARAMETERS.sub(r"\1", _TYPE.sub(r"\1\2 =", older))
    if version >= (3, 14):
        older = _EXCEPT.sub(r"\1 (\2):", older)
    return older != source and tree(older) is not None


class _NoString(ValueError):
    """What begins like a string does not end as one, or has no Python in its braces."""


def _without_formatted(text: str, kinds: str, depth: int = 0) -> str:
    """The text with plain strings in the place of its f-strings, and of t-strings if they are among the `kinds`."""
    parts: list[str] = []
    done = place = 0
    while (found := _COMMENT_OR_STRING.search(text, place)) is not None:
        place = found.end()
        if found[2] is None:
            continue
        if found[1] and found[1].lower().strip("r") in kinds:
            try:
                end = _end_of_formatted(text, place, found[2], kinds, depth)
            except _NoString:
                continue
            parts += [text[done : found.start()], "''"]
            done = place = end
        else:
            ended = _PLAIN_ENDS[found[2]].match(text, place)
            place = ended.end() if ended else place
    return "".join(parts) + text[done:]


def _end_of_formatted(text: str, place: int, quote: str, kinds: str, depth: int) -> int:
    """Where the f-string ends whose text begins at `place`. Raises _NoString."""
    while place < len(text):
        if text.startswith(quote, place):
            return place + len(quote)
        character = text[place]
        if character == "\n" and len(quote) == 1:
            break
        if character == "{" and not text.startswith("{{", place):
            place = _end_of_field(text, place + 1, quote, kinds, depth)
        else:
            place += 2 if character == "\\" or text.startswith(("{{", "}}"), place) else 1
    raise _NoString


def _end_of_field(text: str, start: int, quote: str, kinds: str, depth: int) -> int:
    """Where the braces end whose expression begins at `start`. Raises _NoString."""
    if depth == MAX_NESTED:
        raise _NoString
    level, place = 0, start
    while place < len(text):
        found = _COMMENT_OR_STRING.match(text, place)
        character = text[place]
        if found is not None and found[2] is not None:
            if found[1] and found[1].lower().strip("r") in kinds:
                place = _end_of_formatted(text, found.end(), found[2], kinds, depth + 1)
            else:
                ended = _PLAIN_ENDS[found[2]].match(text, found.end())
                if ended is None:
                    raise _NoString
                place = ended.end()
            continue
        if found is not None:
            place = found.end()
            continue
        if level == 0 and (character in "}:" or (character == "!" and not text.startswith("!=", place))):
            break
        level += (character in "([{") - (character in ")]}")
        place += 1
    else:
        raise _NoString
    expression = text[start:place].strip().removesuffix("=")
    if tree(f"({_without_formatted(expression, kinds, depth + 1)}\n)") is None:
        raise _NoString
    while place < len(text) and text[place] != "}":  # the conversion, and what it is formatted by
        if text[place] == "{":
            place = _end_of_field(text, place + 1, quote, kinds, depth + 1)
        elif text.startswith(quote, place):
            raise _NoString
        else:
            place += 1
    return place + 1
