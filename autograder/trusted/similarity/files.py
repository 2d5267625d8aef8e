"""What is in the files of a class, for comparing them and showing their code; no file is read twice without need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import structs

from autograder.errors import NotebookUnreadable
from autograder.trusted.cores import available_cores
from autograder.trusted.results.fingerprint import fingerprint
from autograder.trusted.results.works import MAX_CODE, Work
from autograder.trusted.submissions.reader import outline, reading_fingerprint, side_by_side, the_reader
from autograder.wire.reading import Fingerprinted, TakeFingerprints

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.plan import NotebookPlan
    from autograder.trusted.submissions.submission import Submission


def read_works(
    course: Course, submissions: Iterable[Submission], known: Mapping[str, Work] | None = None
) -> dict[Path, Work]:
    """What is in the files of a class, by path; `known` are works that need not be read again, by fingerprint.

    Runs no code, and leaves out files that cannot be read.
    """
    by_file = {each.path: each for each in submissions if each.path is not None}
    files = [*by_file.values()]
    stubs = {notebook: course.released(notebook).stubs for notebook in {each.notebook for each in files}}

    def read(submission: Submission) -> Work | None:
        notebook = submission.notebook
        try:
            return work_of(submission, course.notebooks[notebook], stubs[notebook], known)
        except NotebookUnreadable:
            return None

    works = zip(by_file, side_by_side(read, files, available_cores()), strict=True)
    return {path: work for path, work in works if work is not None}


def work_of(
    submission: Submission, plan: NotebookPlan, stubs: dict[str, str], known: Mapping[str, Work] | None = None
) -> Work:
    """What is in a submitted file: one of those `known`, if its bytes are the same, or what a reader says of it.

    Raises NotebookUnreadable.
    """
    content, encoded = submission.content(), outline(plan, stubs)
    own = fingerprint(content, reading_fingerprint(bytes(encoded)))
    if known is not None and own in known:  # perhaps of another student, who has handed in the same bytes
        return structs.replace(known[own], student=submission.student)
    found = the_reader().ask(TakeFingerprints(content, encoded, MAX_CODE + 1), Fingerprinted)
    if not _is_plausible(found, plan):
        raise the_reader().distrusted()
    return Work(submission.student, submission.notebook, own, found.exercises, found.sources)


def _is_plausible(found: Fingerprinted, plan: NotebookPlan) -> bool:
    told_of = found.exercises.keys() | found.sources.keys()
    return told_of <= plan.exercises.keys() and all(len(source) <= MAX_CODE + 1 for source in found.sources.values())
