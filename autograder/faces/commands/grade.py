"""`autograder grade`: find, grade, record, and show a class."""

from __future__ import annotations

import time
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from autograder.errors import NotebookUnreadable
from autograder.faces.commands.json_lines import print_json
from autograder.trusted.checking.student import CUDA
from autograder.trusted.execution.template_process import available_cores
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.devices import AUTO, with_devices
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.seed import seed_of
from autograder.trusted.results.store import Results
from autograder.trusted.submissions.find import find_submissions

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
    from autograder.trusted.submissions.find import Submission


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
) -> list[str]:
    """Grade every submission under `paths` into `output`, write its report, and show the class.

    A notebook is not graded again if `output` has a record for the same bytes, checks and settings, unless
    `force` is set. The seed of the hidden inputs is `seed`, or the one kept with the results in `output`, or a new
    one, whatever the settings say. `device` says where checks of devices run. The path of a `temporary` output is not
    shown, because the folder will be deleted. `dask` is the address of a Dask cluster that grades, instead of `jobs`
    graders on this machine. `template` is a template process that was already started for as many graders.
    Returns a sentence for each submission over which the kit itself failed; its record says so, too.

    Raises:
        UsageError: there is nothing to grade at a path, or `output` cannot be used.
        SandboxUnavailable: this machine cannot put student code into a sandbox.
    """
    start = time.perf_counter()
    submissions = find_submissions(paths, course.assignment, course.notebooks)
    settings = with_devices(settings, device)
    run: ClassRun | ClusterRun
    with Results(output).opened() as results:
        settings = replace(settings, seed=seed_of(output, seed))
        if dask is None:
            jobs = jobs or available_cores()
            run = ClassRun(course, settings, jobs, isolation, gpu_required=device == CUDA, template=template)
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
            with _progress(len(waiting), quiet=as_json) as advance:

                def keep(new: NotebookRecord) -> None:
                    kept = results.add(new)
                    shown.append(kept)
                    advance(kept)

                run.grade(waiting, keep)
        moved = _moved(output, results.records)
        report = _write_report(output, results.records, moved)
    shown.sort(key=lambda record: (record.student, record.notebook))
    if as_json:
        for each in shown:
            print_json(each)
    else:
        from autograder.faces.commands.terminal import show_class

        show_class(
            shown,
            None if temporary else results.path,
            None if temporary else report,
            unchanged=len(done),
            moved=len(moved or ()),
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
    return results.graded(submission.student, submission.notebook, known)


def _moved(folder: Path, graded: list[NotebookRecord]) -> list[MovedMark] | None:
    from autograder.faces.html.report import moved_marks

    return moved_marks(folder, graded)


def _write_report(folder: Path, graded: list[NotebookRecord], moved: list[MovedMark] | None) -> Path | None:
    if not graded:
        return None  # no grader lived to grade anything
    from autograder.faces.html.report import write_report

    return write_report(folder, graded, moved=moved)


def _progress(total: int, *, quiet: bool) -> AbstractContextManager[Callable[[NotebookRecord], None]]:
    if quiet:
        return nullcontext(lambda _: None)
    from autograder.faces.commands.terminal import progress

    return progress(total)
