"""`autograder misconceptions`: what students get wrong, the hint they see, and the check that catches it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from autograder.trusted import records
from autograder.trusted.course import KIT
from autograder.trusted.grading import CHECKS, Settings, misconceptions
from autograder.trusted.session import GradingDesk, hold_session
from autograder.trusted.template_process import TemplateProcess
from autograder.trusted.workers import Workers

if TYPE_CHECKING:
    from autograder.trusted.course import Course
    from autograder.trusted.grading import Grader


class Listed(Struct, frozen=True):
    """A misconception as it is listed: where it belongs, its hint, and what it costs in which checks."""

    name: str
    notebook: str
    exercise: str
    hint: str
    caught_by: tuple[str, ...]
    lost: float


def list_misconceptions(course: Course, *, isolation: str) -> list[Listed]:
    """Every named misconception, examined by the checks of its exercise in a worker of its own."""
    listed: list[Listed] = []

    def serve(grader: Grader) -> None:
        for notebook in course.notebooks:
            variants = misconceptions(notebook)
            for variant, verdicts in zip(variants, grader.examine_variants(notebook, variants), strict=True):
                caught = {check: verdict for check, verdict in verdicts.items() if verdict.outcome != records.PASSED}
                names = tuple(check.name for check in caught)
                lost = sum(check.points for check in caught)
                listed.append(Listed(variant.name, notebook, variant.exercise, variant.words, names, lost))

    template = TemplateProcess(1, course.secrets, isolation)
    try:
        workers = Workers(template.control(0), template.home)
        hold_session(KIT / CHECKS, course.notebooks, GradingDesk(course, workers, Settings(), serve))
    finally:
        template.stop()
    return listed


def show_misconceptions(listed: list[Listed], *, as_json: bool) -> None:
    """Print the list, as JSON lines or as a table for each notebook."""
    if as_json:
        for each in listed:
            sys.stdout.write(msgspec.json.encode(each).decode() + "\n")
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
        f"{len(listed)} misconceptions; each one is a small wrong implementation in autograder/checks/misconceptions/."
    )
