"""A damaged notebook, repaired: the student's work found wherever it stands, without running anything.

Students split, merge, copy and move cells, turn code into text, and lose nbgrader's metadata on the way
through another editor. Each step below mends one such damage where it is sure, and says so in plain
words; a notebook that needed none comes out as it was.

What cannot be mended surely is left as it is, and told as a doubt: a sentence with the cell to look at.
"""

from __future__ import annotations

import ast
import difflib
import functools
import heapq
import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from autograder.reading.syntax import (
    MAX_REMEMBERED,
    at_the_margin,
    bound,
    bound_by,
    defined,
    dumped,
    forget_sources,
    normalized,
    statements,
    tree,
    without_prompts,
)

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from autograder.wire.reading import NotebookCell, Outline, OutlineCell

MAX_PARTS = 4  # of one split cell
MAX_COMPARED = 4_000  # characters of a cell; difflib takes quadratic time
MAX_PIECES = 200  # of one cell that is taken apart
MAX_NAMED = 4  # names, or places, in one sentence
MAX_NAME = 40  # characters of a student's name for something
MAX_LIKELY = 3  # cells that are compared so with one stub
LIKE = 0.6  # difflib's ratio from which a cell is taken for a changed copy of a released one

_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_LOOKALIKES = str.maketrans({"\u00a0": " ", "\u2007": " ", "\u202f": " ", "“": '"', "”": '"', "‘": "'", "’": "'"})
_INVISIBLE = str.maketrans("", "", "\ufeff\u200b\u200c\u200d\u2060")
_DEFINITION_LINE = re.compile(r"^(?:@|def |class |async def )", re.MULTILINE)


@dataclass
class Repair:
    """The repair of one notebook.

    Attributes:
        plan: what the source says of the notebook.
        cells: the cells as they stand now.
        notes: what was mended, a sentence each.
        needs_review: what could not be mended surely, and where a person should look, a sentence each.
    """

    plan: Outline
    cells: list[NotebookCell]
    notes: list[str] = field(default_factory=list)
    needs_review: list[str] = field(default_factory=list)


def repaired(cells: Iterable[NotebookCell], plan: Outline) -> Repair:
    """The cells of a submitted notebook, mended, what was mended, and what is left to a person."""
    forget_sources()
    _text_as_code.cache_clear()
    repair = Repair(plan, list(cells))
    if _is_as_released(repair):
        return repair
    for step in (
        _name_locked_cells, _free_work_from_locked_cells, _keep_additions_to_locked_cells, _mend_characters,
        _join_parts, _turn_into_code, _take_apart, _name_by_definition, _name_by_likeness,
        _drop_stubs, _name_doubles, _note_what_needs_review, _restore_order,
    ):  # fmt: skip
        step(repair)
    return repair


def _is_as_released(repair: Repair) -> bool:
    """Whether every cell is where the release has it, and each exercise's holds its definition alone.

    Most notebooks are like that, and none of the steps finds anything to mend in one; they take several times as long.
    """
    if len(repair.cells) != len(repair.plan.cells):
        return False
    fillable = False
    for cell, released in zip(repair.cells, repair.plan.cells, strict=True):
        if not released.name or (cell.name, cell.kind) != (released.name, released.kind):
            return False
        if released.locked:
            if cell.source != released.source and normalized(cell.source) != normalized(released.source):
                return False
        elif fillable or not released.solution or not _is_plain_definition(cell.source, released.name):
            return False  # two cells to fill, one after the other, could be parts of one
        fillable = not released.locked
    return True


def _is_plain_definition(source: str, name: str) -> bool:
    """Whether a cell is the definition of `name` and nothing else."""
    own = statements(source)
    return len(own) == 1 and isinstance(own[0], ast.FunctionDef | ast.ClassDef) and own[0].name == name


def _name_locked_cells(repair: Repair) -> None:
    """A cell without a name that says just what a locked cell says is that cell."""
    present = {cell.name for cell in repair.cells}
    lost = {normalized(cell.source): cell for cell in repair.plan.locked.values() if cell.name not in present}
    for index, cell in enumerate(repair.cells):
        locked = None if cell.name else lost.get(normalized(cell.source))
        if locked is not None:
            repair.cells[index] = replace(cell, name=locked.name)


def _free_work_from_locked_cells(repair: Repair) -> None:
    """An exercise that stands in a locked cell, after cells were merged, is the student's work."""
    for index, cell in enumerate(repair.cells):
        locked = repair.plan.locked.get(cell.name)
        if locked is None or cell.kind != "code" or normalized(cell.source) == normalized(locked.source):
            continue
        found = [name for name in repair.plan.exercises if _line_defines(cell.source, name)]
        if found and not any(_line_defines(locked.source, name) for name in found):
            repair.cells[index] = replace(cell, name="")
            repair.notes.append(f"{_listed(found)} stood in the locked cell `{cell.name}`, and was graded.")


def _keep_additions_to_locked_cells(repair: Repair) -> None:
    """What a student has added to a locked cell is the student's: imports, and what is bound to names of their own.

    The author's own statements stand as in the source, whatever was made of them. To a demonstration, which is not run,
    other statements are no addition: they show something.
    """
    authors: frozenset[str] | None = None
    kept: list[NotebookCell] = []
    for cell in repair.cells:
        kept.append(cell)
        locked = repair.plan.locked.get(cell.name)
        if locked is None or cell.kind != "code" or normalized(cell.source) == normalized(locked.source):
            continue
        if authors is None:
            known = (each.source for each in repair.plan.locked.values() if each.kind == "code")
            authors = frozenset(repair.plan.exercises).union(*map(bound, known))
        theirs = {dumped(statement) for statement in statements(locked.source)}
        added = [
            segment
            for statement in statements(cell.source)
            if dumped(statement) not in theirs and _is_addition(statement, authors, whole=not locked.demonstration)
            for segment in [ast.get_source_segment(without_prompts(cell.source), statement, padded=True)]
            if segment
        ]
        if added:
            kept.append(replace(cell, source="\n".join(added), name=""))
            repair.notes.append(f"What was added to the locked cell `{cell.name}` was run after it.")
    repair.cells[:] = kept


def _is_addition(statement: ast.stmt, authors: Container[str], *, whole: bool) -> bool:
    """Whether a statement imports something, or binds only names that are not the author's; `whole`, or binds none."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    kinds = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign
    return (
        (whole or isinstance(statement, kinds))
        and not _is_shown(statement)
        and not any(name in authors for name in bound_by(statement))
    )


def _mend_characters(repair: Repair) -> None:
    """Tabs among spaces, and characters that only look like a space or a quote, where Python takes no offence."""
    for index, cell in enumerate(repair.cells):
        if cell.kind != "code" or cell.name in repair.plan.locked or parses(cell.source):
            continue
        source = _readable(cell.source)
        if source != cell.source:
            repair.cells[index] = replace(cell, source=source)
            what = "tabs or spaces" if "\t" in cell.source else "characters"
            repair.notes.append(f"In {cell.called}, {what} that Python cannot read were replaced.")


def _readable(source: str) -> str:
    """The source with its strange characters replaced, if that makes it Python, else as it is."""
    plain = source.translate(_INVISIBLE).translate(_LOOKALIKES)
    return next((each for each in (source, plain, plain.expandtabs(4), plain.expandtabs(8)) if parses(each)), source)


def _join_parts(repair: Repair) -> None:
    """A function that was split over several cells, one right after the other, is one cell again."""
    index = 0
    while index < len(repair.cells):
        cell = repair.cells[index]
        for count in range(2, MAX_PARTS + 1):
            parts = repair.cells[index : index + count]
            if len(parts) < count or not _could_be_parts(parts, repair.plan):
                break
            joined = "\n".join(part.source.rstrip("\n") for part in parts)
            as_code = all(part.kind == "code" for part in parts) or defined(joined) & set(repair.plan.exercises)
            if as_code and parses(joined, as_it_stands=True):
                name = next((part.name for part in parts if part.name), "")
                repair.cells[index : index + count] = [replace(cell, kind="code", source=joined, name=name)]
                repair.notes.append(f"{_sentence(cell.called)} had been split into {count}; they were joined.")
                break
        index += 1


def _could_be_parts(parts: list[NotebookCell], plan: Outline) -> bool:
    if any(part.name in plan.locked for part in parts) or all(part.kind != "code" for part in parts):
        return False
    if len({part.name for part in parts} - {""}) > 1:
        return False
    broken = not parses(parts[0].source, as_it_stands=True)
    return broken or all(part.source.lstrip("\n")[:1] in (" ", "\t") for part in parts[1:])


def _turn_into_code(repair: Repair) -> None:
    """An exercise that stands as code nowhere, and as text once, was code."""
    for exercise in repair.plan.exercises:
        if any(_has_work(cell, exercise, repair) for cell in repair.cells):
            continue
        texts = {
            index: source
            for index, cell in enumerate(repair.cells)
            if cell.kind != "code" and cell.name not in repair.plan.locked
            if exercise in defined(source := _text_as_code(cell.source))
            if normalized(source) != normalized(repair.plan.stubs.get(exercise, ""))
        }
        if len(texts) == 1:
            ((index, source),) = texts.items()
            cell = repair.cells[index]
            repair.cells[index] = replace(cell, kind="code", source=source)
            repair.notes.append(f"{_sentence(cell.called)} had become text; `{exercise}` in it was graded as code.")


@functools.lru_cache(MAX_REMEMBERED)
def _text_as_code(source: str) -> str:
    """What a text cell says, without the fences around code in it."""
    return _readable(_FENCE.sub("", source))


def _take_apart(repair: Repair) -> None:
    """A cell with several exercises in it: each of them is a cell, and the author's own tests are left out."""
    authors = _dumped_statements(repair.plan.shown)
    apart: list[NotebookCell] = []
    for cell in repair.cells:
        found = [name for name in repair.plan.exercises if _line_defines(cell.source, name)]
        if not found or cell.kind != "code" or cell.name in repair.plan.locked:
            apart.append(cell)
            continue
        own = statements(cell.source)
        left_out = authors.left_out(own)
        if len(found) == 1 and not left_out:
            apart.append(cell)
            continue
        pieces = _pieces(cell.source, own, left_out) if own else _pieces_of_text(cell.source)
        if len(pieces) > MAX_PIECES:
            apart.append(cell)
            continue
        for piece in pieces:
            names = [name for name in found if _line_defines(piece, name)]
            apart.append(replace(cell, source=piece, name=names[0] if names else ""))
        what = _listed(found) if len(found) < 4 else f"{len(found)} exercises"
        repair.notes.append(f"{_sentence(cell.called)} holds {what} and more; each part was graded by itself.")
    repair.cells[:] = apart


class _AuthorsStatements:
    """The statements of the author's demonstrations, to be known again in a cell that one was merged into.

    What a student has written may be the same, word for word: an import, a constant, a helper. So a statement is left
    out only if nothing can depend on it, an assert, a print, or examples that their decorator runs; or if it shows
    something, amid all of its demonstration.
    """

    def __init__(self, shown: Iterable[OutlineCell]) -> None:
        self._shown: frozenset[str] = frozenset()
        self._whole: dict[str, list[tuple[list[str], frozenset[str]]]] = {}  # by the first statement
        for cell in shown:
            own = statements(cell.source)
            texts = [dumped(statement) for statement in own]
            defining = frozenset(map(dumped, statements(cell.defines)))
            self._shown |= {
                text
                for text, each in zip(texts, own, strict=True)
                if text and (_is_shown(each) or (_runs_at_once(each) and text not in defining))
            }
            if len(texts) > 1:
                self._whole.setdefault(texts[0], []).append((texts, defining))

    def left_out(self, own: list[ast.stmt]) -> frozenset[int]:
        """The places of statements that are left out of a cell's `own`."""
        texts = [dumped(statement) for statement in own]
        left_out = {place for place, text in enumerate(texts) if text in self._shown}
        for place, text in enumerate(texts):
            for whole, defining in self._whole.get(text, ()):
                if texts[place : place + len(whole)] == whole:
                    left_out |= {place + number for number, each in enumerate(whole) if each and each not in defining}
        return frozenset(left_out)


def _runs_at_once(statement: ast.stmt) -> bool:
    """Whether a statement is a function that its decorator can run, as examples are run."""
    return isinstance(statement, ast.FunctionDef) and bool(statement.decorator_list)


def _is_shown(statement: ast.stmt) -> bool:
    """Whether a statement only shows something: an assert, or a print."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        called = statement.value.func
        return isinstance(called, ast.Name) and called.id == "print"
    return isinstance(statement, ast.Assert)


@functools.lru_cache(64)
def _dumped_statements(shown: tuple[OutlineCell, ...]) -> _AuthorsStatements:
    """The statements of the author's demonstrations."""
    return _AuthorsStatements(shown)


def _pieces(source: str, own: list[ast.stmt], left_out: Container[int]) -> list[str]:
    """Each definition by itself, what stands between them together; without the statements that are left out.

    A line belongs to one piece, however many statements stand on it.
    """
    lines = without_prompts(source).split("\n")
    pieces: list[str] = []
    between: list[str] = []
    taken = 0  # lines that belong to a piece already
    for place, statement in enumerate(own):
        if place in left_out or lines[statement.lineno - 1].startswith("%%"):
            continue
        decorators = getattr(statement, "decorator_list", [])
        first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
        last = statement.end_lineno or first
        if last <= taken:
            continue
        text = "\n".join(lines[max(first - 1, taken) : last])
        taken = last
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            pieces += ["\n".join(between)] * bool(between) + [text]
            between = []
        else:
            between.append(text)
    return pieces + ["\n".join(between)] * bool(between)


def _pieces_of_text(source: str) -> list[str]:
    """A cell that is no Python, cut at its definitions, so that a mistake in one of them costs no other."""
    starts = [match.start() for match in _DEFINITION_LINE.finditer(source)]
    starts = [start for k, start in enumerate(starts) if k == 0 or not source.startswith("@", starts[k - 1])]
    bounds = sorted({0, *starts, len(source)})
    return [piece for a, b in itertools.pairwise(bounds) if (piece := source[a:b]).strip()]


def _name_by_definition(repair: Repair) -> None:
    """A cell without a name that defines one exercise goes by its name, so that its errors are that exercise's."""
    named = {cell.name for cell in repair.cells}
    for index, cell in enumerate(repair.cells):
        found = [name for name in repair.plan.exercises if _line_defines(cell.source, name)]
        if cell.kind == "code" and not cell.name and len(found) == 1 and found[0] not in named:
            repair.cells[index] = replace(cell, name=found[0])


def _name_by_likeness(repair: Repair) -> None:
    """A cell without a name, most like the released cell of an exercise that is nowhere else, goes by its name."""
    for exercise in _lost(repair):
        stub = normalized(repair.plan.stubs.get(exercise, ""))[:MAX_COMPARED]
        quick = {
            index: matcher
            for index, cell in enumerate(repair.cells)
            if not cell.name and cell.kind == "code"
            for matcher in [difflib.SequenceMatcher(None, normalized(cell.source)[:MAX_COMPARED], stub, False)]
            if matcher.real_quick_ratio() >= LIKE and matcher.quick_ratio() >= LIKE
        }
        likely = heapq.nlargest(MAX_LIKELY, quick, key=lambda index: quick[index].quick_ratio())
        best = max(likely, key=lambda index: quick[index].ratio(), default=None)
        if best is not None and quick[best].ratio() >= LIKE:
            repair.cells[best] = replace(repair.cells[best], name=exercise)


def _lost(repair: Repair) -> list[str]:
    """The exercises that no cell is called by, and no code defines."""
    named = {cell.name for cell in repair.cells}
    return [
        name
        for name in repair.plan.exercises
        if name not in named and not any(_has_work(cell, name, repair) for cell in repair.cells)
    ]


def _note_what_needs_review(repair: Repair) -> None:
    """Say where to look for an exercise that something was written for, but that no code defines."""
    for exercise in repair.plan.exercises:
        if any(_has_work(cell, exercise, repair) for cell in repair.cells):
            continue
        if exercise in repair.plan.stubs and not _line_defines(repair.plan.stubs[exercise], exercise):
            continue  # its cell has a name of its own, and defines whatever it likes
        own = (cell for cell in repair.cells if cell.kind == "code" and not _is_stub(cell, exercise, repair.plan))
        if any(exercise in bound(cell.source) for cell in own):
            continue  # it is imported
        texts = [
            f"cell {cell.position + 1}"
            for cell in repair.cells
            if cell.kind != "code" and cell.name not in repair.plan.locked and _line_defines(cell.source, exercise)
        ]
        named = [cell for cell in repair.cells if cell.name == exercise and not _is_stub(cell, exercise, repair.plan)]
        if texts:
            repair.needs_review.append(
                f"`{exercise}` stands only as text, in {_several(texts)}, and could not be taken for code surely."
            )
        elif named:
            others = sorted(set().union(*(_functions(cell.source) for cell in named)))
            instead = f"; it defines {_listed(others)}" if others else ""
            where = _several([f"cell {cell.position + 1}" for cell in named])
            repair.needs_review.append(f"`{exercise}` is not defined in its own cell, {where}{instead}.")
        elif not any(cell.name == exercise for cell in repair.cells):
            repair.needs_review.append(f"`{exercise}` was found nowhere: its cell is gone.")


def _functions(source: str) -> set[str]:
    return {node.name for node in statements(source) if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def _drop_stubs(repair: Repair) -> None:
    """The empty stub of an exercise that is solved elsewhere would undo it."""
    for exercise in repair.plan.exercises:
        works = [index for index, cell in enumerate(repair.cells) if _has_work(cell, exercise, repair)]
        later = {
            index
            for index, cell in enumerate(repair.cells)
            if works and index > works[-1] and cell.kind == "code" and _is_stub(cell, exercise, repair.plan)
        }
        if later:
            where = repair.cells[works[-1]].position + 1
            repair.notes.append(f"`{exercise}` was found in cell {where}; the empty cell below it was left out.")
            repair.cells[:] = [cell for index, cell in enumerate(repair.cells) if index not in later]


def _name_doubles(repair: Repair) -> None:
    """Of two definitions of an exercise the last one counts, as when the notebook is run."""
    for exercise in repair.plan.exercises:
        works = [
            cell
            for cell in repair.cells
            if _has_work(cell, exercise, repair) and _line_defines(cell.source, exercise)  # no `train = 5`
        ]
        places = sorted({cell.position + 1 for cell in works})
        if len(places) > 1:
            listed = _several([f"cell {place}" for place in places])
            repair.notes.append(f"`{exercise}` is defined in {listed}; the last one counts.")


def _restore_order(repair: Repair) -> None:
    """What a locked cell defines is needed by the exercises behind it, wherever the cell was moved to."""
    order = [cell.name for cell in repair.plan.cells]
    for name, locked in repair.plan.locked.items():
        place = next((index for index, cell in enumerate(repair.cells) if cell.name == name), None)
        if place is None or locked.kind != "code" or locked.demonstration:
            continue
        behind = {each for each in order[order.index(name) + 1 :] if each in repair.plan.exercises}
        first = next((index for index, cell in enumerate(repair.cells) if cell.name in behind), place)
        if first < place:
            repair.cells.insert(first, repair.cells.pop(place))
            repair.notes.append(f"The cell `{name}` had been moved down; it was run in its place.")


def defines(source: str, name: str) -> bool:
    """Whether a cell's own statements define `name`; if it is no Python, whether a line at its margin does."""
    return name in defined(source) if parses(source) else _line_defines(source, name)


def parses(source: str, *, as_it_stands: bool = False) -> bool:
    """Whether a cell is Python, magics allowed; IPython takes an indented cell, too, if not `as_it_stands`."""
    if as_it_stands and source.lstrip("\n")[:1] in (" ", "\t"):
        return False
    return tree(source) is not None


def _line_defines(source: str, name: str) -> bool:
    """Whether a line at the margin defines `name`, be the rest Python or not."""
    return name in at_the_margin(source)


def _has_work(cell: NotebookCell, exercise: str, repair: Repair) -> bool:
    if cell.kind != "code" or cell.name in repair.plan.locked or exercise not in cell.source:
        return False
    if _is_stub(cell, exercise, repair.plan):
        return False
    return _line_defines(cell.source, exercise) or exercise in defined(cell.source)


def _is_stub(cell: NotebookCell, exercise: str, plan: Outline) -> bool:
    return normalized(cell.source) == normalized(plan.stubs.get(exercise, "")) != ""


def _listed(names: Sequence[str]) -> str:
    return _several([f"`{name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + '…'}`" for name in names])


def _several(words: Sequence[str]) -> str:
    """Some words in a sentence, of many only the first."""
    return " and ".join([*words[:MAX_NAMED], *([f"{len(words) - MAX_NAMED} more"] * (len(words) > MAX_NAMED))])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
