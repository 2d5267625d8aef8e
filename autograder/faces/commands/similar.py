"""`autograder similar`: list students who may have worked together, as a hint for a person, never a verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.faces.commands.json_lines import print_json
from autograder.faces.commands.terminal import MAX_ROWS, count
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.similarity.groups import SimilarExercise, SimilarGroup

MAX_STUDENTS = 12  # of a group whose names the terminal shows
ADVICE = (
    "A hint, never a verdict: the code of each group is the same after renaming and reformatting, or nearly so, and "
    "few others wrote it. Look at it yourself, and ask, before you conclude anything."
)


def show_groups(groups: Sequence[SimilarGroup], notebooks: int, *, as_json: bool) -> None:
    """Print the groups that were found in `notebooks` notebooks, as a JSON object a line or as a table."""
    if as_json:
        for group in groups:
            print_json(group)
        return
    console = Console(highlight=False)
    if groups:
        console.print(_table(groups[:MAX_ROWS]))
        if len(groups) > MAX_ROWS:
            console.print(f"... and {count(len(groups) - MAX_ROWS, 'group')} more; --json lists them all.")
        console.print(ADVICE)
    found = count(len(groups), "group") if groups else "No group"
    console.print(f"{found} in {count(notebooks, 'notebook')}.")


def _table(groups: Sequence[SimilarGroup]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1))
    table.add_column("notebook", no_wrap=True)
    table.add_column("students", ratio=1)
    table.add_column("exercises", ratio=1)
    table.add_column("alike", justify="right")
    for group in groups:
        names = ", ".join(one_line(student, 40) for student in group.students[:MAX_STUDENTS])
        more = len(group.students) - MAX_STUDENTS
        exercises = ", ".join(_exercise(each, group) for each in group.exercises)
        table.add_row(
            Text(group.notebook),
            Text(f"{names} and {more} more" if more > 0 else names),
            Text(exercises),
            f"{100 * group.alike:.0f} %",
        )
    return table


def _exercise(each: SimilarExercise, group: SimilarGroup) -> str:
    """An exercise, with the names of the students who have it alike if these are not the whole group."""
    if each.students == group.students:
        return each.exercise
    if len(each.students) > MAX_STUDENTS:
        return f"{each.exercise} ({len(each.students)} of them)"
    return f"{each.exercise} ({', '.join(one_line(student, 40) for student in each.students)})"
