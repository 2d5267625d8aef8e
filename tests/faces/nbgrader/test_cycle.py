"""nbgrader's whole cycle with its own commands and a real exchange folder: a tutor and three students."""

from __future__ import annotations

import csv
import re
import zipfile
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook

from autograder.trusted.assignment.course import KIT
from tests.faces.nbgrader.desks import GradingClient, hand_in, solved

pytestmark = pytest.mark.thorough

NAMES = ("chain_rule", "logistic_regression", "perceptron", "tensor_ops")
NEVER_MOVES = "def update(w, x, y, eta=1.0):\n    return w"
SETTINGS = """
c.Exchange.root = {exchange!r}
c.ExchangeCollect.check_owner = False  # on JupyterHub everybody is jovyan
c.Exchange.path_includes_course = False
"""
LMS_NAMES = r"""
c.FileNameCollectorPlugin.named_regexp = (
    r".*_(?P<student_id>\\w+)_attempt_(?P<timestamp>[0-9\\-]+)_(?P<file_id>\\w+)"
)
""".replace("\\\\", "\\")


def student(root, name):
    """A student with a folder and settings of their own, at the tutor's exchange."""
    folder = root / name
    folder.mkdir()
    settings = SETTINGS.format(exchange=str(root / "exchange"))
    (folder / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = 'comp90051'\n{settings}"
    )
    return GradingClient(name, folder)


def student_of(cycle, name):
    """A student of the cycle, where they have worked."""
    return GradingClient(name, cycle.root / name)


@pytest.fixture(scope="module")
def cycle(tutor_at_a_new_course):
    """Everything once, from the release to the export; what each command said."""
    tutor = tutor_at_a_new_course("cycle")
    root = tutor.folder.parent
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    with (tutor.folder / "nbgrader_config.py").open("a") as settings:
        settings.write(SETTINGS.format(exchange=str(exchange)) + LMS_NAMES)
    said = {}

    tutor.nbgrader("release_assignment", "week06")
    ada, bob, carl = (student(root, name) for name in ("ada", "bob", "carl"))
    said["list"] = ada.nbgrader("list")
    for each in (ada, bob, carl):
        each.nbgrader("fetch_assignment", "week06")
    said["validate the stub"] = ada.nbgrader("validate", "week06/perceptron.ipynb")

    hand_in(ada.folder / "week06", {name: solved(name) for name in NAMES})
    said["validate the solution"] = ada.nbgrader("validate", "week06/perceptron.ipynb")
    hand_in(
        bob.folder / "week06",
        {name: solved(name, {"update": NEVER_MOVES} if name == "perceptron" else None) for name in NAMES},
    )
    hand_in(carl.folder / "week06", {name: solved(name) for name in NAMES if name != "tensor_ops"})
    (carl.folder / "week06" / "tensor_ops.ipynb").unlink()
    for each in (ada, bob, carl):
        each.nbgrader("submit", "week06")

    due = datetime.now(UTC) - timedelta(days=1)
    tutor.nbgrader("db", "assignment", "add", "week06", "--duedate", due.strftime("%Y-%m-%d %H:%M:%S UTC"))
    tutor.nbgrader("collect", "week06")
    said["autograde"] = tutor.nbgrader("autograde", "week06")
    first = scores(tutor)

    hand_in(bob.folder / "week06", {"perceptron": solved("perceptron")})
    bob.nbgrader("submit", "week06")
    tutor.nbgrader("collect", "week06", "--update")
    said["autograde again"] = tutor.nbgrader("autograde", "week06")

    tutor.nbgrader("generate_feedback", "week06")
    tutor.nbgrader("release_feedback", "week06")
    for each in (ada, bob, carl):
        each.nbgrader("fetch_feedback", "week06")

    # Whoever comes by an LMS has no secret at the exchange: the feedback goes back the way the work came.
    download = tutor.folder / "downloaded" / "week06" / "archive"
    download.mkdir(parents=True)
    with zipfile.ZipFile(download / "week06.zip", "w") as archive:
        for name in NAMES:
            archive.writestr(f"week06_dora_attempt_2026-03-01-10-00-00_{name}.ipynb", solved(name))
    tutor.nbgrader("zip_collect", "week06")
    tutor.nbgrader("autograde", "week06", "--student", "dora")
    tutor.nbgrader("generate_feedback", "week06", "--student", "dora")
    return SimpleNamespace(tutor=tutor, root=root, said=said, first=first, last=scores(tutor))


def scores(tutor):
    """What `nbgrader export` writes: {student: score of the assignment}."""
    tutor.nbgrader("export")
    with (tutor.folder / "grades.csv").open(newline="") as file:
        return {row["student_id"]: row for row in csv.DictReader(file)}


def test_the_tutor_ran_the_readmes_commands_in_its_order(cycle):
    section = (KIT / "README.md").read_text().split("### nbgrader's own cycle")[1].split("\n- ")[0]
    commands = [tuple(line.split("#")[0].split()) for line in re.findall(r"^    nbgrader (.*)$", section, re.MULTILINE)]
    remaining = iter(cycle.tutor.asked)
    assert len(commands) == 7
    assert [command for command in commands if command not in remaining] == []  # each after the one before


def test_the_release_is_as_it_was(cycle):
    for name in NAMES:
        released = cycle.tutor.folder / "release" / "week06" / f"{name}.ipynb"
        assert released.read_text() == (KIT / "release" / "week06" / f"{name}.ipynb").read_text()


def test_a_student_sees_the_released_assignment(cycle):
    assert "week06" in cycle.said["list"]


def test_validate_tells_a_student_what_fails_and_then_that_all_is_well(cycle):
    assert "failed" in cycle.said["validate the stub"]
    assert "Success" in cycle.said["validate the solution"]


def test_right_work_earns_a_hundred(cycle):
    assert float(cycle.first["ada"]["score"]) == float(cycle.first["ada"]["max_score"]) == 100


def test_wrong_work_loses_what_the_hidden_checks_say(cycle):
    assert 90 < float(cycle.first["bob"]["score"]) < 100


def test_a_resubmission_is_graded_in_its_place(cycle):
    assert float(cycle.last["bob"]["score"]) == 100


def test_a_student_without_a_notebook_keeps_the_points_of_the_others(cycle):
    assert float(cycle.last["carl"]["score"]) == 75


def test_a_late_submission_is_said_and_graded(cycle):
    assert "seconds late" in cycle.said["autograde"]
    assert float(cycle.last["ada"]["late_submission_penalty"] or 0) == 0


def test_an_lms_download_is_collected_and_graded(cycle):
    assert float(cycle.last["dora"]["score"]) == 100


def test_an_lms_student_has_feedback_to_send_back(cycle):
    page = cycle.tutor.folder / "feedback" / "dora" / "week06" / "perceptron.html"
    assert "update: 6 of 6 points" in page.read_text()


def test_who_did_not_resubmit_is_not_graded_again(cycle):
    assert "Skipping existing assignment" in cycle.said["autograde again"]


@pytest.mark.parametrize("name", ["ada", "bob", "carl"])
def test_every_student_fetches_feedback_with_the_score_and_the_messages(cycle, name):
    pages = list((cycle.root / name / "week06" / "feedback").rglob("perceptron.html"))
    assert pages
    newest = max(pages, key=lambda page: page.parent.name).read_text()
    assert "25.0" in newest
    assert "update: 6 of 6 points" in newest


def test_after_a_score_set_in_formgrader_every_face_shows_that_score_and_no_other(cycle):
    tutor = cycle.tutor
    with Gradebook(f"sqlite:///{tutor.folder}/gradebook.db", "comp90051") as book:
        grade = book.find_grade("test_update", "perceptron", "week06", "dora")
        grade.manual_score, grade.extra_credit = 2.0, 0.5
        book.find_comment("update", "perceptron", "week06", "dora").manual_comment = "As we said on the phone."
        book.db.commit()
    tutor.nbgrader("generate_feedback", "week06", "--student", "dora", "--force")
    page = (tutor.folder / "feedback" / "dora" / "week06" / "perceptron.html").read_text()
    assert "update: 2.5 of 6 points, set by hand" in page
    assert "update: 6 of 6 points" not in page
    assert float(scores(tutor)["dora"]["score"]) == 96.5
    assert ",96.5\n" in tutor.autograder("export", "--format", "canvas", "--student", "dora").replace("\r", "")
    tutor.autograder("feedback", "--jobs", "1")
    own = (tutor.folder / "graded" / "week06" / "feedback" / "dora.html").read_text()
    assert "2.5 of 6, set by hand with 0.5 extra credit" in own
    assert "As we said on the phone." in own


def test_our_own_pages_are_released_to_students_by_nbgrader(cycle):
    cycle.tutor.autograder("feedback", "--jobs", "1", "--release")
    cycle.tutor.nbgrader("release_feedback", "week06", "--student", "ada")
    student_of(cycle, "ada").nbgrader("fetch_feedback", "week06")
    pages = list((cycle.root / "ada" / "week06" / "feedback").rglob("perceptron.html"))
    newest = max(pages, key=lambda page: page.stat().st_mtime).read_text()
    assert "<h1>Feedback for <bdi>ada</bdi></h1>" in newest
    assert "comp90051, week06." in newest
    assert "Graded: <bdi>perceptron.ipynb</bdi>" in newest
