"""The program that run_autograder calls in Gradescope's container: grade the submission, and write results.json.

python -m autograder.faces.gradescope.container ROOT
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from autograder.errors import KitError, SandboxUnavailable
from autograder.faces.gradescope.results import VISIBLE, GradescopeResults, encoded, gradescope_results
from autograder.trusted.assignment.course import Course
from autograder.trusted.execution.template_process import PROCESS, SANDBOX, isolation_of
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.settings import Settings
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.find import find_own
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from autograder.trusted.results.records import NotebookRecord

ORDER = "gradescope.json"
AUTO = "auto"
STUDENT = "submission"  # the container does not know the student's name

MAX_FOLDERS = 100  # of a submission, that are searched
MAX_NAMED = 10
_PASSED_OVER = ("__MACOSX",)

AGAIN = "Please submit again; if this comes again, tell your tutor, who can see why."
_NOT_REACHED = f"{{}} was not graded: the autograder failed over it, or was stopped before it. {AGAIN}"
KIT_FAILED = f"The autograder itself failed; that is no fault of your work. {AGAIN}"


class ContainerOrder(Struct, frozen=True):
    """The options for grading with this archive.

    Attributes:
        isolation: "sandbox", "process", or "auto" for the sandbox if the container allows it, else process.
        visibility: when students see the checks.
        seconds: the limit of a cell, and of a check.
        seed: the seed of the hidden inputs, that of the course's own results.
    """

    assignment: str
    seed: int
    isolation: str = AUTO
    visibility: str = VISIBLE
    seconds: float = 5.0


def grade_container(root: Path) -> GradescopeResults:
    """Grade the submission in `root`/submission. Prints what only instructors should see.

    It writes results.json again after each notebook, because Gradescope may stop a container that takes
    long. Raises KitError if the kit itself cannot work.
    """
    order = msgspec.json.decode((root / "source" / ORDER).read_bytes(), type=ContainerOrder)
    course = Course(root / "source", order.assignment)
    submissions = find_handed_in(root / "submission", course)
    if not any(each.path for each in submissions):
        return GradescopeResults(0.0, _nothing_found(root / "submission", course))

    def results_of(records: list[NotebookRecord], isolation: str) -> GradescopeResults:
        graded = {record.notebook: record for record in records}
        sentences = [_NOT_REACHED.format(each.notebook) for each in submissions if each.notebook not in graded]
        in_order = [graded[each.notebook] for each in submissions if each.notebook in graded]
        results = gradescope_results(in_order, order.visibility, sentences)
        return msgspec.structs.replace(results, extra_data={"isolation": isolation})

    def grade_under(isolation: str) -> GradescopeResults:
        records: list[NotebookRecord] = []

        def keep(record: NotebookRecord) -> None:
            records.append(record)
            write_results(root, results_of(records, isolation))

        settings = Settings(order.seconds, order.seed)
        run = ClassRun(course, settings, 1, isolation)  # one grader: these containers are small
        run.grade(submissions, keep)
        for fault in run.faults:
            _tell(fault)
        return results_of(records, isolation)

    if order.isolation != AUTO:
        return grade_under(isolation_of(order.isolation))
    try:
        return grade_under(SANDBOX)
    except SandboxUnavailable as refused:
        _tell(f"{refused} This container grades without a sandbox, as its archive allows.")
        return grade_under(PROCESS)


def find_handed_in(folder: Path, course: Course) -> list[Submission]:
    """Every notebook of the assignment, with its file if one was found in `folder` or in a folder below it."""
    found = {each.notebook: each for each in find_own(folder, STUDENT, course.notebooks, folder, course.released)}
    return [found.get(name) or Submission(STUDENT, name, None) for name in course.notebooks]


def _folders(folder: Path) -> Iterable[Path]:
    """`folder` and the folders below it, upper ones first, since a submitted zip file may hold a folder."""
    found = []
    for place, below, _ in os.walk(folder):
        below[:] = sorted(name for name in below if not name.startswith((".", *_PASSED_OVER)))
        found.append(Path(place))
        if len(found) == MAX_FOLDERS:
            break
    return sorted(found, key=lambda place: (len(place.parts), place))


def _nothing_found(folder: Path, course: Course) -> str:
    wanted = ", ".join(f"{name}.ipynb" for name in course.notebooks)
    names = sorted({one_line(name, 60) for place in _folders(folder) for name in _files(place)})
    if not names:
        return f"No file was handed in. Submit your notebooks: {wanted}."
    shown = ", ".join(names[:MAX_NAMED]) + (f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else "")
    return f"None of your files is a notebook of this assignment ({shown}). Submit your notebooks: {wanted}."


def _files(place: Path) -> Iterator[str]:
    with suppress(OSError):  # a folder without rights shows nothing
        yield from (entry.name for entry in place.iterdir() if not entry.is_dir())


def _tell(sentence: str) -> None:
    """Print a sentence for instructors; students do not see the output."""
    sys.stdout.write(f"autograder: {sentence}\n")


def write_results(root: Path, results: GradescopeResults) -> None:
    """Write results.json atomically."""
    path = root / "results" / "results.json"
    whole = path.with_suffix(".new")
    whole.write_text(encoded(results), encoding="utf-8")
    whole.replace(path)


def main() -> None:
    """Grade, and write results.json even after a KitError; the calling script handles every other failure."""
    root = Path(sys.argv[1])
    try:
        results = grade_container(root)
    except KitError as fault:
        _tell(str(fault))
        results = GradescopeResults(0.0, KIT_FAILED)
    write_results(root, results)


if __name__ == "__main__":
    main()
