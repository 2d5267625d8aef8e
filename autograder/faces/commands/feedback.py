"""`autograder feedback`: a page for each student of a graded class, with figures computed by their own functions."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import closing
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable, UsageError
from autograder.faces.by_hand import with_marks_by_hand
from autograder.faces.commands.json_lines import print_json
from autograder.faces.html.names import FEEDBACK, page_names
from autograder.faces.html.report import rewrite_report
from autograder.trusted.checking.student import CPU, CUDA, SIM
from autograder.trusted.execution.template_process import available_cores
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.figures import experiments_of, worth_plotting
from autograder.trusted.grading.settings import settings_fingerprint
from autograder.trusted.results.atomic_files import replaced
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.store import RESULTS, read_results
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.find import find_submissions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.grading.figures import Experiment, Figure
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import NotebookRecord
    from autograder.trusted.submissions.find import Submission


@dataclasses.dataclass(frozen=True)
class Written:
    """A summary of the feedback: the number of pages, their folder, and the number of figures on them.

    `unplotted` are the notebooks, "student / notebook", without figures, because the file, the checks or the settings
    changed since grading, or the file is missing; `faults` are failures of the kit.
    """

    pages: int
    folder: Path
    figures: int
    unplotted: tuple[str, ...]
    faults: tuple[str, ...]
    seconds: float


def write_feedback(
    course: Course, graded: Path, paths: list[Path], settings: Settings, *, jobs: int | None, isolation: str
) -> Written:
    """Write a page for each student in the results of the folder `graded` into its folder feedback/.

    `paths` hold the submissions, as for `autograder grade`; a notebook that changed since it was graded
    gets no figures.

    It also writes the class report again, with links to the pages.

    Raises UsageError if there are no results, or the pages cannot be written, or the gradebook not be read.
    """
    start = time.perf_counter()
    found = read_results(graded / RESULTS)
    if not found:
        raise UsageError(f"There is no {graded / RESULTS}: run `autograder grade` first.")
    by_student: dict[str, list[NotebookRecord]] = {}
    for record in sorted(with_marks_by_hand(graded, found), key=lambda record: (record.student, record.notebook)):
        by_student.setdefault(record.student, []).append(record)
    experiments = experiments_of(course)
    wanted = {(record.student, record.notebook): record for record in found if worth_plotting(record, experiments)}
    at_hand = _as_graded(course, paths, settings, wanted)
    run = ClassRun(course, settings, jobs or available_cores(), isolation)
    figures: dict[str, dict[str, Figure]] = {}
    if at_hand:
        with closing(run.work([Task(each, grade=False, plot=True) for each in at_hand])) as doing:
            for done in doing:
                if done.figure is not None:
                    figures.setdefault(done.task.submission.student, {})[done.figure.notebook] = done.figure
    _write_pages(graded / FEEDBACK, by_student, figures, experiments)
    rewrite_report(graded)  # so that it links to the pages
    missing = sorted(set(wanted) - {(each.student, each.notebook) for each in at_hand})
    return Written(
        len(by_student),
        graded / FEEDBACK,
        sum(map(len, figures.values())),
        tuple(f"{one_line(student, 40)} / {notebook}" for student, notebook in missing),
        tuple(run.faults),
        time.perf_counter() - start,
    )


def tell(written: Written, *, as_json: bool = False) -> None:
    """Print the summary, as text or as a JSON object."""
    if as_json:
        print_json(dataclasses.asdict(written) | {"folder": str(written.folder)})
        return
    from rich.console import Console
    from rich.text import Text

    console = Console()
    if written.unplotted:
        some = ", ".join(written.unplotted[:5]) + (", ..." if len(written.unplotted) > 5 else "")
        why = (
            "Without figures, as these are not at hand as they were graded, with the same checks and settings "
            f"(name where they are, or grade again): {some}"
        )
        console.print(Text(why, style="yellow"), soft_wrap=True)
    console.print(
        f"{written.pages} {'page' if written.pages == 1 else 'pages'} with {written.figures} "
        f"{'figure' if written.figures == 1 else 'figures'} in {written.folder}; {written.seconds:.1f} s.",
        soft_wrap=True,
        highlight=False,
    )


def _as_graded(
    course: Course, paths: list[Path], settings: Settings, wanted: dict[tuple[str, str], NotebookRecord]
) -> list[Submission]:
    """The submissions among those under `paths` that are just what the `wanted` records are of."""
    places = [path for path in paths if os.path.exists(path)]  # Path.exists may raise
    submissions = find_submissions(places, course.assignment, course.notebooks, course.released) if places else []
    fingerprints = {
        seed: [settings_fingerprint(course, each) for each in _settings_of_any_device(settings, seed)]
        for seed in {record.seed for record in wanted.values()}
    }
    same = []
    for submission in submissions:
        record = wanted.get((submission.student, submission.notebook))
        if record is None or submission.path is None:
            continue
        try:
            content = submission.content()
        except NotebookUnreadable:
            continue
        beside = submission.beside().parts
        if any(fingerprint(content, each, *beside) == record.fingerprint for each in fingerprints[record.seed]):
            same.append(submission)
    return same


def _settings_of_any_device(settings: Settings, seed: int) -> list[Settings]:
    """The settings for every value of `--device`: the figures do not depend on it."""
    return [
        dataclasses.replace(settings, seed=seed, devices=devices, gpu=gpu)
        for devices in ((CPU, SIM), (CPU,))
        for gpu in ("", CUDA)
    ]


def _write_pages(
    folder: Path,
    by_student: dict[str, list[NotebookRecord]],
    figures: dict[str, dict[str, Figure]],
    experiments: Mapping[str, Experiment],
) -> None:
    from autograder.faces.html.feedback import feedback_page

    names = page_names(by_student)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for student, notebooks in by_student.items():
            text = feedback_page(student, notebooks, figures.get(student, {}), experiments)
            with replaced(folder / names[student]) as temporary:
                temporary.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written ({error.strerror}): make room there.") from error
