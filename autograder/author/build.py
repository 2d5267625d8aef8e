"""The three views of the assignment, rebuilt from each other.

    solutions/week06/x.py  <->  source/week06/x.ipynb   --nbgrader generate_assignment-->  release/week06/x.ipynb
         (as a script)              (as a notebook)                                         (what students get)

The first two have the same content, paired by jupytext: the one that was edited last overwrites the other.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jupytext
import nbformat

from autograder.errors import KitError, UsageError
from autograder.trusted.assignment.course import CONFIG

if TYPE_CHECKING:
    from autograder.trusted.assignment.course import Course


def build(course: Course) -> list[str]:
    """Synchronise source, solutions and release; returns a sentence for each file that changed.

    Raises:
        KitError: nbgrader refuses the source; the sentence quotes nbgrader's error.
    """
    said = []
    for name in notebook_names(course):
        script, notebook = course.solutions / f"{name}.py", course.source / f"{name}.ipynb"
        truth = _edited_last(script, notebook)
        text = truth.read_text(encoding="utf-8")
        as_edited = as_notebook(text if truth == script else as_script(text))
        said += _write(notebook, as_edited, f"from {truth.name}")
        said += _write(script, as_script(as_edited), f"from {truth.name}")
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as temporary:
        made = generate_release(course, Path(temporary))
        for path in sorted(made.iterdir()):
            said += _write(
                course.release / path.name, path.read_text(encoding="utf-8"), "by nbgrader generate_assignment"
            )
    return said


def notebook_names(course: Course) -> list[str]:
    """The names of the assignment's notebooks that exist as a script, as a notebook, or as both."""
    names = {path.stem for path in course.solutions.glob("*.py")} | {
        path.stem for path in course.source.glob("*.ipynb")
    }
    if not names:
        raise UsageError(f"Neither {course.source} nor {course.solutions} holds a notebook.")
    return sorted(names)


def as_notebook(script: str) -> str:
    """A percent script as a notebook's JSON, without outputs and with reproducible cell ids."""
    notebook = jupytext.reads(script, fmt="py:percent")
    notebook.metadata.get("jupytext", {}).get("text_representation", {}).pop("jupytext_version", None)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell_{position}")
        cell.metadata.pop("lines_to_next_cell", None)
        cell.id = name.replace("_", "-")[:64]
    return str(nbformat.writes(notebook, version=nbformat.NO_CONVERT)) + "\n"


def as_script(notebook: str) -> str:
    """A notebook's JSON as a percent script, as jupytext writes it, but without jupytext's version."""
    read = nbformat.reads(notebook, as_version=4)
    text = jupytext.writes(read, fmt="py:percent")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#       jupytext_version"))


def generate_release(course: Course, workspace: Path) -> Path:
    """Run `nbgrader generate_assignment` in a copy of the course under `workspace`; returns the release's folder."""
    copy = workspace / "course"
    shutil.copytree(course.source, copy / "source" / course.assignment)
    shutil.copy(course.root / CONFIG, copy / CONFIG)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", course.assignment, "--create", "--force"]
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = os.environ | {"PATH": programs}  # nbgrader starts `alembic` by name
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise KitError(f"nbgrader cannot make a release of {course.source}: {_last_words(done.stderr)}")
    return copy / "release" / course.assignment


def _edited_last(script: Path, notebook: Path) -> Path:
    if not (script.exists() and notebook.exists()):
        return script if script.exists() else notebook
    return notebook if notebook.stat().st_mtime_ns > script.stat().st_mtime_ns else script


def _write(path: Path, text: str, how: str) -> list[str]:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [f"{path}: written {how}"]


def _last_words(complaint: str) -> Any:
    lines = [line for line in complaint.splitlines() if line.strip()]
    return lines[-1] if lines else "it does not say why"
