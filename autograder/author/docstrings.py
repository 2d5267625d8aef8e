"""The sentences of a docstring, as a student reads them."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADINGS = ("Args:", "Returns:", "Raises:")
# A full stop, or one within closing brackets, after a word (so not that of "w . x"); what follows begins anew.
_ENDS = re.compile(r"(?<=[^\s][.!?])\s+(?![a-z\s])|(?<=[^\s][.!?]\))\s+(?![a-z\s])")


@dataclass(frozen=True)
class Sentence:
    """A sentence of a docstring, on one line, and the line of the source on which it begins."""

    says: str
    line: int


def sentences_of(source: str, exercise: str) -> list[Sentence]:
    """Every sentence of the docstrings of an exercise, those of a class's methods included."""
    return [
        Sentence(sentence, _line_of(sentence, source, each))
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise
        for each in ast.walk(node)
        if isinstance(each, ast.FunctionDef | ast.ClassDef)
        for paragraph in _paragraphs(ast.get_docstring(each, clean=False) or "")
        for sentence in _ENDS.split(paragraph)
    ]


def _line_of(sentence: str, source: str, node: ast.FunctionDef | ast.ClassDef) -> int:
    """Where a sentence of a node's docstring begins; the docstring's first line if it is spelled otherwise there."""
    docstring = node.body[0]
    lines = source.splitlines()[docstring.lineno - 1 : docstring.end_lineno]
    words = [
        (word, number)
        for number, line in enumerate(lines, docstring.lineno)
        for word in line.replace('"""', " ").replace("'''", " ").split()
    ]
    wanted = sentence.split()
    for start, (_, number) in enumerate(words):
        if [word for word, _ in words[start : start + len(wanted)]] == wanted:
            return number
    return docstring.lineno


def _paragraphs(docstring: str) -> Iterator[str]:
    """Paragraphs, and the entries of sections, each on one line."""
    for block in inspect.cleandoc(docstring).split("\n\n"):
        heading, *lines = block.split("\n")
        if heading in _HEADINGS:
            entries: list[str] = []
            for line in lines:
                begins = not line[4:].startswith(" ") and heading != "Returns:"
                if begins or not entries:
                    entries.append(line.strip())
                else:
                    entries[-1] += f" {line.strip()}"
            yield from entries
        elif block:
            yield " ".join(block.split())
