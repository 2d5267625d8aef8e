"""The command line, as a tutor types it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.author.samples import copy_assignment, hand_in
from autograder.author.samples import sample_class as samples_of
from autograder.faces.commands.main import main
from autograder.faces.exports import FORMATS
from autograder.faces.exports.gradebooks import MOODLE_COLUMNS
from autograder.faces.gradescope.results import VISIBILITIES
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.assignment.sample import NOT_HANDED_IN, Sample
from autograder.trusted.execution.template_process import ISOLATIONS, OLD_NAMES
from autograder.trusted.grading.devices import CHOICES
from tests.command_line import autograder

CLASS = samples_of(Course(KIT))
DEMO = ("--timeout", "2")
ALONE = ("--jobs", "1")  # a second grader would only take longer to start


def records(done: subprocess.CompletedProcess[str]) -> list[dict]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def sample_class(tmp_path_factory) -> Path:
    """The sample class, graded once by the demo."""
    folder = tmp_path_factory.mktemp("demo")
    done = autograder("demo", "--keep", folder, *DEMO)
    assert done.returncode == 0, done.stderr
    (folder / "demo.txt").write_text(done.stdout)
    return folder


def results(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "graded" / "week06" / "results.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("sample", CLASS, ids=lambda sample: sample.name)
def test_each_sample_student_gets_what_the_work_is_worth(sample_class, sample):
    notebooks = [record for record in results(sample_class) if record["student"] == sample.name]
    lost = [
        f"{exercise}: {check['name']}: {check['outcome']}: {check['message']}"
        for record in notebooks
        for exercise, result in record["exercises"].items()
        for check in result["checks"]
        if check["outcome"] != "passed"
    ]
    assert sum(record["earned"] for record in notebooks) == sample.total, "\n".join(lost)
    assert len(notebooks) == 4


def test_the_demo_shows_every_student_and_what_needs_a_look(sample_class):
    shown = (sample_class / "demo.txt").read_text()
    assert [sample.name for sample in CLASS if sample.name not in shown] == []
    for word in ("unreadable", "missing", "timeout", "crashed"):
        assert word in shown


def test_every_status_but_graded_has_a_reason(sample_class):
    unusual = [record for record in results(sample_class) if record["status"] != "graded"]
    assert {"unreadable", "missing", "timeout", "crashed"} <= {record["status"] for record in unusual}
    assert [record for record in unusual if not record["reason"]] == []


def test_every_lost_mark_has_a_sentence(sample_class):
    checks = [
        check
        for record in results(sample_class)
        for result in record["exercises"].values()
        for check in result["checks"]
    ]
    assert [check for check in checks if check["outcome"] != "passed" and not check["message"]] == []
    assert [check for check in checks if not check["title"]] == []


def test_grades_csv_has_a_line_a_student_and_the_total(sample_class):
    header, *lines = (sample_class / "graded" / "week06" / "grades.csv").read_text().splitlines()
    assert header == "student,chain_rule,logistic_regression,perceptron,tensor_ops,total"
    totals = {line.split(",")[0]: float(line.split(",")[-1]) for line in lines}
    assert totals == {sample.name: sample.total for sample in CLASS}


def test_grading_writes_the_class_report_and_says_where(sample_class):
    report = sample_class / "graded" / "week06" / "report.html"
    assert f"Report: {report}" in (sample_class / "demo.txt").read_text()
    assert [sample.name for sample in CLASS if f"<bdi>{sample.name}</bdi>" not in report.read_text()] == []


def test_report_writes_the_page_anew_from_the_records_alone(sample_class, tmp_path):
    shutil.copy(sample_class / "graded" / "week06" / "results.jsonl", tmp_path)
    done = autograder("report", tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'report.html'}\n")
    assert "f(0) is +1 here" in (tmp_path / "report.html").read_text()


def test_a_second_run_grades_nothing_again_and_a_changed_notebook_only(sample_class):
    notebooks = len(list((sample_class / "submitted").rglob("*.ipynb")))
    first = {(r["student"], r["notebook"]): r["fingerprint"] for r in results(sample_class)}
    changed = sample_class / "submitted" / "ada" / "week06" / "perceptron.ipynb"
    changed.write_text(changed.read_text() + "\n")
    again = autograder("grade", *DEMO, cwd=sample_class)
    assert again.returncode == 0, again.stderr
    # What is unreadable or missing costs nothing to look at again.
    assert f"{notebooks - 2} of them graded before and unchanged" in again.stdout
    after = {(r["student"], r["notebook"]): r["fingerprint"] for r in results(sample_class)}
    assert {key for key in first if first[key] != after[key]} == {("ada", "perceptron")}


@pytest.mark.thorough
def test_other_settings_grade_anew(sample_class):
    before = {r["notebook"]: r["fingerprint"] for r in results(sample_class) if r["student"] == "ada"}
    done = autograder("grade", *ALONE, "submitted/ada", "--timeout", "3", cwd=sample_class)
    assert "graded before" not in done.stdout
    after = {r["notebook"]: r["fingerprint"] for r in results(sample_class) if r["student"] == "ada"}
    assert [name for name in before if before[name] == after[name]] == []


@pytest.mark.thorough
def test_what_was_repaired_and_what_a_person_should_look_at_is_shown(tmp_path):
    notebook = nbformat.read(KIT / "source" / "week06" / "perceptron.ipynb", as_version=4)
    for cell in notebook.cells:
        if cell.metadata["nbgrader"]["grade_id"] == "update":
            cell["cell_type"] = "markdown"
        if cell.metadata["nbgrader"]["grade_id"] == "margin":
            cell["source"] = cell["source"].replace("def margin", "def my_margin")
    nbformat.write(notebook, tmp_path / "Lovelace Ada week 6.ipynb")
    shown = autograder("grade", *ALONE, tmp_path, "--output", tmp_path / "out", "--feedback").stdout
    assert "/ perceptron: to be looked at: `margin` is not defined in its own cell" in shown
    assert "/ perceptron: repaired: The cell `update` had become text" in shown
    assert "Lovelace Ada week 6.ipynb was taken for perceptron" in shown
    assert "1 page with 1 figure in" in shown
    (page,) = (path for path in (tmp_path / "out" / "feedback").glob("*.html") if path.name != "index.html")
    assert "had become text" in page.read_text()
    assert page.name in (tmp_path / "out" / "report.html").read_text().replace("%7E", "~")


@pytest.mark.thorough
def test_a_single_file_a_folder_and_a_tree_give_the_same_marks(tmp_path):
    course = make_small_course(tmp_path / "course", Sample("zoe", "", 100))
    notebook = course.submitted / "zoe" / "week06" / "perceptron.ipynb"
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "zoe_perceptron.ipynb").write_bytes(notebook.read_bytes())
    for path in (notebook, folder / "zoe_perceptron.ipynb"):
        (record,) = records(autograder("grade", *ALONE, path, "--json", "--output", tmp_path / path.parent.name))
        assert (record["notebook"], record["earned"]) == ("perceptron", 25)
    found = records(autograder("grade", *ALONE, folder, "--json", "--output", tmp_path / "out"))
    assert {(r["student"], r["notebook"]): r["status"] for r in found} == {
        ("zoe", "chain_rule"): "missing",
        ("zoe", "logistic_regression"): "missing",
        ("zoe", "perceptron"): "graded",
        ("zoe", "tensor_ops"): "missing",
    }


ONLY_PERCEPTRON = dict.fromkeys(("chain_rule", "logistic_regression", "tensor_ops"), NOT_HANDED_IN)


@pytest.mark.thorough
def test_who_is_gone_is_said_to_be_and_is_forgotten_when_asked(tmp_path):
    course = make_small_course(tmp_path, *(Sample(name, "", 100) for name in ("zoe", "bob")))
    assert autograder("grade", *ALONE, "--feedback", cwd=tmp_path).stderr == ""
    shutil.rmtree(course.submitted / "zoe")
    one = autograder("grade", *ALONE, "submitted/bob", cwd=tmp_path)
    assert (one.returncode, one.stderr) == (0, "")
    assert autograder("grade", *ALONE, "submitted/bob", "--prune", cwd=tmp_path).returncode == 2
    told = autograder("grade", *ALONE, cwd=tmp_path)
    assert "4 records of students who are no longer here (zoe); --prune forgets them." in told.stderr
    assert "zoe" in (course.graded / "grades.csv").read_text()
    pruned = autograder("grade", *ALONE, "--prune", "--json", cwd=tmp_path)
    assert {record["student"] for record in records(pruned)} == {"bob"}
    assert "forgotten" in pruned.stderr
    for file in ("grades.csv", "report.html", "results.jsonl", "works.jsonl"):
        assert "zoe" not in (course.graded / file).read_text()
        assert "bob" in (course.graded / file).read_text()
    assert [page.name for page in (course.graded / "feedback").iterdir()] == ["bob.html"]


@pytest.mark.thorough
def test_work_that_cannot_be_matched_is_to_be_looked_at_and_an_untouched_release_gives_way(tmp_path):
    course = make_small_course(tmp_path, Sample("bob", "", 25, notebooks=ONLY_PERCEPTRON))
    week = course.submitted / "bob" / "week06"
    (week / "perceptron.ipynb").rename(week / "perceptron (1).ipynb")
    shutil.copy(course.release / "perceptron.ipynb", week)
    (week / "rest.zip").write_bytes(b"PK")
    found = {record["notebook"]: record for record in records(autograder("grade", *ALONE, "--json", cwd=week.parent))}
    assert found["perceptron"]["earned"] == 25
    assert found["chain_rule"]["status"] == "missing"
    assert found["chain_rule"]["reason"] == "no file could be matched to this notebook"
    assert "rest.zip was not opened" in found["chain_rule"]["needs_review"][0]


def make_small_course(root: Path, *samples: Sample) -> Course:
    course = copy_assignment(Course(KIT), root)
    for sample in samples:
        hand_in(course, sample)
    return course


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("grade", "nowhere"), "There is no nowhere"),
        (("grade", "README.md"), "README.md"),
        (("grade", "tests"), "holds no notebook"),
        (("grade", "--assignment", "week99"), "week99"),
        (("report", "nowhere"), "nowhere/results.jsonl is not there or empty: run `autograder grade` first"),
        (("grade", "--jobs", "0"), "--jobs"),
        (("grade", "--timeout", "soon"), "--timeout"),
        (("frobnicate",), "frobnicate"),
    ],
)
def test_wrong_use_gets_one_clear_sentence_and_exit_code_2(words, complaint):
    done = autograder(*words)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_two_runs_at_once_on_one_folder_do_not_mix(tmp_path):
    import fcntl

    course = make_small_course(tmp_path, Sample("zoe", "", 100))
    course.graded.mkdir(parents=True)
    lock = os.open(course.graded, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    done = autograder("grade", cwd=tmp_path)
    os.close(lock)
    assert done.returncode == 2
    assert "Another run is writing" in done.stderr


def test_the_doctor_finds_that_the_wall_stands():
    done = autograder("doctor", "--json")
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert report["good"] is True
    assert len(report["findings"]) > 20


@pytest.mark.thorough
def test_isolation_process_grades_without_a_wall(tmp_path):
    course = make_small_course(tmp_path, Sample("zoe", "", 100))
    (record,) = records(
        autograder(
            "grade",
            course.submitted / "zoe" / "week06" / "perceptron.ipynb",
            "--isolation",
            "process",
            "--json",
            *ALONE,
            cwd=tmp_path,
        )
    )
    assert record["earned"] == 25


@pytest.mark.thorough
def test_the_checks_run_under_pytest_with_a_submission(tmp_path):
    course = make_small_course(
        tmp_path,
        Sample("zoe", "", 99, edits={"perceptron/activation": "def activation(s):\n    return torch.sign(s)\n"}),
    )
    command = [sys.executable, "-m", "pytest", "autograder/checks/week06/test_perceptron.py", "-k", "activation"]
    done = subprocess.run(
        [*command, "-n0", "--submission", str(course.submitted / "zoe" / "week06")],
        cwd=KIT,
        capture_output=True,
        text=True,
    )
    assert "1 failed, 4 passed" in done.stdout
    assert "failed: f(s) is wrong in 2 of 4 elements. Look at s = 0: f(0) = +1." in done.stdout


@pytest.mark.thorough
def test_every_misconception_is_listed_with_the_checks_that_catch_it():
    listed = records(autograder("misconceptions", "--json"))
    assert len(listed) >= 100
    assert [each for each in listed if not each["caught_by"] or not each["hint"] or each["lost"] <= 0] == []


def test_help_names_every_command():
    done = autograder("--help")
    for command in (
        "grade",
        "feedback",
        "report",
        "compare",
        "similar",
        "export",
        "gradescope",
        "demo",
        "doctor",
        "misconceptions",
        "build",
    ):
        assert command in done.stdout


@pytest.mark.parametrize(
    ("command", "offered"),
    [
        ("grade", {"device": CHOICES, "isolation": (*ISOLATIONS, *OLD_NAMES)}),
        ("export", {"format_": FORMATS, "identify_by": tuple(MOODLE_COLUMNS), "visibility": VISIBILITIES}),
    ],
)
def test_a_command_offers_what_there_is(command, offered):
    options = [option for option in main.commands[command].params if hasattr(option.type, "choices")]
    assert {option.name: tuple(option.type.choices) for option in options} == offered
