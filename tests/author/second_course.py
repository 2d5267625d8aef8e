"""A course that has nothing to do with this one: NumPy, two notebooks, a folder of its own.

`perceptron` has hidden checks, and only its name in common with this repository's; `survey` has visible tests, a text
that a person grades, and a task.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from autograder.author.build import as_notebook
from autograder.trusted.assignment.course import Course

ASSIGNMENT = "lab1"
_SOLUTION = re.compile(r" *### BEGIN SOLUTION.*### END SOLUTION", re.S)
CONFIG = """\
from autograder.faces.nbgrader import install

c = get_config()
c.CourseDirectory.course_id = "numpy101"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
c.IncludeHeaderFooter.header = "source/header.ipynb"
install(c)
"""

CHECKS = '''\
"""Checks of the perceptron that is none."""

import numpy as np

from autograder.checking import check, close, exactly, unchanged


@check("average", points=0.7)
def test_average_of_numbers(student, reference, rng):
    """The average is the sum over the count."""
    x = rng.normal(size=7)
    close(student.average(x), reference.average(x), "the average", operations=20)


@check("average", points=0.2)
def test_average_leaves_its_argument(student):
    """The argument stays as it was."""
    x = np.arange(3.0)
    student.average(x)
    unchanged(student.arguments, (x,), "x")


@check("average", points=0.1)
def test_average_of_one(student):
    """The average of one number is that number."""
    assert student.average(np.array([3.0])) != "nonsense", "only the author sees this"
    exactly(student.average(np.array([3.0])), 3.0, "the average")


@check("count_above", points=2)
def test_count_above(student, rng):
    """How many numbers are above the limit, as an int of Python's or of NumPy's."""
    x = np.append(rng.integers(0, 10, 20), 4)
    exactly(student.count_above(x, 4), int((x > 4).sum()), "the count")


@check("scaled", points=2)
def test_scaled(student, rng):
    """Every number is divided by the largest."""
    x = rng.integers(1, 10, 5).astype(float)
    close(student.scaled(x), x / x.max(), "the scaled numbers", operations=2)
'''

MISCONCEPTIONS = '''\
@of("count_above")
def at_least(x, limit):
    """A number that equals the limit is not above it."""
    return int((x >= limit).sum())
'''


def cell(name: str, body: str, *, kind: str = "", points: float = 0, **flags: bool) -> str:
    """A cell of a percent script with nbgrader's metadata."""
    grading = {"grade": points > 0, "grade_id": name, "locked": True, "schema_version": 3, "solution": False}
    grading |= {"task": False, **flags} | ({"points": points} if points else {})
    return f"# %%{kind} nbgrader={json.dumps(grading)}\n{body}\n"


def text(name: str, body: str, *, points: float = 0, **flags: bool) -> str:
    """A text cell."""
    commented = "\n".join(f"# {line}".rstrip() for line in body.split("\n"))
    return cell(name, commented, kind=" [markdown]", points=points, **flags)


def exercise(name: str, arguments: str, says: str, solution: str, test: str, points: float) -> str:
    """A solution cell, and the test cell behind it."""
    body = f'def {name}({arguments}):\n    """{says}"""\n    ### BEGIN SOLUTION\n    {solution}\n    ### END SOLUTION\n'
    return cell(name, body, solution=True, locked=False) + "\n\n" + cell(f"test_{name}", test, points=points)


def perceptron(points: float = 1) -> str:
    """The notebook with hidden checks; `points` are those of its first exercise."""
    cells = (
        text("title", "# Numbers"),
        cell("imports", "import numpy as np\n"),
        text("about_average", "## Average (1 point)"),
        exercise("average", "x", "The average of x.", "return x.sum() / len(x)", "average(np.ones(2))", points),
        text("about_count", "## Count (2 points)"),
        exercise(
            "count_above", "x, limit", "How many.", "return int((x > limit).sum())", "count_above(np.ones(2), 0)", 2
        ),
        exercise("scaled", "x", "x over its largest.", "return x / x.max()", "scaled(np.ones(2))", 2),
    )
    return "\n".join(cells)


def survey() -> str:
    """The notebook without hidden checks."""
    return "\n".join(
        (
            cell("start", "import math\n"),
            exercise("double", "x", "Twice x.", "return 2 * x", "assert double(3) == 6\nassert double(0) == 0", 2),
            exercise("root", "x", "The root of x.", "return math.sqrt(x)", "assert root(9) == 3", 3),
            text("explain", "Because.", points=4, solution=True, locked=False),
            text("sketch", "Draw it.", points=1, task=True, locked=True),
        )
    )


def make_course(root: Path, assignment: str = ASSIGNMENT, checks: str = "checks") -> Path:
    """The course as its author has written it: scripts, checks, settings; nothing is built yet."""
    (root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    header = as_notebook("# %% [markdown]\n# Before you hand in, restart and run all.\n")
    for name, content in {
        f"solutions/{assignment}/perceptron.py": perceptron(),
        f"solutions/{assignment}/survey.py": survey(),
        f"{checks}/{assignment}/test_perceptron.py": CHECKS,
        f"{checks}/{assignment}/misconceptions/perceptron.py": MISCONCEPTIONS,
        "source/header.ipynb": header,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content, encoding="utf-8")
    return root


def release_without_nbgrader(course: Course, workspace: Path, notebooks: Mapping[str, str]) -> Path:
    """What `generate_release` returns, made in no time: solutions between the marks become stubs, and that is all."""
    folder = workspace / "release"
    folder.mkdir()
    for name, text in notebooks.items():
        notebook = json.loads(text)
        for each in notebook["cells"]:
            each["source"] = [_SOLUTION.sub("    raise NotImplementedError()", "".join(each["source"]))]
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    return folder
