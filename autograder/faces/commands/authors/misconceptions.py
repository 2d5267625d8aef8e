"""`autograder misconceptions`: list each misconception, the hint that students see, and the checks that catch it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from autograder.faces.commands.json_lines import print_json
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.grader import Grader
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes

if TYPE_CHECKING:
    from autograder.trusted.assignment.course import Course


class Listed(Struct, frozen=True):
    """A misconception in the list: its notebook and exercise, its hint, the checks that catch it, and what it costs.

    `lost` are points; `keeps` is the share of the exercise's points that it leaves at least, 0 for none.
    """

    name: str
    notebook: str
    exercise: str
    hint: str
    caught_by: tuple[str, ...]
    lost: float
    keeps: float = 0.0


def list_misconceptions(course: Course, *, isolation: str) -> list[Listed]:
    """Run the checks of its exercise against every named misconception, each in a new worker."""
    listed: list[Listed] = []
    with opened_workers(course.secrets, isolation, preload=course.preload) as workers:
        grader = Grader(course, workers, collect_checks(course), Settings())
        for notebook in course.notebooks:
            variants = course.misconceptions(notebook)
            for variant, verdicts in zip(variants, grader.check_variants(notebook, variants), strict=True):
                caught = [check for check, verdict in verdicts.items() if verdict.outcome != outcomes.PASSED]
                possible = course.notebooks[notebook].exercises[variant.exercise].points
                listed.append(
                    Listed(
                        name=variant.name,
                        notebook=notebook,
                        exercise=variant.exercise,
                        hint=variant.hint,
                        caught_by=tuple(check.name for check in caught),
                        lost=min(sum(check.points for check in caught), (1 - variant.keeps) * possible),
                        keeps=variant.keeps,
                    )
                )
    return listed


def show_misconceptions(listed: list[Listed], *, as_json: bool) -> None:
    """Print the list, as JSON lines or as a table for each notebook."""
    if as_json:
        for each in listed:
            print_json(each)
        return
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    for notebook in dict.fromkeys(each.notebook for each in listed):
        table = Table(title=notebook, title_justify="left", header_style="bold", show_lines=True)
        for heading in ("exercise", "misconception", "hint", "caught by"):
            table.add_column(heading)
        table.add_column("lost", justify="right")
        for each in listed:
            if each.notebook == notebook:
                caught = "\n".join(name.removeprefix("test_") for name in each.caught_by)
                table.add_row(each.exercise, each.name.replace("_", " "), each.hint, caught, f"{each.lost:g}")
        console.print(table)
    console.print(
        f"{len(listed)} misconceptions; each one is a small wrong implementation in misconceptions/ beside the checks."
    )
