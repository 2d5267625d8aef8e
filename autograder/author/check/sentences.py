"""Whatever a docstring says is checked: each sentence has a misconception that violates it, and a check that tells.

The table of a notebook is sentences/NOTEBOOK.toml beside the checks, with a row for each sentence:

    [[update]]
    says = "Neither w nor X is changed."
    violated_by.changed_in_place = "test_update_leaves_its_arguments"

    [[update]]
    says = "eta: the learning rate."
    promises_nothing = "it is what a caller gives"

A check that no sentence names punishes what nobody said. A notebook without a table is not looked at.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograder.author.check.complaint import Complaint
from autograder.author.docstrings import sentences_of
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from autograder.author.check.places import Places
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.checking.check import Check

    Outcomes = Mapping[str, str]  # by check

FOLDER = "sentences"
SAYS, VIOLATED_BY, PROMISES_NOTHING = "says", "violated_by", "promises_nothing"
_HEADER = re.compile(r"\s*\[\[\s*[\"']?([^\"'\]]+?)[\"']?\s*\]\]")
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)")
_NOT_TOLD = (outcomes.PASSED, outcomes.NOT_ATTEMPTED, outcomes.BLOCKED)


@dataclass(frozen=True)
class Row:
    """A row of a table: the exercise and its sentence, the checks that tell by misconception, or why there are none.

    `line` is that of its header, and `lines` are those of its misconceptions.
    """

    exercise: str
    says: str
    violated_by: Mapping[str, str]
    promises_nothing: str = ""
    line: int = 0
    lines: Mapping[str, int] = field(default_factory=dict)


def table_of(course: Course, notebook: str) -> Path:
    """Where the table of a notebook is."""
    return course.checks / FOLDER / f"{notebook}.toml"


def without_table(course: Course) -> list[str]:
    """The notebooks with hidden checks that have no table."""
    return [name for name in course.notebooks if course.has_checks(name) and not table_of(course, name).is_file()]


def how_to_begin(places: Places, notebooks: list[str]) -> str:
    """How the table of the first of some notebooks is begun, in a sentence; "" if there are none."""
    if not notebooks:
        return ""
    first = notebooks[0]
    exercises = places.course.notebooks[first].exercises
    variant = next(iter(places.course.misconceptions(first)), None)
    exercise = variant.exercise if variant is not None else next(iter(exercises), "exercise")
    name = variant.name if variant is not None else "misconception"
    return (
        f"No table says which check tells of each sentence of the docstrings of {', '.join(notebooks)}. To have it "
        f"proved, begin {places.told(table_of(places.course, first))} with three lines: [[{exercise}]], "
        f'{SAYS} = "a sentence", and {VIOLATED_BY}.{name} = "test_..."; `autograder check` then names what is missing.'
    )


def rows_of(path: Path) -> list[Row]:
    """The rows of a table. Raises tomllib.TOMLDecodeError."""
    text = path.read_text(encoding="utf-8")
    table = tomllib.loads(text)
    headers: dict[str, list[int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if found := _HEADER.match(line):
            headers.setdefault(found[1], []).append(number)
    rows = []
    for exercise, each in table.items():
        entries = each if isinstance(each, list) else [each]
        for position, entry in enumerate(entries):
            lines = headers.get(exercise, [])
            rows.append(_row(exercise, entry, text.splitlines(), lines[position] if position < len(lines) else 0))
    return rows


def _row(exercise: str, entry: Any, lines: list[str], line: int) -> Row:
    given = entry if isinstance(entry, dict) else {}
    violated_by = given.get(VIOLATED_BY, {})
    violated_by = violated_by if isinstance(violated_by, dict) else {}
    within = [number for number in range(line + 1, len(lines) + 1) if line]
    end = next((number for number in within if _HEADER.match(lines[number - 1])), len(lines) + 1)
    named = {
        name: next((number for number in range(line + 1, end) if name in lines[number - 1]), line)
        for name in violated_by
    }
    says, why = " ".join(str(given.get(SAYS, "")).split()), str(given.get(PROMISES_NOTHING, ""))
    return Row(exercise, says, {name: str(check) for name, check in violated_by.items()}, why, line, named)


def complaints_of_tables(
    places: Places, checks: Iterable[Check], outcomes_of: Callable[[str, str], Outcomes]
) -> Iterator[Complaint]:
    """What is wrong with an assignment's tables.

    Args:
        places: those of the assignment.
        checks: all of its checks.
        outcomes_of: the outcome of each check of its exercise, for a notebook's misconception by its name.
    """
    course = places.course
    for notebook in course.notebooks:
        path = table_of(course, notebook)
        if not path.is_file() or not course.has_checks(notebook):
            continue
        file = places.told(path)
        try:
            rows = rows_of(path)
        except tomllib.TOMLDecodeError as error:
            line = _AT_LINE.search(str(error))
            yield Complaint(
                file, int(line[1]) if line else 0, f"it is no TOML: {_AT_LINE.sub('', str(error))}: mend it."
            )
            continue
        own = [check for check in checks if check.notebook == notebook]
        for exercise in course.notebooks[notebook].exercises:
            yield from _of_docstrings(places, notebook, exercise, [row for row in rows if row.exercise == exercise])
        for row in rows:
            yield from _of_row(course, notebook, file, row, own, outcomes_of)
        named = {check for row in rows for check in row.violated_by.values()}
        for check in own:
            if check.name not in named:
                says = f"no row of {file} names {check.name}, so it punishes what no docstring says: say it in the"
                yield places.check(notebook, check.name, f"{says} docstring of `{check.exercise}`, and name it there.")


def _of_docstrings(places: Places, notebook: str, exercise: str, rows: list[Row]) -> Iterator[Complaint]:
    """Sentences without a row, and rows whose sentence is gone."""
    file = places.told(table_of(places.course, notebook))
    sentences = sentences_of(places.script(notebook)[1], exercise)
    missing = Counter(row.says for row in rows)
    for sentence in sentences:
        if missing[sentence.says]:
            missing[sentence.says] -= 1
        else:
            says = f"`{exercise}` says {sentence.says!r}, of which no row of {file} knows: add a row [[{exercise}]]"
            yield places.in_script(notebook, sentence.line, f"{says} with a misconception and the check that tells.")
    for row in rows:
        if row.says and missing[row.says]:
            missing[row.says] -= 1
            says = f"the docstring of `{exercise}` does not say {row.says!r} (any more): take the row out, or mend it."
            yield Complaint(file, row.line, says)


def _of_row(
    course: Course, notebook: str, file: str, row: Row, checks: list[Check], outcomes_of: Callable[[str, str], Outcomes]
) -> Iterator[Complaint]:
    plan = course.notebooks[notebook]
    if row.exercise not in plan.exercises:
        known = ", ".join(plan.exercises)
        yield Complaint(file, row.line, f"`{row.exercise}` is no exercise of {notebook} ({known}): rename the row.")
        return
    if not row.says:
        yield Complaint(file, row.line, f'a row of `{row.exercise}` has no sentence: add {SAYS} = "...".')
    if bool(row.violated_by) == bool(row.promises_nothing):
        which = "both" if row.violated_by else "neither"
        says = f"a row of `{row.exercise}` has {which} {VIOLATED_BY} and {PROMISES_NOTHING}: it needs one of them."
        yield Complaint(file, row.line, says.replace("neither violated_by and", "neither violated_by nor"))
    own = {check.name for check in checks if check.exercise == row.exercise}
    variants = {variant.name for variant in course.misconceptions(notebook) if variant.exercise == row.exercise}
    for name, check in row.violated_by.items():
        line = row.lines[name]
        if name not in variants:
            place = f"misconceptions/{notebook}.py"
            yield Complaint(
                file, line, f"{name} is no misconception of `{row.exercise}`: rename it, or add it to {place}."
            )
        if check not in own:
            yield Complaint(file, line, f"{check} is no check of `{row.exercise}`: rename it, or write it.")
        if name in variants and check in own and outcomes_of(notebook, name).get(check, "") in _NOT_TOLD:
            failed = [each for each, outcome in outcomes_of(notebook, name).items() if outcome not in _NOT_TOLD]
            but = f"what tells is {', '.join(failed)}" if failed else "no check tells"
            yield Complaint(
                file, line, f"{check} does not tell of {name} with every seed; {but}: name that, or sharpen it."
            )
