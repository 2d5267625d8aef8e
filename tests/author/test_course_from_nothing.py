"""A course that is made by the commands alone, edited by its author, and used to the end with the installed wheel."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT, Course
from tests.author.numpy_course import (
    ASSIGNMENT,
    OWN,
    POINTS,
    commands,
    count_the_limit_too,
    draw_a_figure,
    write_own_exercises,
)
from tests.author.running import run

WRONG = {each.name: f"def {each.name}({each.arguments}):\n    return {each.wrong}\n" for each in OWN}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    from hatchling.builders.wheel import WheelBuilder

    folder = str(tmp_path_factory.mktemp("wheel"))
    (built,) = WheelBuilder(str(KIT)).build(directory=folder, versions=["standard"])
    return Path(built)


def test_the_wheel_holds_every_template_of_new(wheel):
    templates = KIT / "autograder" / "author" / "scaffold" / "templates"
    wanted = {path.relative_to(KIT).as_posix() for path in templates.rglob("*") if path.is_file()}
    with zipfile.ZipFile(wheel) as archive:
        assert wanted - set(archive.namelist()) == set()
    assert len(wanted) > 10


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """The Python of a fresh environment with the wheel, and the other packages of this one but torch."""
    folder = tmp_path_factory.mktemp("fresh") / "environment"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", wheel]
    subprocess.run(install, check=True, capture_output=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if (
            not entry.name.startswith(("torch", "functorch", "__", "_editable"))
            and not (packages / entry.name).exists()
        ):
            (packages / entry.name).symlink_to(entry)
    return python


@pytest.mark.thorough
def test_no_torch_is_there(python):
    done = subprocess.run([python, "-c", "import torch"], capture_output=True, text=True, check=False)
    assert "No module named 'torch'" in done.stderr


@pytest.mark.thorough
def test_new_works_where_the_kit_was_installed_by_pip_without_a_checkout(python, tmp_path):
    root = tmp_path / "course"
    assert run(tmp_path, "new", "course", root, python=python).returncode == 0
    for words in (("assignment", "lab1"), ("notebook", "numbers"), ("exercise", "energy")):
        done = run(root, "new", *words, python=python)
        assert done.returncode == 0, done.stderr
    (exercise,) = Course(root).notebooks["numbers"].exercises.values()
    assert (exercise.name, exercise.points) == ("energy", 1)


@pytest.mark.thorough
def test_a_course_that_uses_torch_is_told_how_to_install_it(python, tmp_path):
    root = tmp_path / "course"
    for words in (("course", root), ("assignment", "lab1"), ("notebook", "numbers"), ("exercise", "energy")):
        done = run(root if root.exists() else tmp_path, "new", *words, python=python)
        assert done.returncode == 0, done.stderr
    checks = root / "checks" / "lab1" / "test_numbers.py"
    checks.write_text("import torch\n" + checks.read_text())
    (root / "submitted" / "ada" / "lab1").mkdir(parents=True)
    done = run(root, "grade", python=python)
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "autograder: This course uses torch, which is not installed here: pip install 'comp90051-autograder[torch]'."
    )


class Author:
    """An author, then tutor, at a course of the installed kit."""

    def __init__(self, python: Path, root: Path) -> None:
        self.python = python
        self.root = root

    def does(self, *words: object, program: str = "autograder") -> str:
        done = run(self.root, *words, program=program, python=self.python)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def hands_in(self, student: str, folder: str, edits: dict[str, str]) -> None:
        for notebook in POINTS:
            place = self.root / "submitted" / student / ASSIGNMENT / f"{notebook}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            original = self.root / folder / ASSIGNMENT / f"{notebook}.ipynb"
            own = {each.name: edits[each.name] for each in OWN if each.notebook == notebook and each.name in edits}
            place.write_text(edited(original, own), encoding="utf-8")

    def marks(self) -> dict[str, float]:
        lines = (self.root / "graded" / ASSIGNMENT / "results.jsonl").read_text(encoding="utf-8").splitlines()
        records = [json.loads(line) for line in lines]
        return {f"{each['student']}/{each['notebook']}": each["earned"] for each in records}

    def gradebook(self) -> dict[str, float]:
        """The scores that nbgrader exports, by student."""
        self.does("export", program="nbgrader")
        with (self.root / "grades.csv").open(encoding="utf-8") as file:
            return {row["student_id"]: float(row["raw_score"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def author(python, tmp_path_factory) -> Author:
    """The author, whose course is written, built and handed in."""
    root = tmp_path_factory.mktemp("courses") / "numpy101"
    made = run(root.parent, "new", "course", root, python=python)
    assert made.returncode == 0, made.stderr
    author = Author(python, root)
    for words in commands():
        author.does(*words)
    write_own_exercises(root)
    author.does("build")
    draw_a_figure(root)
    author.does("build")
    author.hands_in("ada", "source", {})
    author.hands_in("bob", "source", WRONG)
    author.hands_in("eve", "release", {})
    return author


@pytest.mark.thorough
def test_a_course_made_by_the_commands_serves_a_class_to_the_end(author):
    where = subprocess.run(
        [author.python, "-c", "import autograder; print(autograder.__file__)"],
        cwd=author.root,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(where.stdout.strip()).is_relative_to(author.python.parent.parent)
    course = Course(author.root)
    assert {name: plan.possible for name, plan in course.notebooks.items()} == POINTS
    assert sum(len(plan.exercises) for plan in course.notebooks.values()) == 8
    texts = [path.read_text() for path in author.root.rglob("*") if path.suffix in (".py", ".ipynb")]
    assert [text for text in texts if "torch" in text] == []
    assert "The mean of each column" in (author.root / "release" / ASSIGNMENT / "tables.ipynb").read_text()
    assert "all is well" in author.does("check")

    author.does("grade", "--isolation", "sandbox", "--jobs", "2")
    marks = author.marks()
    assert marks == {
        **{f"ada/{notebook}": points for notebook, points in POINTS.items()},
        **{f"bob/{notebook}": 1.0 for notebook in POINTS},  # the example's own point
        **{f"eve/{notebook}": 0.0 for notebook in POINTS},
    }
    told = author.does("misconceptions", "--json")
    assert {json.loads(line)["name"] for line in told.splitlines()} >= {f"{each.name}_misconceptions" for each in OWN}

    graded = author.root / "graded" / ASSIGNMENT
    author.does("report")
    assert "A number that equals the limit is not above it." in (graded / "report.html").read_text(encoding="utf-8")
    author.does("feedback")
    assert "is not above it" in (graded / "feedback" / "bob.html").read_text(encoding="utf-8")
    canvas = author.does("export", "--format", "canvas")
    assert {line.split(",")[0] for line in canvas.splitlines()} >= {"ada", "bob", "eve"}

    author.does("generate_assignment", ASSIGNMENT, "--force", program="nbgrader")
    author.does("autograde", ASSIGNMENT, program="nbgrader")
    total = sum(POINTS.values())
    assert author.gradebook() == {"ada": total, "bob": 2.0, "eve": 0.0}

    count_the_limit_too(author.root)
    author.does("build")
    author.does("grade", "--jobs", "2")
    compared = json.loads(author.does("compare", "--json"))
    assert author.marks() == marks | {"ada/tables": POINTS["tables"] - 1, "bob/tables": 2.0}
    assert {each["student"] for each in compared["moved"]} == {"ada", "bob"}
    author.does("autograde", ASSIGNMENT, "--force", program="nbgrader")
    assert author.gradebook() == {"ada": total - 1, "bob": 3.0, "eve": 0.0}
