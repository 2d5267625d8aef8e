"""Building: which view counts, what is refused before anything is written, and what is left behind nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.author import build as building
from autograder.author.build import as_notebook, as_script, build, generate_release
from autograder.author.points import require_points_as_told
from autograder.errors import KitError, UsageError
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import Course, course_root
from tests.author.second_course import ASSIGNMENT, exercise, make_course, perceptron, survey, text


@pytest.fixture
def course(tmp_path, monkeypatch) -> Course:
    """A course that is built, but for a release that takes no nbgrader."""

    def release(course, workspace, notebooks):
        folder = workspace / "release"
        folder.mkdir()
        for name, content in notebooks.items():
            (folder / f"{name}.ipynb").write_text(content)
        return folder

    monkeypatch.setattr(building, "generate_release", release)
    made = Course(make_course(tmp_path), ASSIGNMENT)
    build(made)
    return made


def views(course: Course, name: str = "survey") -> tuple[Path, Path]:
    return course.solutions / f"{name}.py", course.source / f"{name}.ipynb"


def edit(path: Path, old: str, new: str) -> None:
    before = path.read_text()
    assert old in before
    path.write_text(before.replace(old, new))


def files(course: Course) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in course.root.rglob("*") if path.is_file()}


def test_what_is_built_is_in_step(course):
    assert build(course) == []


def test_an_edited_script_counts_though_jupyter_saved_the_notebook_later_with_outputs(course):
    script, notebook = views(course)
    edit(script, "Twice x.", "Two times x.")
    opened = json.loads(notebook.read_text())
    code = next(cell for cell in opened["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["shown"]}]
    code["execution_count"] = 7
    notebook.write_text(json.dumps(opened))
    later = script.stat().st_mtime + 100
    os.utime(notebook, (later, later))
    build(course)
    assert "Two times x." in script.read_text()
    assert "Two times x." in notebook.read_text()
    assert "shown" not in notebook.read_text()


def test_where_both_views_were_edited_build_refuses_until_it_is_told_which_one_counts(course):
    script, notebook = views(course)
    edit(script, "Twice x.", "Two times x.")
    edit(notebook, "Twice x.", "Double of x.")
    before = files(course)
    with pytest.raises(
        UsageError, match=r"survey\.py and .*survey\.ipynb were edited.*--from script or --from notebook"
    ):
        build(course)
    assert files(course) == before
    build(course, "notebook")
    assert "Double of x." in script.read_text()


def test_the_same_edit_in_both_views_is_no_conflict(course):
    script, notebook = views(course)
    edit(script, "Twice x.", "Two times x.")
    edit(notebook, "Twice x.", "Two times x.")
    build(course)
    assert build(course) == []


@pytest.mark.parametrize("view", [0, 1], ids=["script", "notebook"])
def test_a_notebook_that_exists_in_one_view_only_gets_the_other(course, view):
    before = [path.read_text() for path in views(course)]
    views(course)[1 - view].unlink()
    build(course)
    assert [path.read_text() for path in views(course)] == before


def test_the_release_of_a_deleted_notebook_goes_with_it(course):
    for path in views(course):
        path.unlink()
    assert (course.release / "survey.ipynb").exists()
    assert any("removed" in sentence for sentence in build(course))
    assert not (course.release / "survey.ipynb").exists()


def test_points_that_the_text_still_tells_otherwise_are_refused_before_anything_is_written(course):
    script, _ = views(course, "perceptron")
    script.write_text(perceptron(points=3))
    before = files(course)
    why = r"perceptron\.ipynb, cell `about_average`: its text says 1 points, `average` is worth 3"
    with pytest.raises(KitError, match=why):
        build(course)
    assert files(course) == before


def edited_in_both(course: Course) -> None:
    edit(course.solutions / "survey.py", "Twice x.", "Two times x.")
    edit(course.source / "survey.ipynb", "Twice x.", "Double of x.")


def told_otherwise(course: Course) -> None:
    edit(course.solutions / "survey.py", "# Because.", "# | `double` | twice | 7 |")
    edit(
        course.solutions / "survey.py", '"grade": true, "grade_id": "explain"', '"grade": false, "grade_id": "explain"'
    )
    edit(course.solutions / "survey.py", '"points": 4, "schema_version": 3, "solution": true', '"solution": false')


def never_ends(course: Course) -> None:
    edit(course.solutions / "survey.py", "### END SOLUTION", "# the end")


@pytest.mark.parametrize(
    "breaks",
    [edited_in_both, told_otherwise, pytest.param(never_ends, marks=pytest.mark.thorough)],
    ids=lambda each: each.__name__,
)
def test_a_broken_second_notebook_keeps_an_edited_first_one_from_being_written(course, monkeypatch, breaks):
    if breaks is never_ends:
        monkeypatch.undo()  # nbgrader itself refuses it
    edit(course.solutions / "perceptron.py", "The average of x.", "The mean of x.")
    breaks(course)
    before = files(course)
    with pytest.raises(KitError, match="survey"):
        build(course)
    assert files(course) == before


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("| `f` | what | 4 |\n| | | **4** |", "says 4 points, `f` is worth 5"),
        ("| `f` | what | 5 |\n| | | **4** |", "says 4 points, its exercises together are worth 5"),
        ("| `f` | what | 5 |\n| | | **5** |", ""),
        ("| `g` | what | 4 |", ""),
    ],
)
def test_a_table_of_points_agrees_with_the_cells(table, why):
    script = "\n".join((text("about", table), exercise("f", "x", "f.", "return x", "f(1)", 5)))
    notebook = json.loads(as_notebook(script))
    if not why:
        require_points_as_told(Path("x.ipynb"), notebook)
        return
    with pytest.raises(KitError, match=why):
        require_points_as_told(Path("x.ipynb"), notebook)


@pytest.mark.thorough
def test_a_script_without_a_header_makes_the_same_notebook_whatever_the_seed_of_hashes():
    code = "import sys; from autograder.author.build import as_notebook; print(as_notebook(sys.stdin.read()))"
    tagged = survey().replace('"task": false}\n', '"task": false} tags=["active-ipynb"]\n', 1)
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=tagged,
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "123"
    }
    assert len(made) == 1
    (notebook,) = made
    assert as_notebook(as_script(notebook)) == notebook[:-1]


def test_a_misspelt_assignment_is_refused_and_leaves_no_folder(course, monkeypatch):
    monkeypatch.chdir(course.root)
    done = CliRunner().invoke(main, ["build", "--assignment", "lab11"])
    assert done.exit_code == 2
    assert "lab11: name one with --assignment, here lab1." in done.output
    assert not (course.root / "source" / "lab11").exists()


def test_outside_a_course_an_installed_kit_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("autograder.trusted.assignment.course.KIT", tmp_path / "site-packages")
    with pytest.raises(UsageError, match=r"There is no nbgrader_config\.py in .*: go to your course's folder first"):
        course_root(tmp_path)


@pytest.mark.thorough
def test_nbgraders_refusal_is_quoted_by_its_reason(tmp_path):
    course = Course(make_course(tmp_path), ASSIGNMENT)
    twice = as_notebook(survey()).replace('"grade_id": "double"', '"grade_id": "root"')
    with pytest.raises(KitError, match=r"nbgrader cannot make a release of .*: .*[Dd]uplicate grade id") as refused:
        generate_release(course, tmp_path / "work", {"survey": twice})
    assert "\n" not in str(refused.value)
