"""The service: a process that grades a class for `nbgrader autograde`, and tells each result as a line.

A process of its own, since nbgrader may run inside a Jupyter server, which must not be forked, and
since it can start while nbgrader is still reading. What is in results.jsonl already, of the same
notebook, checks and settings, is taken from there; what is graded here is written there.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import KitError
from autograder.faces.grade import graded_before
from autograder.faces.nbgrader.messages import Graded, Order, Refused
from autograder.trusted.class_run import ClassRun, Task
from autograder.trusted.course import KIT, Course
from autograder.trusted.devices import AUTO, with_devices
from autograder.trusted.grading import CHECKS, Settings, settings_fingerprint
from autograder.trusted.records import Results
from autograder.trusted.submissions import Submission
from autograder.trusted.template_process import available_cores

if TYPE_CHECKING:
    from typing import BinaryIO


def serve(order: Order, out: BinaryIO) -> None:
    """Grade what is ordered, in about that order; a full pipe makes it wait. Ends with the last line.

    Raises KitError where nothing can be graded.
    """
    course = Course(Path(order.root), order.assignment)
    settings = with_devices(Settings(order.seconds, order.seed), AUTO)
    checks = KIT / CHECKS
    digest = settings_fingerprint(course, checks.glob("*.py"), settings)
    submissions = [Submission(each.student, each.notebook, Path(each.path), each.notes) for each in order.submissions]
    run = ClassRun(course, checks, settings, order.jobs or available_cores(), order.isolation)
    with Results(course.graded).opened() as results:
        before = {(each.student, each.notebook): graded_before(results, each, digest) for each in submissions}
        tasks = [
            Task(each, before[each.student, each.notebook] is None, show=True, demonstrations=order.demonstrations)
            for each in submissions
        ]
        with closing(run.work(tasks)) as doing:
            for done in doing:
                if done.record is not None:
                    results.add(done.record)
                whose = done.task.submission.student, done.task.submission.notebook
                shown = {str(position): outputs for position, outputs in done.shown.items()}
                line = Graded(*whose, done.record or before[whose], shown, done.fault)
                out.write(msgspec.json.encode(line) + b"\n")
                out.flush()


def main() -> None:
    """Read an Order from standard input, and serve it on standard output."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed is no line
    try:
        serve(msgspec.json.decode(sys.stdin.buffer.read(), type=Order), out)
    except BrokenPipeError:
        os._exit(1)  # nobody waits for the rest
    except KitError as refusal:
        out.write(msgspec.json.encode(Refused(str(refusal))) + b"\n")
        out.flush()


if __name__ == "__main__":
    main()
