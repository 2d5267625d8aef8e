"""`autograder demo`: a sample class in a temporary course, graded and shown.

Each sample student starts from the solved or from the released notebooks and changes a few cells.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.author.edit import edited
from autograder.faces.grade import grade_class
from autograder.trusted.course import CONFIG, KIT, Course
from autograder.trusted.grading import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SOLVED, RELEASED, NOT_HANDED_IN, TRUNCATED = "solved", "released", "not handed in", "truncated"


@dataclass(frozen=True)
class Sample:
    """A student of the sample class.

    Attributes:
        name: the student.
        story: what is special, in a few words.
        total: the points out of 100 that the work is worth.
        start: what the notebooks are before the edits: SOLVED or RELEASED.
        notebooks: other states of single notebooks.
        edits: new sources for single solution cells, by exercise ("notebook/exercise").
    """

    name: str
    story: str
    total: float
    start: str = SOLVED
    notebooks: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, str] = field(default_factory=dict)


CLASS = (
    Sample("ada", "solved everything", 100),
    Sample("bao", "handed in the empty stubs", 0, start=RELEASED),
    Sample(
        "carla", "did the first two notebooks", 50, notebooks={"perceptron": RELEASED, "logistic_regression": RELEASED}
    ),
    Sample(
        "deniz",
        "wrote `train` and nothing else",
        7,
        start=RELEASED,
        edits={
            "perceptron/train": """\
def train(X, y, w=None, eta=1.0, epochs=1):
    w = X.new_zeros(X.shape[1]) if w is None else w.clone()
    mistakes = []
    while len(mistakes) < epochs and (not mistakes or mistakes[-1] > 0):
        mistakes.append(0)
        for t in range(len(X)):
            mistakes[-1] += int(predict(w, X[t]) != y[t])
            w = update(w, X[t], y[t], eta)
    return w, mistakes
"""
        },
    ),
    Sample(
        "emil",
        "thinks that f(0) = 0",
        99,
        edits={"perceptron/activation": "def activation(s):\n    return torch.sign(s)\n"},
    ),
    Sample(
        "fatima",
        "forgot the 2 of the square",
        93,
        edits={
            "chain_rule/manual_gradients": """\
def manual_gradients(a, b, y, w0, w1, v):
    u = a * w0 + b * w1
    error = u * v - y
    return (error * v * a).mean(), (error * v * b).mean(), (error * u).mean()
"""
        },
    ),
    Sample(
        "goran",
        "loops for ever in `train`",
        93,
        edits={
            "perceptron/train": """\
def train(X, y, w=None, eta=1.0, epochs=1):
    while True:
        pass
"""
        },
    ),
    Sample(
        "hana",
        "has a syntax error in one cell",
        94,
        edits={"logistic_regression/bce_loss": "def bce_loss(logits, y)\n    return logits.mean(\n"},
    ),
    Sample("ivan", "handed in a truncated notebook", 75, notebooks={"perceptron": TRUNCATED}),
    Sample("june", "forgot one notebook", 75, notebooks={"logistic_regression": NOT_HANDED_IN}),
    Sample(
        "kofi",
        "ends the process to be left alone",
        96,
        edits={"perceptron/margin": "import os\n\ndef margin(w, X, y):\n    os._exit(0)\n"},
    ),
    Sample(
        "lena",
        "returns an object that equals everything",
        96,
        edits={
            "logistic_regression/predict": """\
class Right:
    def __eq__(self, other):
        return True

    def __getattr__(self, name):
        return self

def predict(model, X):
    return Right()
"""
        },
    ),
    Sample(
        "milan",
        "eats all memory",
        96,
        edits={
            "tensor_ops/pairwise_squared_distances": """\
def pairwise_squared_distances(A, B):
    every_pair_of_pairs = torch.zeros(len(A), len(B), 2**20, 2**20)
    return every_pair_of_pairs.sum(dim=(2, 3))
"""
        },
    ),
    Sample(
        "noor",
        "solved it in another style",
        100,
        edits={
            "tensor_ops/affine": "def affine(X, w, b):\n    return torch.einsum('nm,m->n', X, w) + b\n",
            "perceptron/activation": "def activation(s):\n    return (s >= 0).to(s.dtype) * 2 - 1\n",
            "logistic_regression/LogisticRegression": """\
class LogisticRegression(torch.nn.Module):
    def __init__(self, num_features):
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(num_features))
        self.b = torch.nn.Parameter(torch.zeros(1))

    def forward(self, X):
        print("forward!")
        return X @ self.w + self.b
""",
        },
    ),
)


def run_demo(keep: Path | None, *, jobs: int | None, seconds: float, as_json: bool, isolation: str) -> list[str]:
    """Make the sample class (in `keep`, or in a temporary folder), grade it, and show it."""
    with tempfile.TemporaryDirectory(prefix="autograder-demo-") if keep is None else nullcontext(str(keep)) as folder:
        course = make_sample_course(Path(folder))
        faults = grade_class(
            course,
            [course.submitted],
            course.graded,
            Settings(seconds),
            jobs=jobs,
            isolation=isolation,
            as_json=as_json,
            temporary=keep is None,
        )
        if not as_json:
            _tell_stories(keep)
    return faults


def make_sample_course(root: Path) -> Course:
    """A course under `root` with the kit's assignment and the sample class in submitted/."""
    kit = Course(KIT)
    for folder in (kit.source, kit.release, kit.solutions):
        shutil.copytree(folder, root / folder.relative_to(KIT), dirs_exist_ok=True)
    shutil.copy(KIT / CONFIG, root / CONFIG)
    course = Course(root)
    for sample in CLASS:
        hand_in(course, sample)
    return course


def hand_in(course: Course, sample: Sample) -> None:
    """Put one sample student's notebooks into submitted/."""
    folder = course.submitted / sample.name / course.assignment
    folder.mkdir(parents=True, exist_ok=True)
    for name in course.notebooks:
        state = sample.notebooks.get(name, sample.start)
        if state == NOT_HANDED_IN:
            continue
        original = (course.release if state == RELEASED else course.source) / f"{name}.ipynb"
        mine = {path.partition("/")[2]: text for path, text in sample.edits.items() if path.startswith(f"{name}/")}
        text = edited(original, mine)
        (folder / f"{name}.ipynb").write_text(text[: len(text) // 2] if state == TRUNCATED else text, encoding="utf-8")


def _tell_stories(keep: Path | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print("\nWho they are: " + "; ".join(f"[bold]{sample.name}[/] {sample.story}" for sample in CLASS) + ".")
    if keep is None:
        console.print("The course was temporary; `autograder demo --keep FOLDER` leaves it there to be looked at.")
    else:
        console.print(f"The course is in {keep}; open graded/week06/report.html there to see every check's sentence.")
