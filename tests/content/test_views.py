"""Solutions, source and release: one truth in three views; see test_check.py for what `check` proves of them."""

from __future__ import annotations

import ast
import json
import subprocess
import sys

import nbformat
import pytest

from autograder.author.build import build
from autograder.trusted.assignment.course import KIT, Course

COURSE = Course(KIT)
NOTEBOOKS = list(COURSE.notebooks)


@pytest.mark.thorough
def test_an_edit_of_either_view_reaches_the_others(tmp_path):
    import os
    import shutil

    for folder in ("source", "solutions", "release"):
        shutil.copytree(KIT / folder, tmp_path / folder)
    shutil.copy(KIT / "nbgrader_config.py", tmp_path)
    course = Course(tmp_path)
    script, notebook = course.solutions / "perceptron.py", course.source / "perceptron.ipynb"
    script.write_text(script.read_text().replace("# # The perceptron", "# # My perceptron"))
    os.utime(notebook, (1, 1))
    build(course)
    assert "# My perceptron" in notebook.read_text()
    assert "# My perceptron" in (course.release / "perceptron.ipynb").read_text()
    notebook.write_text(notebook.read_text().replace("# My perceptron", "# Your perceptron"))
    os.utime(script, (1, 1))
    build(course)
    assert "# # Your perceptron" in script.read_text()
    assert "# Your perceptron" in (course.release / "perceptron.ipynb").read_text()
    assert build(course) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_the_release_does_not_speak_of_the_kit(name):
    assert "autograder" not in (COURSE.release / f"{name}.ipynb").read_text()


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_exercise_is_a_solution_cell_followed_by_its_locked_test_cell(name):
    cells = COURSE.notebooks[name].cells
    for position, cell in enumerate(cells):
        if cell.solution:
            after = cells[position + 1]
            assert (after.name, after.locked, after.demonstration) == (f"test_{cell.name}", True, True)
            assert after.points > 0
        else:
            assert cell.locked, f"{cell.name or position} is not locked"
            assert cell.name


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_stub_keeps_signature_and_docstring_and_says_that_it_is_one(name):
    solved = {cell.name: cell.source for cell in COURSE.notebooks[name].cells if cell.solution}
    released = nbformat.read(COURSE.release / f"{name}.ipynb", as_version=4).cells
    stubs = {c.metadata.nbgrader.grade_id: c.source for c in released if c.metadata.nbgrader.solution}
    assert stubs.keys() == solved.keys()
    for exercise, stub in stubs.items():
        assert "raise NotImplementedError()" in stub
        assert stub.splitlines()[0] == solved[exercise].splitlines()[0]
        (definition,) = ast.parse(stub).body
        assert definition.name == exercise
        assert ast.get_docstring(definition)


def test_importing_a_solution_runs_no_test_and_draws_no_figure():
    imports = [f"import {name}\nassert 'matplotlib' not in sys.modules, {name!r}" for name in NOTEBOOKS]
    code = "\n".join(["import sys", "sys.path.insert(0, '.')", *imports])
    done = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", code], cwd=COURSE.solutions, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name == "chain_rule" else pytest.mark.thorough) for name in NOTEBOOKS]
)
def test_a_solved_notebook_runs_top_to_bottom_and_the_release_does_not(name, workers):
    from autograder.trusted.execution.executed_notebook import ExecutedNotebook
    from autograder.trusted.submissions.cells import NotebookCell

    for folder, fine in ((COURSE.source, True), (COURSE.release, False)):
        cells = [c for c in json.loads((folder / f"{name}.ipynb").read_text())["cells"] if c["cell_type"] == "code"]
        sources = [NotebookCell(c["metadata"]["nbgrader"]["grade_id"], "".join(c["source"])) for c in cells]
        notebook = ExecutedNotebook(workers, sources, 20.0)
        notebook.worker()
        problems = dict(notebook.errors)
        notebook.close()
        assert (problems == {}) is fine, problems
        if not fine:
            visible_tests = {f"test_{exercise}" for exercise in COURSE.notebooks[name].exercises}
            assert visible_tests <= problems.keys()


def test_the_worked_example_prints_the_workshops_numbers(workers):
    from autograder.trusted.execution.executed_notebook import ExecutedNotebook
    from autograder.trusted.submissions.cells import NotebookCell

    cells = [
        NotebookCell(cell.name, cell.source) for cell in COURSE.notebooks["chain_rule"].cells if cell.kind == "code"
    ]
    notebook = ExecutedNotebook(workers, cells, 20.0, keep_outputs=True)
    notebook.worker()
    printed = "".join(output.get("text", "") for shown in notebook.outputs.values() for output in shown)
    notebook.close()
    for number in ("5", "25", "-20", "-30", "-50", "-40", "-60", "-100"):
        assert number in printed.replace("=", " ").replace(",", " ").replace(".0", "").split(), printed
