"""`autograder new`: what it makes is in step, can be solved and wrongly solved, and is never over what is there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.author.build import as_notebook, as_script
from autograder.author.samples import edited
from autograder.author.scaffold.files import with_imports, write
from autograder.author.scaffold.names import OF_THE_STUDENT, require_points, signature_of
from autograder.errors import UsageError
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.student import Student
from tests.author.running import run

EXERCISES = {
    "numbers": [
        ("energy",),
        ("square", "--arguments", "value: float", "--points", "2.5"),
        ("sum", "--arguments", "number, total, random: float = 1"),
        ("essay", "--by-hand", "--points", "3"),
    ],
    "shown-1": [("double",)],
}


@pytest.fixture
def new(tmp_path, monkeypatch):
    """`autograder new`, in a course with the assignment lab1 and its notebook numbers."""

    def call(*words: object) -> str:
        done = CliRunner().invoke(main, ["new", *map(str, words)])
        assert done.exit_code in (0, 2), done.output
        return done.output

    root = tmp_path / "numpy 101"
    call("course", root)
    monkeypatch.chdir(root)
    call("assignment", "lab1")
    call("notebook", "numbers")
    return call


def files(root: Path | None = None) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in (root or Path.cwd()).rglob("*") if path.is_file()}


def the_course() -> Course:
    return Course(Path.cwd(), "lab1")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """A course as the commands have made it, built; its exercises are those above."""
    root = tmp_path_factory.mktemp("made") / "course"
    with pytest.MonkeyPatch.context() as patch:
        for words in (["course", str(root)], ["assignment", "lab1"], *_wishes()):
            assert CliRunner().invoke(main, ["new", *words]).exit_code == 0
            patch.chdir(root)
    done = run(root, "build")
    assert done.returncode == 0, done.stderr
    return root


def _wishes() -> list[list[str]]:
    notebooks = [["notebook", "numbers"], ["notebook", "shown-1", "--tests", "visible"]]
    return notebooks + [
        ["exercise", *words, "--notebook", notebook] for notebook, each in EXERCISES.items() for words in each
    ]


@pytest.mark.thorough
def test_what_is_made_is_in_step_and_proved(made):
    assert run(made, "build").stdout == "Everything is in step.\n"
    told = run(made, "check", "--jobs", "1")
    assert "lab1: all is well" in told.stdout, told.stdout + told.stderr


@pytest.mark.thorough
def test_what_is_made_can_be_solved_and_wrongly_solved_and_its_release_is_not_attempted(made, tmp_path):
    course = Course(made)
    wrong = {each.exercise: each for each in course.misconceptions("numbers")}
    assert wrong.keys() == {"energy", "square", "sum"}
    for student, folder, edits in (
        ("ada", "source", {}),
        ("bob", "source", {name: each.source for name, each in wrong.items()}),
        ("eve", "release", {}),
    ):
        for notebook in EXERCISES:
            place = tmp_path / student / "lab1" / f"{notebook}.ipynb"
            place.parent.mkdir(parents=True, exist_ok=True)
            text = edited(made / folder / "lab1" / f"{notebook}.ipynb", edits if notebook == "numbers" else {})
            place.write_text(text, encoding="utf-8")
    done = run(made, "grade", "--jobs", "1", "--json", "--output", tmp_path / "graded", tmp_path)
    assert done.returncode == 0, done.stderr
    records = {(each["student"], each["notebook"]): each for each in map(json.loads, done.stdout.splitlines())}
    assert {key: (each["earned"], each["possible"]) for key, each in records.items()} == {
        ("ada", "numbers"): (4.5, 7.5),  # a person gives the other three
        ("ada", "shown-1"): (1, 1),
        ("bob", "numbers"): (0, 7.5),
        ("bob", "shown-1"): (1, 1),
        ("eve", "numbers"): (0, 7.5),
        ("eve", "shown-1"): (0, 1),
    }
    for notebook in EXERCISES:
        exercises = records["eve", notebook]["exercises"].values()
        outcomes = {check["outcome"] for exercise in exercises for check in exercise["checks"]}
        assert outcomes - {"by-hand"} == {"not-attempted"}
    hints = {check["hint"] for name in wrong for check in records["bob", "numbers"]["exercises"][name]["checks"]}
    assert hints == {each.hint for each in wrong.values()}


def test_every_file_and_the_next_step_are_told(new):
    told = new("exercise", "energy")
    assert [line.partition(": ")[2] for line in told.splitlines() if "lab1/" in line] == ["made"] * 2 + ["added to"] * 4
    assert told.endswith("Edit them, then: autograder build; autograder check\n")


def test_a_course_is_made_in_an_empty_folder_only_and_the_sentence_names_it(new, tmp_path):
    (tmp_path / "empty").mkdir()
    assert (tmp_path / "empty" / "nbgrader_config.py").as_posix() in new("course", tmp_path / "empty")
    before = files(tmp_path)
    said = f"autograder: {tmp_path / 'empty'} is not empty: name a new folder for the course.\n"
    assert new("course", tmp_path / "empty") == said
    assert "is a file: name a new folder" in new("course", tmp_path / "empty" / "README.md")
    assert "cannot be written: Not a directory." in new("course", tmp_path / "empty" / "README.md" / "deeper")
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["assignment", "a+b"], "'a+b' is no name for an assignment"),
        (["assignment", "../up"], "is no name for an assignment"),
        (["assignment", ".hidden"], "is no name for an assignment"),
        (["assignment", "x" * 51], "is no name for an assignment"),
        (["assignment", "LAB1"], "There is an assignment lab1 already"),
        (["notebook", "two words"], "'two words' is no name for a notebook"),
        (["notebook", "Numbers"], "There is a notebook numbers already"),
        (["notebook", "other", "--assignment", "lab9"], "lab9: name one with --assignment, here lab1."),
        (["exercise", "2nd"], "'2nd' is no name for an exercise"),
        (["exercise", "lambda"], "'lambda' is no name for an exercise"),
        (["exercise", "größe"], "'größe' is no name for an exercise"),
        (["exercise", "test_it"], "'test_it' is no name for an exercise"),
        (["exercise", "code"], "No exercise may be called code"),
        (["exercise", "title"], "numbers has a cell title already"),
        (["exercise", "energy"], "numbers has a cell energy already"),
        (["exercise", "f", "--points", "0"], "more than 0"),
        (["exercise", "f", "--points", "nan"], "more than 0"),
        (["exercise", "f", "--arguments", ""], "is no list of arguments"),
        (["exercise", "f", "--arguments", "x y"], "is no list of arguments"),
        (["exercise", "f", "--arguments", "x, *rest"], "is no list of arguments"),
        (["exercise", "f", "--arguments", "x): pass\ndef g(y"], "is no list of arguments"),
        (["exercise", "f", "--notebook", "letters"], "lab1 has no notebook letters: name one with --notebook, here"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence_and_nothing_is_written(new, words, why):
    new("exercise", "energy")
    before = files()
    said = new(*words)
    assert why in said
    assert len(said.splitlines()) == 1
    assert files() == before


def test_of_several_notebooks_and_assignments_one_has_to_be_named(new):
    new("notebook", "letters")
    assert "lab1 has several notebooks: name one with --notebook, here letters or numbers." in new("exercise", "f")
    new("assignment", "lab2")
    assert "has several assignments: name one with --assignment, here lab1 or lab2." in new("notebook", "third")
    assert "autograder new notebook NAME` makes one." in new("exercise", "f", "--assignment", "lab2")


def test_a_course_without_an_assignment_says_how_one_is_made(new, tmp_path, monkeypatch):
    new("course", tmp_path / "other")
    monkeypatch.chdir(tmp_path / "other")
    assert "has no assignment yet: `autograder new assignment NAME` makes one." in new("notebook", "numbers")


def test_the_course_is_found_from_a_folder_below_it(new, monkeypatch):
    root = Path.cwd()
    monkeypatch.chdir(root / "checks" / "lab1")
    new("exercise", "energy")
    assert "def energy(x, y):" in (root / "solutions" / "lab1" / "numbers.py").read_text()


@pytest.mark.parametrize("words", [("assignment", "lab9"), ("notebook", "x"), ("exercise", "energy")])
def test_outside_of_any_course_nothing_is_made_in_the_kits_own(tmp_path, monkeypatch, words):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["new", *words, *(() if words[0] == "assignment" else ("--assignment", "week06"))])
    assert done.exit_code == 2
    assert "autograder new course DIR" in done.stderr or "go to your course's folder first" in done.stderr
    assert not (KIT / "source" / "lab9").exists()


def test_in_a_repository_that_holds_the_kit_as_well_the_checks_stand_with_its_others(new):
    Path("autograder", "checks", "lab0").mkdir(parents=True)
    new("assignment", "lab2")
    new("notebook", "perceptron", "--assignment", "lab2")
    new("exercise", "energy", "--assignment", "lab2")
    assert Course(Path.cwd(), "lab2").has_checks("perceptron")
    assert Path("autograder/checks/lab2/misconceptions/perceptron.py").is_file()


def test_an_exercise_is_added_to_the_view_that_was_edited_and_both_agree(new):
    notebook, script = Path("source/lab1/numbers.ipynb"), Path("solutions/lab1/numbers.py")
    notebook.write_text(notebook.read_text().replace("Say here what the notebook is about", "All about numbers"))
    new("exercise", "energy")
    assert "All about numbers" in script.read_text()
    script.write_text(script.read_text().replace("All about numbers", "More about numbers"))
    new("exercise", "square", "--arguments", "x")
    assert as_script(notebook.read_text()) == script.read_text()
    assert as_notebook(script.read_text()) == notebook.read_text()
    assert "More about numbers" in script.read_text()
    cells = [cell["metadata"]["nbgrader"]["grade_id"] for cell in json.loads(notebook.read_text())["cells"]]
    assert cells[2:] == ["about_energy", "energy", "test_energy", "about_square", "square", "test_square"]


def test_where_both_views_were_edited_nothing_is_added(new):
    notebook, script = Path("source/lab1/numbers.ipynb"), Path("solutions/lab1/numbers.py")
    notebook.write_text(notebook.read_text().replace("Say here", "Tell here"))
    script.write_text(script.read_text().replace("Say here", "Write here"))
    before = files()
    assert "say which one counts with --from script or --from notebook" in new("exercise", "energy")
    assert files() == before


def test_what_the_author_has_written_beside_the_notebook_stays_and_its_names_are_not_taken_twice(new):
    checks = Path("checks/lab1/test_numbers.py")
    own = '"""Mine."""\n\nfrom autograder.checking import check\n\n\ndef test_square_squares():\n    pass\n'
    checks.write_text(own)
    assert "test_numbers.py has a test_square_squares already" in new("exercise", "square")
    assert checks.read_text() == own
    new("exercise", "energy")
    assert checks.read_text().startswith(
        own.replace("import check\n", "import check\nfrom autograder.checking import close\n")
    )
    checks.write_text("def (")
    assert "test_numbers.py, line 1 is no Python" in new("exercise", "other")
    checks.write_bytes(b"# caf\xe9\n")
    assert "test_numbers.py is not in UTF-8" in new("exercise", "other")


def test_a_table_of_sentences_is_not_begun_for_a_notebook_whose_author_has_none(new):
    table = Path("checks/lab1/sentences/numbers.toml")
    table.unlink()
    new("exercise", "energy")
    assert not table.exists()


def test_a_notebook_with_visible_tests_has_no_hidden_checks(new):
    new("notebook", "shown", "--tests", "visible")
    new("exercise", "energy", "--notebook", "shown")
    course = the_course()
    assert not course.has_checks("shown")
    assert course.misconceptions("shown") == ()
    assert [each.name for each in course.right_answers("shown")] == ["energy_by_products"]


def test_all_is_written_or_nothing(tmp_path):
    there, new = tmp_path / "there", tmp_path / "folder" / "new"
    there.write_text("as it was")
    with pytest.raises(UsageError, match=r"there.* cannot be written: Not a directory"):
        write({new: "new", there / "below": "never"}, {there: "changed"})
    with pytest.raises(UsageError, match=r"There is .*there already"):
        write({new: "new", there: "over"})
    assert files(tmp_path) == {str(there): b"as it was"}
    assert not new.parent.exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("import math\n\nx = 1\n", "import math\nfrom m import a, b\n\nx = 1\n"),
        ('"""Doc."""\n\nx = 1\n', '"""Doc."""\n\nfrom m import a, b\n\nx = 1\n'),
        ("from m import (\n    a,\n)\n", "from m import (\n    a,\n)\nfrom m import b\n"),
        ("from m import a, b, c\n", "from m import a, b, c\n"),
        ("", "from m import a, b\n"),
    ],
)
def test_what_a_check_needs_is_imported_once(before, after):
    assert with_imports(Path("x.py"), before, "m", {"a", "b"}) == after


def test_what_a_check_finds_on_the_student_is_no_name_for_an_exercise():
    assert {name for name in dir(Student) if not name.startswith("_")} | {"arguments"} == OF_THE_STUDENT


def test_arguments_may_have_annotations_and_defaults():
    said = "x: list[float], /, y: float=1.0"
    assert signature_of(f"\n{said}, ) : pass #") == (said, ["x", "y"])


def test_points_are_as_a_text_can_tell_them():
    assert require_points(0.1 + 0.2) == 0.3
