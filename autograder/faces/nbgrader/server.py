"""The grading server: a process that grades a class for `nbgrader autograde`, and writes each result as a line.

It is a separate process, because nbgrader may run inside a Jupyter server, which must not be forked, and
because it can start while nbgrader is still reading. It reuses records in results.jsonl of the same notebook
bytes, checks and settings, and writes new records there.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import KitError, UsageError
from autograder.faces.by_hand import MarksByHand, marked, marks_by_hand
from autograder.faces.commands.grade import graded_before
from autograder.faces.exports.tables import write_tables
from autograder.faces.html.old_pages import forget_old_pages
from autograder.faces.nbgrader.messages import ClassOrder, GradedNotebook, Refused
from autograder.trusted.assignment.course import Course
from autograder.trusted.cores import available_cores
from autograder.trusted.grading.class_run import ClassRun, Task
from autograder.trusted.grading.devices import AUTO, with_devices
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results.seed import seed_of
from autograder.trusted.results.store import Results
from autograder.trusted.results.works import works_added
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from typing import BinaryIO

    from autograder.trusted.results.records import NotebookRecord


def serve(order: ClassOrder, out: BinaryIO) -> None:
    """Grade the order's notebooks, roughly in their order; waits while the pipe is full. Ends after the last line.

    Raises KitError if nothing can be graded.
    """
    course = Course(Path(order.root), order.assignment)
    submissions = [
        Submission(
            each.student,
            each.notebook,
            Path(each.path),
            each.notes,
            Path(each.below),
            own_folder=Path(each.path).parent,
        )
        for each in order.submissions
    ]
    with Results(course.graded).opened() as results:
        settings = with_devices(Settings(order.seconds, seed_of(course.graded, order.seed)), AUTO)
        run = ClassRun(course, settings, order.jobs or available_cores(), order.isolation)
        before = {(each.student, each.notebook): graded_before(results, each, run.fingerprint) for each in submissions}
        tasks = []
        for each in submissions:
            new = before[each.student, each.notebook] is None
            tasks.append(Task(each, grade=new, show=True, demonstrations=order.demonstrations, compare=new))
        with works_added(course.graded) as add_work, closing(run.work(tasks)) as doing:
            for done in doing:
                if done.record is not None:
                    results.add(done.record)
                if done.work is not None:
                    add_work(done.work)
                whose = done.task.submission.student, done.task.submission.notebook
                shown = {str(position): outputs for position, outputs in done.shown.items()}
                line = GradedNotebook(*whose, done.record or before[whose], shown, done.fault)
                out.write(msgspec.json.encode(line) + b"\n")
                out.flush()
        graded = results.records
    _bring_up_to_date(course, graded)


def _bring_up_to_date(course: Course, graded: list[NotebookRecord]) -> None:
    """Remove the feedback pages that the new records make old, and write the tables with the gradebook's marks."""
    try:
        by_hand = marks_by_hand(course.graded, course.assignment)
    except UsageError:  # nbgrader may have locked it; `autograder report` writes the tables anew
        by_hand = MarksByHand()
    records = marked(graded, by_hand)
    forget_old_pages(course.graded, records)
    write_tables(course.graded, records)


def main() -> None:
    """Read a ClassOrder from standard input, and serve it on standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # other output goes to stderr, so that it is not read as a result
    try:
        serve(msgspec.json.decode(sys.stdin.buffer.read(), type=ClassOrder), out)
    except BrokenPipeError:
        os._exit(1)  # the client has closed the pipe
    except KitError as refusal:
        out.write(msgspec.json.encode(Refused(str(refusal))) + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
