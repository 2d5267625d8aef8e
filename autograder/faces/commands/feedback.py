"""`autograder feedback`: a page for each student of a graded class, with figures computed by their own functions."""

from __future__ import annotations

import dataclasses
import os
import time
from contextlib import closing
from datetime import datetime
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.faces.by_hand import with_marks_by_hand
from autograder.faces.commands.json_lines import print_json
from autograder.faces.exports.handing_out import write_archive, write_released
from autograder.faces.exports.roster import read_roster
from autograder.faces.feedback.as_graded import as_graded
from autograder.faces.feedback.class_pages import ClassPages
from autograder.faces.html.graded_file import GradedFile
from autograder.faces.html.names import ARCHIVE, FEEDBACK, INDEX, page_addresses
from autograder.faces.html.old_pages import forget_old_pages
from autograder.faces.html.report import rewrite_report
from autograder.trusted.aside import aside
from autograder.trusted.cores import available_cores
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.figures import beside_the_reference, experiments_of, kept_figures, worth_plotting
from autograder.trusted.results.store import RESULTS, read_results
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.submissions.submission import Submission


@dataclasses.dataclass(frozen=True)
class HandOut:
    """How the pages are to reach students, beside the folder in which they stand.

    Attributes:
        system: "canvas" or "moodle", for whose upload an archive is made; "" for none.
        release: whether they are put where `nbgrader release_feedback` takes them.
        roster: the class list with names, emails and the numbers that Moodle knows.
    """

    system: str = ""
    release: bool = False
    roster: Path | None = None


@dataclasses.dataclass(frozen=True)
class Written:
    """A summary of the feedback: the number of pages, their folder, and the number of figures on them.

    `unplotted` are the notebooks, "student / notebook", without figures: grading has kept none that figures.py as it is
    now would make, and the file, the checks or the settings have changed since, or the file is missing. `faults` are
    failures of the kit. `archive` is the zip for an LMS, `released` how many students' pages were put where nbgrader
    takes them, `notes` what the tutor has to know of both.
    """

    pages: int
    folder: Path
    figures: int
    unplotted: tuple[str, ...]
    faults: tuple[str, ...]
    seconds: float
    archive: Path | None = None
    released: int = 0
    notes: tuple[str, ...] = ()


def write_feedback(
    course: Course,
    graded: Path,
    paths: list[Path],
    settings: Settings,
    *,
    jobs: int | None,
    isolation: str,
    hand_out: HandOut | None = None,
) -> Written:
    """Write a page for each student in the results of the folder `graded` into its folder feedback/.

    The figures are those that grading has kept; where it has none, or figures.py has changed since, the notebook is run
    again. `paths` hold the submissions for that, as for `autograder grade`; one that has changed gets no figure.
    Beside the pages stand an index and a table for a mail merge.

    It also writes the class report again, with links to the pages.

    Raises UsageError if there are no results, or the pages cannot be written, or the gradebook or the roster cannot
    be read.
    """
    start = time.perf_counter()
    hand_out = hand_out or HandOut()
    roster = read_roster(hand_out.roster) if hand_out.roster is not None else None
    found = read_results(graded / RESULTS)
    if not found:
        raise UsageError(f"There is no {graded / RESULTS}: run `autograder grade` first.")
    by_key = {(record.student, record.notebook): record for record in found}
    with aside(lambda: as_graded(course, paths, settings, by_key)) as found_as_graded:
        records = sorted(with_marks_by_hand(graded, found), key=lambda record: (record.student, record.notebook))
        experiments = experiments_of(course)
        wanted = {key for key, record in by_key.items() if worth_plotting(record, experiments)}
        plotted = kept_figures(course, found)
        forget_old_pages(graded, records)
        at_hand = found_as_graded()
    run = ClassRun(course, settings, jobs or available_cores(), isolation)
    waiting = wanted - plotted.keys()
    to_plot = [each for each in at_hand if (each.student, each.notebook) in waiting]
    if to_plot:
        with closing(run.work([Task(each, grade=False, plot=True) for each in to_plot])) as doing:
            for done in doing:
                if done.figure is not None:
                    plotted[done.task.submission.student, done.task.submission.notebook] = done.figure
    figures = beside_the_reference(course, plotted)
    pages = ClassPages(course, records, figures, experiments, _graded_files(at_hand))
    links = page_addresses(record.student for record in records)
    with aside(lambda: rewrite_report(graded, pages=links)) as report:
        try:
            written = pages.write(graded / FEEDBACK, roster)
            archive: Path | None = None
            notes: tuple[str, ...] = ()
            if hand_out.system:
                archive = graded / ARCHIVE.format(hand_out.system)
                notes = write_archive(archive, hand_out.system, written, roster)
            released = 0
            if hand_out.release:
                released, more = write_released(course, pages.of_each_notebook())
                notes = (*notes, *more)
        except OSError as error:
            report()
            rewrite_report(graded)  # which links to the pages that there are
            raise UsageError(
                f"{error.filename or graded} cannot be written ({error.strerror}): make room there."
            ) from error
        report()
    missing = sorted(waiting - {(each.student, each.notebook) for each in at_hand})
    return Written(
        len(written),
        graded / FEEDBACK,
        len(figures),
        tuple(f"{one_line(student, 40)} / {notebook}" for student, notebook in missing),
        tuple(run.faults),
        time.perf_counter() - start,
        archive,
        released,
        notes,
    )


def tell(written: Written, *, as_json: bool = False) -> None:
    """Print the summary, as text or as a JSON object."""
    if as_json:
        archive = str(written.archive) if written.archive else None
        print_json(dataclasses.asdict(written) | {"folder": str(written.folder), "archive": archive})
        return
    from rich.console import Console
    from rich.text import Text

    from autograder.faces.commands.terminal import count

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
    console.print(f"Index: {written.folder / INDEX}", soft_wrap=True, highlight=False, markup=False)
    if written.archive:
        console.print(f"To upload: {written.archive}", soft_wrap=True, highlight=False, markup=False)
    if written.released:
        console.print(f"For `nbgrader release_feedback`: the pages of {count(written.released, 'student')}.")
    for note in written.notes:
        console.print(Text(note, style="yellow"), soft_wrap=True)


def _graded_files(at_hand: list[Submission]) -> dict[tuple[str, str], GradedFile]:
    """The name and the time of each file that is at hand as it was graded."""
    files = {}
    for each in at_hand:
        assert each.path is not None
        changed = datetime.fromtimestamp(os.lstat(each.path).st_mtime).astimezone()
        files[each.student, each.notebook] = GradedFile(each.path.name, changed)
    return files
