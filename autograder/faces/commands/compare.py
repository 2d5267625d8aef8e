"""`autograder compare`: whose mark moved between two gradings, by how much, and which check moved it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from autograder.errors import UsageError
from autograder.faces.commands.json_lines import print_json
from autograder.faces.commands.terminal import MAX_ROWS, count
from autograder.trusted.results.regrade import compare_results
from autograder.trusted.results.store import read_earlier_results, read_results_at
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from autograder.trusted.results.regrade import CheckMove, NotebookMove, Regrade


def compare_places(old: Path | None, new: Path) -> Regrade:
    """Compare the results at `old` with those at `new`; each is a results.jsonl or its folder.

    Without `old`, the results in the folder `new` are compared with those from before its last regrade.
    Raises UsageError if either is missing.
    """
    if old is not None:
        return compare_results(read_results_at(old), read_results_at(new))
    now = read_results_at(new)
    earlier = read_earlier_results(new)
    if not earlier:
        raise UsageError(f"{new} holds no earlier result: no mark was changed there. Name two results to compare.")
    return compare_results(earlier, now)


def show_regrade(regrade: Regrade, *, as_json: bool) -> None:
    """Print a comparison, as one JSON object or as tables followed by sentences."""
    if as_json:
        print_json(regrade)
        return
    console = Console(highlight=False)
    if regrade.moved:
        console.print(_table_of_marks(regrade.moved[:MAX_ROWS]))
        if len(regrade.moved) > MAX_ROWS:
            console.print(f"... and {count(len(regrade.moved) - MAX_ROWS, 'mark')} more; --json lists them all.")
        console.print(_table_of_checks(regrade))
    for text, names in (
        ("New in the later results", regrade.new_students),
        ("Gone from the later results", regrade.gone_students),
        ("New notebooks", _of_known_students(regrade.new, regrade.new_students)),
        ("Notebooks gone", _of_known_students(regrade.gone, regrade.gone_students)),
    ):
        if names:
            console.print(Text(f"{text}: {_listed(names)}."), soft_wrap=True)
    for move in regrade.restated[:MAX_ROWS]:
        console.print(Text(f"{_whose(move)} keeps its mark: {_why(move)}", style="dim"), soft_wrap=True)
    if len(regrade.restated) > MAX_ROWS:
        console.print(f"... and {count(len(regrade.restated) - MAX_ROWS, 'notebook')} more that keep their mark.")
    moved = f"{count(len(regrade.moved), 'mark')} of {count(len(regrade.students_moved), 'student')} moved"
    console.print(f"{moved if regrade.moved else 'No mark moved'}; {count(regrade.unchanged, 'notebook')} as before.")


def _table_of_marks(moved: Sequence[NotebookMove]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1))
    for heading in ("student", "notebook"):
        table.add_column(heading)
    for heading in ("before", "after", "moved"):
        table.add_column(heading, justify="right")
    table.add_column("which check moved it", ratio=1)
    for move in moved:
        table.add_row(
            Text(one_line(move.student, 40)),
            Text(one_line(move.notebook, 40)),
            f"{move.earned_before or 0:g}/{move.possible_before:g}",
            f"{move.earned_after or 0:g}/{move.possible_after:g}",
            Text(f"{move.moved:+g}", style="green" if move.moved > 0 else "red"),
            Text(_why(move)),
        )
    return table


def _table_of_checks(regrade: Regrade) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 1))
    for heading in ("check", "what it says"):
        table.add_column(heading)
    for heading in ("up", "down", "points"):
        table.add_column(heading, justify="right")
    for each in regrade.checks[:MAX_ROWS]:
        where = f"{each.notebook} / {each.exercise} / {_short(each.check)}"
        table.add_row(Text(where), Text(one_line(each.title, 80)), str(each.up), str(each.down), f"{each.points:+g}")
    return table


def _why(move: NotebookMove) -> str:
    """Each check that changed; if none did, the change of the status or of the points."""
    if move.checks:
        return "; ".join(_said(check) for check in move.checks)
    if move.status_before != move.status_after:
        return f"{move.status_before} became {move.status_after}"
    return f"worth {move.possible_after:g} points in place of {move.possible_before:g}"


def _said(check: CheckMove) -> str:
    name = f"{check.exercise} / {_short(check.check)}"
    if not check.before:
        return f"{name} is new: {check.after} ({check.moved:+g})"
    if not check.after:
        return f"{name} is gone, was {check.before} ({check.moved:+g})"
    if check.before == check.after:
        return f"{name}: {check.after}, now {check.points_after:g} points in place of {check.points_before:g}"
    return f"{name}: {check.before} became {check.after} ({check.moved:+g})"


def _short(check: str) -> str:
    return one_line(check.removeprefix("test_"), 80)


def _whose(move: NotebookMove) -> str:
    return f"{one_line(move.student, 40)} / {move.notebook}"


def _of_known_students(moves: Sequence[NotebookMove], unknown: Sequence[str]) -> tuple[str, ...]:
    return tuple(_whose(move) for move in moves if move.student not in unknown)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, 40) for name in names[:MAX_ROWS])
    return shown if len(names) <= MAX_ROWS else f"{shown} and {len(names) - MAX_ROWS} more"
