'''All that an author of checks imports: how a check is marked, how answers are compared, what can go wrong.

A check is one test function in `checks/<assignment>/test_<notebook>.py`, run on the trusted side only. Its docstring
is the sentence that the student reads; its mark says the exercise and the points; it fails by CheckFailure, and lets
everything that the student's code raises pass through. It asks by name for what it needs: `student`, `reference` (the
solution's module), `random` (seeded tensors), `rng` (NumPy's generator, seeded) and `device`.

    from autograder.checking import check, close, holds, items, same, table, unchanged

Numbers, arrays and tensors: `close` allows for rounding, which it derives from the number of operations; `exactly`
allows for none. Type, shape and dtype have to be those of the expected answer. `unchanged` looks at the arguments
after the call, and `why` is what the student is told to look at.

    @check("mean", points=1)
    def test_mean_is_the_sum_over_n(student, rng):
        """The mean of x (n,) is the sum of its elements, divided by n."""
        x = rng.normal(size=7)
        close(student.mean(x), float(x.sum() / 7), "The mean", operations=8, why="Is it divided by n?")
        unchanged(student.arguments, (x,), "x")

Text, truth and containers: `same` wants a Python value of the very type, `items` a tuple (or another `kind`) of a
length, and `holds` any condition, with its sentence.

    @check("extremes", points=1)
    def test_extremes_are_smallest_and_largest(student):
        """extremes(xs) is the smallest and the largest number, in a tuple."""
        received = student.extremes([3, 1, 2])
        items(received, 2, "What extremes returns")
        same(received, (1, 3), "The pair of extremes")

Tables: `table` compares pandas' DataFrames and Series, their labels, rows, dtypes and items.

    @check("counts", points=1)
    def test_counts_has_a_row_for_each_name(student):
        """counts(frame) has the columns name and n: each name, in alphabetical order, and how often it occurs."""
        import pandas as pd

        received = student.counts(pd.DataFrame({"name": ["b", "a", "b"]}))
        table(received, pd.DataFrame({"name": ["a", "b"], "n": [1, 2]}), "The table of counts")

Figures: `student.f.draws(...)` calls f, and returns what pyplot's figures then show, each a Figure with its Axes and
their Parts; a function that returns its figure answers a plain call with one. Any device of the machine: a check that
asks for `device` is run once for each kind, on the CPU and on a simulated accelerator, and on the GPU where there is
one, for comparison; `student.on(device)` puts the arguments there and wants the answer from there.

    @check("plot_squares", points=1)
    def test_plot_squares_draws_one_line(student):
        """plot_squares(n) draws the line of i * i against i, for i from 0 to n - 1, and labels its axes."""
        figures = student.plot_squares.draws(4)
        holds(len(figures) == 1 and len(figures[0].axes) == 1, "Draw one figure with one pair of axes.")
        axes = figures[0].axes[0]
        holds(len(axes.lines) == 1, "Draw one line.")
        close(axes.lines[0].y, axes.lines[0].x ** 2, "The line's y", operations=1)
        holds(bool(axes.xlabel and axes.ylabel), "Label both axes.")

Short cuts: where a ready function is not allowed, `student.f.relies_on(x, among={"sigmoid"}, attributes={"sigmoid"})`
watches a call and reads the text; `student.code` has the text alone. Models: a torch.nn.Module stays in the worker,
and comes as a RemoteModule, which can be called, described, differentiated and given parameters.

Whatever of a student's goes into a sentence goes through `kind_of`, `quoted` or `counted`; `several` and the
comparisons make sentences that agree in number. `BUILDS_ON = {"train": ("predict",)}` beside the checks says where
the reference stands in for an earlier exercise that is wrong. A sample class is a list of Sample; figures for the
report are Experiments.
'''

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.errors import CheckFailure, StudentError
from autograder.trusted.assignment.sample import NOT_HANDED_IN, RELEASED, SOLVED, TRUNCATED, Sample
from autograder.trusted.checking.check import check
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

if TYPE_CHECKING:
    import torch

    FLOATS: tuple[torch.dtype, torch.dtype]

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


def __getattr__(name: str) -> object:
    """FLOATS, the two dtypes that a check of tensors goes through: only who asks for it needs torch."""
    if name != "FLOATS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import torch

    return torch.float32, torch.float64
