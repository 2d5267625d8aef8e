"""Variants of an exercise, as code: students' misconceptions, and right answers in other styles.

A file of variants is Python code that the kit parses and never imports. Each function or class in it is one
variant: its name is the variant's name, its docstring explains it to a student, and its decorator names
the exercise:

    @of("activation")
    def zero_at_zero(s):
        \"\"\"f(0) is +1 here; torch.sign gives 0 there.\"\"\"
        return torch.sign(s)

In a notebook, the variant replaces the exercise's cell and gets the exercise's name. If it needs an import or
a helper, give that code as text, which is put before it in the cell: `@of("train", helpers="import math")`.

A misconception whose hint speaks of a name, such as torch.ones or .item(), is shown only to students who use it:
`@of("margin", uses="item")`, several names with spaces between them.

A slip that would cost all checks of an exercise may leave a share of its points: `@of("margin", keeps=0.5)`. It counts
only where this misconception alone explains every check that failed.
"""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.errors import KitError

if TYPE_CHECKING:
    from pathlib import Path

_KEYWORDS = ("helpers", "uses", "keeps")


@dataclass(frozen=True)
class Variant:
    """One version of an exercise: its name, the exercise, a hint that explains it, and the cell's source.

    `line` is where its file defines it; `uses` are the identifiers without which the hint would not be true of a
    student's code; `keeps` is the share of the exercise's points that is left where this misconception alone explains
    all that failed, or 0.
    """

    name: str
    exercise: str
    hint: str
    source: str
    uses: frozenset[str] = frozenset()
    keeps: float = 0.0
    line: int = 0


@functools.cache
def read_variants(path: Path) -> tuple[Variant, ...]:
    """The variants in a file, in order. Raises KitError for a missing decorator or docstring, or a name used twice."""
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    variants = tuple(_variant(node, path) for node in definitions)
    names = [variant.name for variant in variants]
    for name in names:
        if names.count(name) > 1:
            raise KitError(f"{path} has two variants called {name}: rename one.")
    return variants


def _variant(node: ast.FunctionDef | ast.ClassDef, path: Path) -> Variant:
    hint = ast.get_docstring(node)
    match node.decorator_list:
        case [ast.Call(func=ast.Name(id="of"), args=[ast.Constant(value=str(exercise))], keywords=keywords)]:
            given = {keyword.arg: ast.literal_eval(keyword.value) for keyword in keywords}
        case _:
            raise KitError(f'{path}, line {node.lineno}: {node.name} needs the decorator @of("exercise").')
    if not hint:
        raise KitError(f"{path}, line {node.lineno}: {node.name} needs a docstring that explains it to a student.")
    unknown = [str(name) for name in given if name not in _KEYWORDS]
    if unknown:
        raise KitError(f"{path}, line {node.lineno}: @of takes {', '.join(_KEYWORDS)}, and not {', '.join(unknown)}.")
    keeps = given.get("keeps", 0.0)
    if "keeps" in given and not (isinstance(keeps, float) and 0 < keeps < 1):
        raise KitError(f"{path}, line {node.lineno}: {node.name} keeps a share between 0 and 1, such as keeps=0.5.")
    name, line = node.name, node.lineno
    node.decorator_list, node.name = [], exercise
    source = "\n\n".join([*([given["helpers"]] if "helpers" in given else []), ast.unparse(node)])
    uses = frozenset(given.get("uses", "").split())
    return Variant(name, exercise, " ".join(hint.split()), source, uses, keeps, line)
