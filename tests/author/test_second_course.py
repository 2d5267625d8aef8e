"""A course in a folder of its own: NumPy, hidden checks, visible tests and handwork side by side, graded sealed."""

from __future__ import annotations

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from autograder.author import build as building
from autograder.author.samples import edited
from autograder.cluster.parcel import packed, unpacked
from autograder.faces.gradescope.archive import write_archive
from autograder.faces.gradescope.container import ContainerOrder
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.settings import Settings, settings_fingerprint
from tests.author.running import run
from tests.author.second_course import ASSIGNMENT, make_course, release_without_nbgrader

WRONG = "def count_above(x, limit):\n    return int((x >= limit).sum())\n"
NUMPYS = "def count_above(x, limit):\n    return (x > limit).sum()\n"
HALF = "def double(x):\n    return x + 3\n"


def hand_in(root: Path, student: str, notebook: str, edits: dict[str, str], folder: str = "source") -> None:
    place = root / "submitted" / student / ASSIGNMENT
    place.mkdir(parents=True, exist_ok=True)
    text = edited(root / folder / ASSIGNMENT / f"{notebook}.ipynb", edits)
    (place / f"{notebook}.ipynb").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    root = make_course(tmp_path_factory.mktemp("second"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "generate_release", release_without_nbgrader)
        building.build(Course(root, ASSIGNMENT))
    return root


@pytest.fixture(scope="module")
def graded(built) -> dict[tuple[str, str], dict]:
    for notebook in ("perceptron", "survey"):
        hand_in(built, "ada", notebook, {})
        hand_in(built, "eve", notebook, {}, "release")
    hand_in(built, "bob", "perceptron", {"count_above": WRONG})
    hand_in(built, "bob", "survey", {"double": HALF})
    hand_in(built, "cyd", "perceptron", {"count_above": NUMPYS})
    done = run(built, "grade", "--jobs", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    lines = (built / "graded" / ASSIGNMENT / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {(record["student"], record["notebook"]): record for record in map(json.loads, lines)}


def outcomes(record: dict, exercise: str) -> list[str]:
    return [check["outcome"] for check in record["exercises"][exercise]["checks"]]


def test_its_own_checks_grade_it_whatever_the_kits_own_notebooks_are_called(graded):
    assert graded["ada", "perceptron"]["exercises"].keys() == {"average", "count_above", "scaled"}
    assert (graded["ada", "perceptron"]["earned"], graded["ada", "perceptron"]["possible"]) == (5, 5)
    assert graded["eve", "perceptron"]["earned"] == 0
    assert outcomes(graded["eve", "perceptron"], "average") == ["not-attempted"] * 3


def test_seven_two_and_one_tenths_are_one_point(graded):
    assert graded["ada", "perceptron"]["exercises"]["average"]["earned"] == 1.0


def test_its_misconceptions_are_listed_with_the_checks_that_catch_them(built):
    done = run(built, "misconceptions", "--json")
    assert done.returncode == 0, done.stderr
    listed = [json.loads(line) for line in done.stdout.splitlines()]
    assert {each["name"] for each in listed} >= {"at_least"}
    assert [each for each in listed if not each["caught_by"] or not each["hint"] or each["lost"] <= 0] == []


def test_its_misconceptions_are_recognised(graded):
    (check,) = graded["bob", "perceptron"]["exercises"]["count_above"]["checks"]
    assert (check["outcome"], check["misconception"]) == ("failed", "at_least")
    assert check["hint"] == "A number that equals the limit is not above it."


def test_a_number_of_numpys_is_a_number(graded):
    assert graded["cyd", "perceptron"]["earned"] == 5


def test_a_notebook_without_hidden_checks_is_graded_by_its_visible_tests_beside_one_with_them(graded):
    ada, bob, eve = (graded[student, "survey"] for student in ("ada", "bob", "eve"))
    assert (ada["earned"], bob["earned"], eve["earned"]) == (5, 3, 0)
    (failed,) = bob["exercises"]["double"]["checks"]
    assert failed["outcome"] == "failed"
    assert "cell `test_double`, line 2: `assert double(0) == 0`" in failed["message"]
    assert outcomes(eve, "root") == ["not-attempted"]


def test_what_a_person_grades_waits_for_a_person_and_is_no_fault_of_the_students(graded):
    ada = graded["ada", "survey"]
    assert ada["possible"] == 10
    assert {name: outcomes(ada, name) for name in ("explain", "sketch")} == {
        "explain": ["by-hand"],
        "sketch": ["by-hand"],
    }
    assert ada["needs_review"] == []


def test_a_fingerprint_covers_its_assignment_and_no_other(built, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(built, root)
    before = settings_fingerprint(Course(root), Settings())
    make_course(root, "lab2")
    (root / "source" / "lab2").mkdir()
    assert settings_fingerprint(Course(root, "lab1"), Settings()) == before
    checks = root / "checks" / "lab1" / "test_perceptron.py"
    checks.write_text(checks.read_text().replace("operations=20", "operations=21"))
    assert settings_fingerprint(Course(root, "lab1"), Settings()) != before


def test_of_several_assignments_one_has_to_be_named_and_the_sentence_names_them(built, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(built, root)
    make_course(root, "lab2")
    asked = run(root, "grade")
    assert asked.returncode == 2
    said = "This course has several assignments: name one with --assignment, here lab1 or lab2."
    assert asked.stderr.strip() == f"autograder: {said}"


@pytest.mark.thorough
def test_pytest_runs_the_checks_of_the_folder_that_it_is_given(built, graded):
    told = run(built, "checks/lab1", "-p", "no:cacheprovider", "--submission", "submitted/bob/lab1", program="pytest")
    assert "1 failed, 4 passed" in told.stdout
    assert "failed: The count is wrong" in told.stdout


@pytest.mark.thorough
def test_an_assert_in_a_check_tells_its_file_and_line(built, tmp_path):
    root = tmp_path / "course"
    shutil.copytree(built, root)
    checks = root / "checks" / "lab1" / "test_perceptron.py"
    checks.write_text(checks.read_text().replace('!= "nonsense"', "== 4"))
    hand_in(root, "ada", "perceptron", {})
    told = run(root, "grade", "--jobs", "1", "submitted/ada")
    number = next(n for n, line in enumerate(checks.read_text().splitlines(), 1) if "only the author" in line)
    assert f"AssertionError at checks/lab1/test_perceptron.py, line {number}" in told.stdout + told.stderr


@pytest.mark.thorough
def test_a_second_perceptron_in_this_repository_has_checks_of_its_own(tmp_path, built):
    root = tmp_path / "repository"
    for folder in ("source", "solutions", "release", "autograder/checks"):
        shutil.copytree(KIT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(KIT / "nbgrader_config.py", root)
    for folder in ("source", "release", "solutions", "checks"):
        target = "autograder/checks" if folder == "checks" else folder
        shutil.copytree(built / folder / ASSIGNMENT, root / target / "week07")
    assert Course(root, "week06").checks == root / "autograder" / "checks" / "week06"
    place = root / "submitted" / "ada" / "week07"
    place.mkdir(parents=True)
    shutil.copy(root / "source" / "week07" / "perceptron.ipynb", place)
    done = run(root, "grade", "--assignment", "week07", "--jobs", "1")
    assert done.returncode == 0, done.stderr
    lines = map(json.loads, (root / "graded" / "week07" / "results.jsonl").read_text().splitlines())
    assert {record["notebook"]: record["earned"] for record in lines} == {"perceptron": 5, "survey": 0}
    words = ("autograder/checks", "-p", "no:cacheprovider", "--submission", place)
    told = run(root, *words, program="pytest")
    assert "5 passed" in told.stdout, told.stdout[-2000:]
    assert "failed" not in told.stdout
    assert "error" not in told.stdout


def test_gradescopes_archive_holds_its_content_and_nothing_of_another_course(built, tmp_path):
    names = write_archive(Course(built), ContainerOrder(ASSIGNMENT, 1), tmp_path / "autograder.zip")
    with zipfile.ZipFile(tmp_path / "autograder.zip") as archive:
        archive.extractall(tmp_path / "source")
    there = Course(tmp_path / "source")
    assert settings_fingerprint(there, Settings()) == settings_fingerprint(Course(built), Settings())
    assert there.has_checks("perceptron")
    assert [name for name in names if "week06" in name] == []
    assert "torch" not in (tmp_path / "source" / "requirements.txt").read_text()


def test_dasks_parcel_holds_its_content(built, tmp_path):
    course = Course(built)
    parcel = packed(course, Settings(), "sandbox", settings_fingerprint(course, Settings()))
    there = unpacked(parcel, tmp_path)
    assert there.has_checks("perceptron")
    assert [each.name for each in there.misconceptions("perceptron")] == ["at_least"]


def test_results_that_are_named_are_exported_under_their_own_assignment(built, graded):
    done = run(built, "export", "--format", "canvas", f"graded/{ASSIGNMENT}")
    assert done.returncode == 0, done.stderr
    assert ASSIGNMENT in done.stdout.splitlines()[0]


def test_the_wheel_holds_no_assignment(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    (wheel,) = WheelBuilder(str(KIT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert "autograder/checking.py" in names
    assert "autograder/faces/html/assets/report.html" in names
    assert [name for name in names if "week06" in name or "/checks/" in name] == []
