"""The boundary around one submission: whatever goes wrong over it stays with it.

What students hand in is hostile, and the code that reads, asks and judges it is large: an exception that nobody
foresaw must cost the submission over which it came, never the class. So this is the one place that catches every
Exception. It hides none: its type and its place become a sentence of that submission's own record, for a person to
look at, and its traceback goes to standard error where AUTOGRADER_TRACEBACK is set.

What it lets pass is not about one submission: the end of the template, which makes all workers, and the user's Ctrl-C.
"""

from __future__ import annotations

import os
import traceback
from typing import TYPE_CHECKING, TypeVar

from autograder.errors import TemplateLost, place_of
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import NotebookRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.submissions.submission import Submission

TRACEBACK = "AUTOGRADER_TRACEBACK"
REASON = "the autograder failed over it; that need not be the fault of the work, and a tutor has to look at it"

T = TypeVar("T")


class Fault(Exception):
    """What went wrong over one submission; `str()` of it is a sentence that says where in the kit, for the tutor."""


def contained(work: Callable[[], T]) -> T | Fault:
    """What a piece of work over one submission gives, or the Fault that ended it. Raises TemplateLost."""
    try:
        return work()
    except TemplateLost:
        raise
    except Exception as error:  # noqa: BLE001  # the boundary: see above
        if os.environ.get(TRACEBACK):
            traceback.print_exc()
        return Fault(f"The autograder failed over this notebook ({place_of(error)}): look at it yourself.")


def faulty_record(course: Course, submission: Submission, seed: int, needs_review: str) -> NotebookRecord:
    """The record of a submission of which nothing could be graded; the next run tries it again."""
    return NotebookRecord(
        student=submission.student,
        assignment=course.assignment,
        notebook=submission.notebook,
        status=outcomes.CRASHED,
        earned=0.0,
        possible=course.notebooks[submission.notebook].possible,
        seconds=0.0,
        reason=REASON,
        seed=seed,
        repairs=submission.notes,
        needs_review=(*submission.needs_review, needs_review),
    )
