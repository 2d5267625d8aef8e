"""`autograder grade`: find, grade, record, and show a class."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from autograder.errors import NotebookUnreadable, Stopped, UsageError
from autograder.faces.by_hand import MarksByHand, marked, marks_by_hand
from autograder.faces.commands.json_lines import print_json
from autograder.faces.commands.report import tell_old_pages
from autograder.faces.exports.tables import write_tables
from autograder.faces.html.names import forget_pages
from autograder.faces.html.old_pages import forget_old_pages
from autograder.trusted.checking.student import CUDA
from autograder.trusted.cores import available_cores
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.devices import AUTO, with_devices
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.seed import seed_of
from autograder.trusted.results.store import REGRADING, Results
from autograder.trusted.results.works import forget_works, works_added
from autograder.trusted.safe_text import one_line
from autograder.trusted.submissions.find import find_submissions, holds_a_class

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from autograder.cluster.run import ClusterRun
    from autograder.faces.html.report_data import MovedMark
    from autograder.trusted.assignment.course import Course
    from autograder.trusted.execution.template_process import TemplateProcess
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import NotebookRecord
    from autograder.trusted.submissions.submission import Submission

MAX_NAMED = 5  # students in one sentence


def grade_class(
    course: Course,
    paths: list[Path],
    output: Path,
    settings: Settings,
    *,
    jobs: int | None,
    isolation: str,
    seed: int | None = None,
    device: str = AUTO,
    force: bool = False,
    as_json: bool = False,
    temporary: bool = False,
    dask: str | None = None,
    template: TemplateProcess | None = None,
    prune: bool = False,
    figures: bool = False,
) -> list[str]:
    """Grade every submission under `paths` into `output`, write its report, and show the class.

    A notebook is not graded again if `output` has a record for the same bytes, checks and settings, unless
    `force` is set. The seed of the hidden inputs is `seed`, or the one kept with the results in `output`, or a new
    one, whatever the settings say. `device` says where checks of devices run. The path of a `temporary` output is not
    shown, because the folder will be deleted. `dask` is the address of a Dask cluster that grades, instead of `jobs`
    graders on this machine. `template` is a template process that was already started for as many graders.
    With `figures` the records keep what the feedback draws, except for a cluster's.
    Records of students of whom nothing is among a class's submissions any more are forgotten with `prune`, pages and
    all; else standard error says how many there are.
    Returns a sentence for each submission over which the kit itself failed; its record says so, too.

    Raises:
        UsageError: there is nothing to grade at a path, `output` cannot be used, or there is no class to `prune` by.
        SandboxUnavailable: this machine cannot put student code into a sandbox.
        Stopped: the user stopped the run; what is graded is kept.
    """
    start = time.perf_counter()
    whole_class = any(holds_a_class(path, course.assignment, course.notebooks) for path in paths)
    if prune and not whole_class:
        raise UsageError("--prune forgets who is no longer in the class: name the folder of the whole class.")
    submissions = find_submissions(paths, course.assignment, course.notebooks, course.released)
    settings = with_devices(settings, device)
    run: ClassRun | ClusterRun
    with Results(output).opened() as results:
        settings = replace(settings, seed=seed_of(output, seed))
        if dask is None:
            jobs = jobs or available_cores()
            run = ClassRun(
                course, settings, jobs, isolation, gpu_required=device == CUDA, template=template, figures=figures
            )
        else:
            from autograder.cluster.run import ClusterRun

            run = ClusterRun(course, settings, dask, isolation)
        done = (
            []
            if force
            else [record for each in submissions if (record := graded_before(results, each, run.fingerprint))]
        )
        finished = {(record.student, record.notebook) for record in done}
        waiting = [each for each in submissions if (each.student, each.notebook) not in finished]
        shown = list(done)
        if waiting:
            with _progress([each.notebook for each in waiting], quiet=as_json) as advance:

                def keep(new: NotebookRecord) -> None:
                    kept = results.add(new)
                    shown.append(kept)
                    advance(kept)

                try:
                    with works_added(output) as add_work:
                        if isinstance(run, ClassRun):  # a cluster's graders tell of none
                            run.works = add_work
                        run.grade(waiting, keep)
                except KeyboardInterrupt:
                    raise Stopped(_how_to_go_on(len(shown), len(submissions), results.path)) from None
        gone = _no_longer_here(course, paths, submissions, results.records) if whole_class else []
        if gone and prune:
            forget_pages(output, {record.student for record in results.records}, {each.student for each in gone})
            results.forget(gone)
            forget_works(output, {each.student for each in gone})
        graded = results.records
        moved = _moved(output, graded)
        newly_moved = len(moved or ()) if (output / REGRADING).exists() else 0  # in this run, not in one before it
    by_hand = _by_hand(output, graded)
    final = marked(graded, by_hand)
    tell_old_pages(forget_old_pages(output, final))
    report = _write_report(output, graded, moved, by_hand)
    if graded:
        write_tables(output, final)
    if gone:
        _tell_gone(gone, forgotten=prune)
    shown.sort(key=lambda record: (record.student, record.notebook))
    if as_json:
        for each in shown:
            print_json(each)
    else:
        from autograder.faces.commands.terminal import show_class

        show_class(
            marked(shown, by_hand),
            None if temporary else results.path,
            None if temporary else report,
            unchanged=len(done),
            moved=newly_moved,
            seconds=time.perf_counter() - start,
        )
    return run.faults


def graded_before(results: Results, submission: Submission, settings_fingerprint: bytes) -> NotebookRecord | None:
    """The record with the same notebook bytes, checks and settings, if there is one."""
    if submission.path is None or not results.has(submission.student, submission.notebook):
        return None
    try:
        content = submission.content()
    except NotebookUnreadable:
        return None  # a missing or unreadable file costs nothing to try again
    known = fingerprint(content, settings_fingerprint, *submission.beside().parts)
    record = results.graded(submission.student, submission.notebook, known)
    if record is None or not set(submission.needs_review) <= set(record.needs_review):
        return None  # another file has come beside it
    return record


def _no_longer_here(
    course: Course, paths: list[Path], submissions: list[Submission], records: list[NotebookRecord]
) -> list[NotebookRecord]:
    """The records of students of whom nothing is in the class that is graded, nor in the course's submitted/."""
    here = {each.student for each in submissions}
    gone = [record for record in records if record.student not in here]
    if gone and all(os.path.abspath(path) != os.path.abspath(course.submitted) for path in paths):
        with suppress(UsageError):  # there is none, or it is empty
            others = find_submissions([course.submitted], course.assignment, course.notebooks)
            here |= {each.student for each in others}
    return [record for record in gone if record.student not in here]


def _tell_gone(gone: list[NotebookRecord], *, forgotten: bool) -> None:
    students = sorted({one_line(record.student, 40) for record in gone})
    named = ", ".join(students[:MAX_NAMED]) + (", ..." if len(students) > MAX_NAMED else "")
    records = f"{len(gone)} {'record' if len(gone) == 1 else 'records'}"
    if forgotten:
        said = f"{records} of students who are no longer here {'is' if len(gone) == 1 else 'are'} forgotten ({named})."
    else:
        said = f"{records} of students who are no longer here ({named}); --prune forgets them."
    click.echo(f"autograder: {said}", err=True)


def _how_to_go_on(graded: int, all_of_them: int, path: Path) -> str:
    done = f"{graded} of {all_of_them} notebooks are graded, and kept in {path}"
    return f"stopped: {done}. The same command goes on from there."


def _by_hand(folder: Path, graded: list[NotebookRecord]) -> MarksByHand:
    """What the course's gradebook says; a gradebook that cannot be read is told, and stops nothing."""
    try:
        return marks_by_hand(folder, graded[0].assignment) if graded else MarksByHand()
    except UsageError as error:
        click.echo(f"autograder: {error} Until then, the marks are those of the checks alone.", err=True)
        return MarksByHand()


def _moved(folder: Path, graded: list[NotebookRecord]) -> list[MovedMark] | None:
    from autograder.faces.html.report import moved_marks

    return moved_marks(folder, graded)


def _write_report(
    folder: Path, graded: list[NotebookRecord], moved: list[MovedMark] | None, by_hand: MarksByHand
) -> Path | None:
    if not graded:
        return None  # no grader lived to grade anything
    from autograder.faces.html.report import write_report

    return write_report(folder, graded, moved=moved, by_hand=by_hand)


def _progress(notebooks: list[str], *, quiet: bool) -> AbstractContextManager[Callable[[NotebookRecord], None]]:
    if quiet:
        return nullcontext(lambda _: None)
    from autograder.faces.commands.terminal import progress

    return progress(len(notebooks), notebooks)
