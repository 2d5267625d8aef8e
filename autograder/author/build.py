"""The three views of the assignment, rebuilt from each other.

    solutions/week06/x.py  <->  source/week06/x.ipynb   --nbgrader generate_assignment-->  release/week06/x.ipynb
         (as a script)              (as a notebook)                                         (what students get)

The first two have the same content, paired by jupytext. The notebook's metadata hold a digest of the script that both
were when they were last built, so that it can be told which of them was edited since: that one is written over the
other. When a file was saved says nothing: Jupyter saves a notebook that is only looked at.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import jupytext
import nbformat

from autograder.author.points import require_points_as_told
from autograder.errors import KitError, UsageError
from autograder.trusted.assignment.course_settings import CONFIG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograder.trusted.assignment.course import Course

SCRIPT, NOTEBOOK = "script", "notebook"  # the two views that an author edits

_PAIRED = {
    "formats": "source///ipynb,solutions///py:percent",
    "text_representation": {"extension": ".py", "format_name": "percent", "format_version": "1.3"},
}
_KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
_BUILT = "built_from"  # the digest, among the notebook's metadata
_RAISED = re.compile(r"[\w.]*(?:Error|Exception): (.*)")
_CONVERTED = re.compile(r"Converting notebook .*/(\S+\.ipynb)")


def build(course: Course, truth: str | None = None) -> list[str]:
    """Synchronise source, solutions and release; returns a sentence for each file that changed.

    Nothing is written before all is known to be well.

    Args:
        course: the course; source/ASSIGNMENT may be empty where solutions/ASSIGNMENT is not.
        truth: SCRIPT or NOTEBOOK, the view that counts where both were edited since they were last built.

    Raises:
        UsageError: both views of a notebook were edited, and `truth` does not say which one counts.
        KitError: nbgrader refuses the source, whose error the sentence quotes, or a text and the points disagree.
    """
    scripts, notebooks = _truths(course, truth)
    for name, notebook in notebooks.items():
        require_points_as_told(course.source / f"{name}.ipynb", json.loads(notebook))
    due = _due(course, scripts, notebooks)
    for change in due:
        change.make()
    return [f"{change.path}: {change.how}" for change in due]


def out_of_step(course: Course) -> dict[Path, str]:
    """The files that `build` would write, or remove, each with how; nothing is written. Raises as `build` does."""
    return {change.path: change.how for change in _due(course, *_truths(course, None))}


def _truths(course: Course, truth: str | None) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """By name, each notebook's script with the name of the file from which it comes, and its JSON."""
    scripts = {name: _truth(course, name, truth) for name in notebook_names(course)}
    return scripts, {name: as_notebook(script) for name, (script, _) in scripts.items()}


def _due(course: Course, scripts: Mapping[str, tuple[str, str]], notebooks: Mapping[str, str]) -> list[_Change]:
    """What is to be written so that all views are in step."""
    changes: list[_Change] = []
    with tempfile.TemporaryDirectory(prefix="autograder-build-") as temporary:
        made = generate_release(course, Path(temporary), notebooks)
        for name, notebook in notebooks.items():
            how = f"written from {scripts[name][1]}"
            changes.append(_Change(course.source / f"{name}.ipynb", how, notebook.encode()))
            changes.append(_Change(course.solutions / f"{name}.py", how, as_script(notebook).encode()))
        for path in sorted(path for path in made.rglob("*") if path.is_file()):
            released = course.release / path.relative_to(made)
            changes.append(_Change(released, "written by nbgrader generate_assignment", path.read_bytes()))
    for path in sorted(course.release.glob("*.ipynb")):
        if path.stem not in notebooks:
            changes.append(_Change(path, "removed, as there is no such notebook any more"))
    return [change for change in changes if change.is_due]


@dataclass(frozen=True)
class _Change:
    """What a file is to hold, None for nothing, and how that is told."""

    path: Path
    how: str
    content: bytes | None = None

    @property
    def is_due(self) -> bool:
        return (self.path.read_bytes() if self.path.exists() else None) != self.content

    def make(self) -> None:
        if self.content is None:
            self.path.unlink()
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(self.content)


def notebook_names(course: Course) -> list[str]:
    """The names of the assignment's notebooks that exist as a script, as a notebook, or as both."""
    names = notebooks_there(course)
    if not names:
        where = f"Neither {course.source} nor {course.solutions}"
        raise UsageError(f"{where} holds a notebook: `autograder new notebook NAME` makes one.")
    return names


def notebooks_there(course: Course) -> list[str]:
    """The same; none is no error."""
    return sorted({path.stem for path in (*course.solutions.glob("*.py"), *course.source.glob("*.ipynb"))})


def script_of(course: Course, name: str) -> str:
    """The script that both views of a notebook are to have. Raises UsageError if both were edited, and differ."""
    return _truth(course, name, None)[0]


def as_notebook(script: str) -> str:
    """A percent script as a notebook's JSON, without outputs, with reproducible cell ids and the script's digest."""
    notebook = jupytext.reads(script, fmt="py:percent")
    said = notebook.metadata.setdefault("jupytext", {})
    if said.get("notebook_metadata_filter") == "-all":  # it has no header: jupytext's guess differs from run to run
        notebook.metadata["jupytext"] = said = json.loads(json.dumps(_PAIRED))
    said["text_representation"].pop("jupytext_version", None)
    notebook.metadata.setdefault("kernelspec", dict(_KERNEL))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells):
        name = cell.metadata.get("nbgrader", {}).get("grade_id", f"cell_{position}")
        cell.metadata.pop("lines_to_next_cell", None)
        cell.id = name.replace("_", "-")[:64]
    notebook.metadata[_BUILT] = _digest(as_script(nbformat.writes(notebook, version=nbformat.NO_CONVERT)))
    return str(nbformat.writes(notebook, version=nbformat.NO_CONVERT)) + "\n"


def as_script(notebook: str) -> str:
    """A notebook's JSON as a percent script, as jupytext writes it, but without jupytext's version."""
    text = jupytext.writes(nbformat.reads(notebook, as_version=4), fmt="py:percent")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#       jupytext_version"))


def generate_release(course: Course, workspace: Path, notebooks: Mapping[str, str] | None = None) -> Path:
    """Run `nbgrader generate_assignment` in a copy of the course under `workspace`; returns the release's folder.

    `notebooks` are texts by name that stand in the place of those in source/.
    """
    copy = workspace / "course"
    source, release = (copy / folder.relative_to(course.root) for folder in (course.source, course.release))
    if course.source.is_dir():
        shutil.copytree(course.source, source, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    source.mkdir(parents=True, exist_ok=True)
    for name, text in (notebooks or {}).items():
        (source / f"{name}.ipynb").write_text(text, encoding="utf-8")
    for path in (course.root / CONFIG, *course.source.parent.glob("*.*")):  # a header that all notebooks have
        if path.is_file():
            shutil.copy(path, copy / path.relative_to(course.root))
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", course.assignment, "--create", "--force"]
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = os.environ | {"PATH": programs}  # nbgrader starts `alembic` by name
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise KitError(f"nbgrader cannot make a release of {course.source}: {_reason(done.stderr)}")
    return release


def _truth(course: Course, name: str, truth: str | None) -> tuple[str, str]:
    """The script of a notebook that both views are to have, and the name of the file from which it comes."""
    script, notebook = course.solutions / f"{name}.py", course.source / f"{name}.ipynb"
    texts = {}
    if script.exists():
        texts[SCRIPT] = as_script(as_notebook(script.read_text(encoding="utf-8")))
    built = ""
    if notebook.exists():
        text = notebook.read_text(encoding="utf-8")
        texts[NOTEBOOK] = as_script(as_notebook(as_script(text)))
        built = json.loads(text)["metadata"].get(_BUILT, "")
    edited = [view for view, text in texts.items() if _digest(text) != built]
    if len(set(texts.values())) == 1:
        chosen = next(iter(texts))
    elif truth is not None:
        chosen = truth
    elif len(edited) == 1:
        chosen = edited[0]
    else:
        raise UsageError(
            f"Both {script} and {notebook} were edited since the last build, and differ: say which one counts "
            f"with --from {SCRIPT} or --from {NOTEBOOK}. The other's edits are lost then."
        )
    return texts[chosen], script.name if chosen == SCRIPT else notebook.name


def _digest(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:16]


def _reason(complaint: str) -> str:
    """What nbgrader complains of: the first exception in its log, of which all others follow, and the notebook."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    raised = next((found[1] for line in lines if (found := _RAISED.match(line))), "")
    converted = [found[1] for line in lines if (found := _CONVERTED.search(line))]
    where = f"{converted[-1]}: " if converted else ""
    return f"{where}{raised or (lines or ['it does not say why'])[-1]}"
