"""A NumPy course that an author makes from nothing: by the commands, and then by editing what they made.

Two notebooks have eight exercises; six are the author's own, and two stay the examples that they were.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ASSIGNMENT = "lab1"
FIGURE = """\
import matplotlib.pyplot as plt

fig, ax = plt.subplots(figsize=(4, 2))
ax.bar(range(3), column_means(np.arange(6.0).reshape(2, 3)))
ax.set_title("The mean of each column")
plt.show()"""


@dataclass(frozen=True)
class Exercise:
    """An exercise, as its author writes it into the places where the example stood.

    `says` is its docstring, `solution` what it returns; `hint` and `wrong` are the misconception's; `right` is another
    right answer; `example` is a visible test, and `inputs` are the lines of the check that bind the arguments.
    """

    notebook: str
    name: str
    arguments: str
    points: float
    says: str
    solution: str
    hint: str
    wrong: str
    right: str
    example: str
    inputs: str


OWN = (
    Exercise(
        "vectors", "length", "v", 2, "The Euclidean length of v.", "float(np.sqrt(np.sum(v**2)))",
        "This adds absolute values: square them, add, and take the root.", "float(np.sum(np.abs(v)))",
        "float(np.linalg.norm(v))", "length(np.array([3.0, 4.0])) == 5.0",
        "v = 1 + abs(rng.normal(size=6))",
    ),
    Exercise(
        "vectors", "unit", "v", 1.5, "The vector v over its length.", "v / np.sqrt(np.sum(v**2))",
        "This divides by the sum of v, and not by its length.", "v / np.sum(v)",
        "v / np.linalg.norm(v)", "unit(np.array([0.0, 2.0]))[1] == 1.0",
        "v = 1 + abs(rng.normal(size=5))",
    ),
    Exercise(
        "vectors", "angle", "a, b", 3, "The cosine of the angle between a and b.",
        "float(a @ b / np.sqrt((a @ a) * (b @ b)))",
        "The dot product is not divided by the lengths.", "float(a @ b)",
        "float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))",
        "angle(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == 0.0",
        "a = 1 + abs(rng.normal(size=4))\n    b = 2 + abs(rng.normal(size=4))",
    ),
    Exercise(
        "tables", "column_means", "X", 2, "The mean of each column of X.", "X.mean(axis=0)",
        "axis=1 goes along the rows: these are the means of the rows.", "X.mean(axis=1)",
        "np.sum(X, axis=0) / len(X)", "column_means(np.eye(2)).tolist() == [0.5, 0.5]",
        "X = rng.normal(size=(5, 5))",
    ),
    Exercise(
        "tables", "standardised", "X", 4, "The columns of X with mean 0 and standard deviation 1.",
        "(X - X.mean(axis=0)) / X.std(axis=0)",
        "The mean and deviation are those of all numbers: each column has its own.", "(X - X.mean()) / X.std()",
        "(X - np.mean(X, 0)) / np.sqrt(np.mean((X - np.mean(X, 0)) ** 2, 0))",
        "standardised(np.array([[1.0], [3.0]])).tolist() == [[-1.0], [1.0]]",
        "X = rng.normal(size=(8, 3)) * np.array([1.0, 5.0, 9.0])",
    ),
    Exercise(
        "tables", "count_above", "x, limit", 1, "How many numbers of x are greater than limit.",
        "int(np.sum(x > limit))",
        "A number that equals the limit is not above it.", "int(np.sum(x >= limit))",
        "len([each for each in x if each > limit])", "count_above(np.array([1, 2, 3]), 2) == 1",
        "x, limit = np.append(rng.integers(0, 10, 20), 4), 4",
    ),
)  # fmt: skip
EXAMPLES = {"vectors": ("energy", ("--arguments", "x, y, z: float = 0.0")), "tables": ("square", ("--arguments", "x"))}
POINTS = {"vectors": 7.5, "tables": 8.0}


def commands() -> list[list[str]]:
    """The commands after `autograder new course`."""
    wishes = [["assignment", ASSIGNMENT]]
    for notebook, (name, options) in EXAMPLES.items():
        wishes.append(["notebook", notebook])
        for each in OWN:
            if each.notebook == notebook:
                about = ["--arguments", each.arguments, "--points", str(each.points)]
                wishes.append(["exercise", each.name, "--notebook", notebook, *about])
        wishes.append(["exercise", name, "--notebook", notebook, *options])
    return [["new", *words] for words in wishes]


def write_own_exercises(root: Path) -> None:
    """Write the author's own exercises in the place of the examples: scripts, checks and what stands beside them."""
    checks = root / "checks" / ASSIGNMENT
    for each in OWN:
        script = root / "solutions" / ASSIGNMENT / f"{each.notebook}.py"
        _edit(
            script,
            f"# ## {each.name[0].upper()}",
            "\n\n# %%",
            lambda text: text.replace("This example asks", "It asks"),
        )
        _edit(script, f"def {each.name}(", "\n\n# %%", lambda _, each=each: _cell(each))
        _edit(script, f"# assert {each.name}(", "# print(", lambda _, each=each: f"# assert {each.example}\n")
        file = f"{each.notebook}.py"
        _edit(checks / f"test_{file}", f'@check("{each.name}"', "\n\n\n@", lambda _, each=each: _check(each))
        for folder, says, answer in (
            ("misconceptions", each.hint, each.wrong),
            ("right_answers", "In another style.", each.right),
        ):
            variant = _variant(each, f"{each.name}_{folder}", says, answer)
            _edit(checks / folder / file, f'@of("{each.name}")', "\n\n\n@", lambda _, variant=variant: variant)
    for notebook in POINTS:
        checks_of = checks / f"test_{notebook}.py"
        checks_of.write_text(
            checks_of.read_text().replace("\nfrom autograder", "\nimport numpy as np\n\nfrom autograder")
        )
        table = checks / "sentences" / f"{notebook}.toml"
        for each in OWN:
            if each.notebook == notebook:
                _edit(table, f"[[{each.name}]]", f"\n[[{_after(each)}]]", lambda _, each=each: _row(each))


def draw_a_figure(root: Path) -> None:
    """Put a figure of the author's at the end of a notebook, in Jupyter."""
    path = root / "source" / ASSIGNMENT / "tables.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    grading = {"grade": False, "grade_id": "figure_means", "locked": True, "schema_version": 3, "solution": False}
    figure = {"metadata": {"nbgrader": grading | {"task": False}, "tags": ["active-ipynb"]}, "source": FIGURE}
    notebook["cells"].append(figure | {"cell_type": "code", "execution_count": None, "id": "f1", "outputs": []})
    path.write_text(json.dumps(notebook), encoding="utf-8")


def count_the_limit_too(root: Path) -> None:
    """Change an exercise: a number that equals the limit counts from now on."""
    for path in (
        root / "solutions" / ASSIGNMENT / "tables.py",
        root / "checks" / ASSIGNMENT / "right_answers" / "tables.py",
    ):
        text = path.read_text(encoding="utf-8")
        text = text.replace("x > limit", "x >= limit").replace("each > limit", "each >= limit")
        text = text.replace("greater than limit", "at least limit")
        path.write_text(text.replace("np.array([1, 2, 3]), 2) == 1", "np.array([1, 2, 3]), 2) == 2"), encoding="utf-8")
    misconceptions = root / "checks" / ASSIGNMENT / "misconceptions" / "tables.py"
    text = misconceptions.read_text(encoding="utf-8").replace("x >= limit", "x > limit")
    misconceptions.write_text(text.replace("is not above it", "counts, too"), encoding="utf-8")
    table = root / "checks" / ASSIGNMENT / "sentences" / "tables.toml"
    table.write_text(table.read_text().replace("greater than limit", "at least limit"), encoding="utf-8")


def _cell(each: Exercise) -> str:
    marks = f"    ### BEGIN SOLUTION\n    return {each.solution}\n    ### END SOLUTION\n"
    return f'def {each.name}({each.arguments}):\n    """{each.says}"""\n{marks}'


def _check(each: Exercise) -> str:
    call = f"{each.name}({each.arguments})"
    return (
        f'@check("{each.name}", points={each.points})\ndef test_{each.name}(student, reference, rng):\n'
        f'    """{each.says}"""\n    {each.inputs}\n'
        f'    close(student.{call}, reference.{call}, "The answer", operations=40)\n'
    )


def _variant(each: Exercise, name: str, says: str, answer: str) -> str:
    return f'@of("{each.name}")\ndef {name}({each.arguments}):\n    """{says}"""\n    return {answer}\n'


def _row(each: Exercise) -> str:
    violated = f'violated_by.{each.name}_misconceptions = "test_{each.name}"'
    return f'[[{each.name}]]\nsays = "{each.says}"\n{violated}\n'


def _after(each: Exercise) -> str:
    """The exercise that comes next in the notebook."""
    names = [other.name for other in OWN if other.notebook == each.notebook] + [EXAMPLES[each.notebook][0]]
    return names[names.index(each.name) + 1]


def _edit(path: Path, start: str, end: str, change: Callable[[str], str]) -> None:
    """Change the part of a file from the first `start` up to the next `end`, or to the file's end."""
    text = path.read_text(encoding="utf-8")
    begins = text.index(start)
    ends = text.find(end, begins)
    ends = len(text) if ends < 0 else ends
    path.write_text(text[:begins] + change(text[begins:ends]) + text[ends:], encoding="utf-8")
