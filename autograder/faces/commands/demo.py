"""`autograder demo`: make a sample class in a temporary course, grade it, and show the results.

Each sample student starts from the solved or from the released notebooks and changes a few cells.
"""

from __future__ import annotations

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.author.samples import make_sample_course, sample_class
from autograder.faces.commands.grade import grade_class
from autograder.trusted.assignment.course import find_course
from autograder.trusted.grading.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.sample import Sample


def run_demo(
    keep: Path | None, assignment: str | None, *, jobs: int | None, seconds: float, as_json: bool, isolation: str
) -> list[str]:
    """Make the sample class of an assignment (in `keep`, or in a temporary folder), grade it, and show it."""
    with tempfile.TemporaryDirectory(prefix="autograder-demo-") if keep is None else nullcontext(str(keep)) as folder:
        original = find_course(Path.cwd(), assignment)
        course = make_sample_course(original, Path(folder))
        faults = grade_class(
            course,
            [course.submitted],
            course.graded,
            Settings(seconds),
            jobs=jobs,
            isolation=isolation,
            as_json=as_json,
            temporary=keep is None,
        )
        if not as_json:
            _tell_stories(sample_class(original), course, keep)
    return faults


def _tell_stories(samples: Sequence[Sample], course: Course, keep: Path | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print("\nWho they are: " + "; ".join(f"[bold]{sample.name}[/] {sample.story}" for sample in samples) + ".")
    if keep is None:
        console.print("The course was temporary; `autograder demo --keep FOLDER` leaves it there to be looked at.")
    else:
        console.print(f"The course is in {keep}; open {course.graded / 'report.html'} to see every check's sentence.")
