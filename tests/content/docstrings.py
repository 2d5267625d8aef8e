"""The sentences of a docstring, as a student reads them."""

from __future__ import annotations

import ast
import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADINGS = ("Args:", "Returns:", "Raises:")
# A full stop, or one within closing brackets, after a word (so not that of "w . x"); what follows begins anew.
_ENDS = re.compile(r"(?<=[^\s][.!?])\s+(?![a-z\s])|(?<=[^\s][.!?]\))\s+(?![a-z\s])")


def sentences_of(source: str, exercise: str) -> list[str]:
    """Every sentence of the docstrings of an exercise, those of a class's methods included, each on one line."""
    return [
        sentence
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == exercise
        for each in ast.walk(node)
        if isinstance(each, ast.FunctionDef | ast.ClassDef)
        for paragraph in _paragraphs(ast.get_docstring(each, clean=False) or "")
        for sentence in _ENDS.split(paragraph)
    ]


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
