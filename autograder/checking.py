"""All that an author of checks imports: how a check is marked, how answers are compared, what can go wrong.

A check is one test function in `checks/<assignment>/test_<notebook>.py`, run on the trusted side only. Its docstring
is the sentence that the student reads; its mark says the exercise and the points; it fails by CheckFailure, and lets
everything that the student's code raises pass through. `student` is the submission, `reference` the solution's module,
`random` makes inputs.

A check that asks for `device` is run once for each kind of device, on every machine: on the CPU and on a
simulated accelerator; and on the GPU where there is one, for comparison. `student.on(device)` then puts
the arguments there and wants the answer from there.
"""

from __future__ import annotations

from autograder.errors import CheckFailure, StudentError
from autograder.trusted.assignment.sample import NOT_HANDED_IN, RELEASED, SOLVED, TRUNCATED, Sample
from autograder.trusted.checking.check import FLOATS, check
from autograder.trusted.checking.student import CPU, CUDA, SIM, Lying, RemoteModule, called
from autograder.trusted.comparing.compare import (
    alike,
    array,
    close,
    counted,
    detached,
    exactly,
    finite,
    holds,
    items,
    kind_of,
    quoted,
    same,
    unchanged,
)
from autograder.trusted.comparing.sentences import several
from autograder.trusted.comparing.tables import table
from autograder.trusted.grading.figures import BARS, CURVES, Experiment, Progress, Trained
from autograder.wire.figures import Axes, Figure, Part

__all__ = [
    "BARS",
    "CPU",
    "CUDA",
    "CURVES",
    "FLOATS",
    "NOT_HANDED_IN",
    "RELEASED",
    "SIM",
    "SOLVED",
    "TRUNCATED",
    "Axes",
    "CheckFailure",
    "Experiment",
    "Figure",
    "Lying",
    "Part",
    "Progress",
    "RemoteModule",
    "Sample",
    "StudentError",
    "Trained",
    "alike",
    "array",
    "called",
    "check",
    "close",
    "counted",
    "detached",
    "exactly",
    "finite",
    "holds",
    "items",
    "kind_of",
    "quoted",
    "same",
    "several",
    "table",
    "unchanged",
]  # fmt: skip
