"""Terminal output for a tutor: the progress of a run, and a table of the class."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn
from rich.table import Table
from rich.text import Text

from autograder.faces.shown_names import shown_names
from autograder.faces.time_left import TimeLeft, TimeTold, in_words
from autograder.trusted.results import outcomes
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from rich.progress import Task

    from autograder.trusted.results.records import NotebookRecord

MAX_ROWS = 60
MAX_REFRESHES = 10  # a second
UNKNOWN = "time left ..."
_STATUS_STYLE = {outcomes.GRADED: "", outcomes.MISSING: "dim", outcomes.UNREADABLE: "red"}


class _Rate(ProgressColumn):
    """Notebooks per second, once some are graded."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:.1f} notebooks/s" if speed else "")


@contextmanager
def progress(total: int, notebooks: Sequence[str] = ()) -> Iterator[Callable[[NotebookRecord], None]]:
    """Show a progress bar if stderr is a terminal; call the function that it yields with each record.

    `notebooks` are the notebooks to be graded, by name, as often as each is: a run that lasts says, once, and as soon
    as it is known, how long it will take.
    """
    with steps(total, notebooks) as advance:
        yield lambda record: advance(record.student, record.notebook, record.seconds)


@contextmanager
def steps(total: int, notebooks: Sequence[str] | None = None) -> Iterator[Callable[..., None]]:
    """Show a progress bar as above; call the function that it yields with whose notebook is done, and its name.

    With `notebooks`, it is also called with the seconds that the notebook took.
    """
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TextColumn("{task.fields[left]}"),
        TextColumn("{task.fields[latest]}", style="dim", markup=False),
    )
    console = Console(stderr=True)
    shown = sys.stderr.isatty() and console.is_interactive  # FORCE_COLOR would otherwise show the bar in a file
    # No refresh thread: graders are forked while the bar is shown.
    with Progress(*columns, console=console, auto_refresh=False, transient=True, disable=not shown) as bar:
        task = bar.add_task("grading", total=total, latest="", left="" if notebooks is None else UNKNOWN)
        refreshed, left = 0.0, TimeLeft(notebooks or (), total - len(notebooks or ()))
        told = TimeTold(left)

        def advance(whose: str, notebook: str, taken: float = 0.0) -> None:
            nonlocal refreshed
            now = time.monotonic()
            left.done(notebook, taken, now)
            seconds = left.seconds(now)
            if news := told.sentence(now):
                console.print(news)
            due = now - refreshed >= 1 / MAX_REFRESHES
            refreshed = now if due else refreshed
            said = f"time left {in_words(seconds)}" if seconds is not None else "" if notebooks is None else UNKNOWN
            bar.update(task, advance=1, latest=f"{one_line(whose, 30)} {notebook}", left=said, refresh=due)

        yield advance


def show_class(
    shown: Sequence[NotebookRecord],
    path: Path | None,
    report: Path | None,
    *,
    unchanged: int,
    seconds: float,
    moved: int = 0,
) -> None:
    """Print a table with a row a student and a column a notebook, then what needs review or was repaired.

    `path` is the results file and `report` the class report, or None if they are temporary. `unchanged` is how many
    notebooks were graded before; `seconds` is how long the run took; `moved` is how many marks changed.
    """
    console = Console()
    notebooks = sorted({record.notebook for record in shown})
    by_student: dict[str, dict[str, NotebookRecord]] = {}
    for record in shown:
        by_student.setdefault(record.student, {})[record.notebook] = record
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 0))
    table.add_column("student")
    for notebook in notebooks:
        table.add_column(notebook, justify="right")
    table.add_column("total", justify="right", style="bold")
    names = shown_names(by_student)
    for student in list(by_student)[:MAX_ROWS]:
        row = by_student[student]
        total = sum(record.earned for record in row.values())
        table.add_row(Text(one_line(names[student], 40)), *(_cell(row.get(name)) for name in notebooks), f"{total:g}")
    console.print(table)
    if len(by_student) > MAX_ROWS:
        console.print(f"... and {len(by_student) - MAX_ROWS} students more" + (f", in {path}" if path else ""))
    _show_unusual(console, shown, path)
    again = f", {unchanged} of them graded before and unchanged" if unchanged else ""
    counts = f"{count(len(by_student), 'student')}, {count(len(shown), 'notebook')}{again}"
    where = f" Results: {path}" if path else ""
    console.print(f"{counts}; {seconds:.1f} s.{where}", soft_wrap=True, highlight=False, markup=False)
    if moved:
        console.print(f"{count(moved, 'mark')} moved since the results before these: see `autograder compare`.")
    if report:
        console.print(f"Report: {report}", soft_wrap=True, highlight=False, markup=False)


def count(number: int, thing: str) -> str:
    """A number with its noun, singular or plural: 1 student, 2 students."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _cell(record: NotebookRecord | None) -> Text:
    if record is None:
        return Text("")
    if record.status in (outcomes.MISSING, outcomes.UNREADABLE):
        return Text(record.status, style=_STATUS_STYLE[record.status])
    mark = "" if record.status == outcomes.GRADED else f" {record.status}"
    share = record.earned / record.possible if record.possible else 0.0
    style = "green" if share == 1 else "red" if share == 0 else ""
    return Text(f"{record.earned:g}/{record.possible:g}{mark}", style=style)


def _show_unusual(console: Console, shown: Sequence[NotebookRecord], path: Path | None) -> None:
    """Print a line for each notebook with another status than graded, each point for review, and each repair."""
    unusual = [record for record in shown if record.status not in (outcomes.GRADED, outcomes.MISSING)]
    _show_lines(console, "yellow", [(record, f"{record.status}: {record.reason}") for record in unusual], path)
    needs_review = [(record, f"to be looked at: {doubt}") for record in shown for doubt in record.needs_review]
    _show_lines(console, "yellow", needs_review, path)
    repairs = [(record, f"repaired: {repair}") for record in shown for repair in record.repairs]
    _show_lines(console, "dim", repairs, path)


def _show_lines(console: Console, style: str, lines: Sequence[tuple[NotebookRecord, str]], path: Path | None) -> None:
    for record, text in lines[:MAX_ROWS]:
        line = f"{one_line(record.student, 40)} / {record.notebook}: {one_line(text)}"
        console.print(Text(line, style=style), soft_wrap=True)
    if len(lines) > MAX_ROWS:
        console.print(f"... and {len(lines) - MAX_ROWS} such lines more" + (f", in {path}" if path else ""))
