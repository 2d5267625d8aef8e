"""A week of a course: two students, one tutor, a real exchange, a browser; all faces end with the same marks.

Ada types her last solution into JupyterLab and submits there; Bob hands in work that is partly wrong. The tutor
autogrades, sets a score by hand, grades again with the other command, and hands out and exports whatever there is.
"""

from __future__ import annotations

import csv
import json
import re
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from autograder.trusted.assignment.course import KIT
from tests import chromium
from tests.faces.nbgrader.desks import GradingClient, hand_in, make_course, solved
from tests.faces.nbgrader.jupyter import TOKEN, jupyterlab, press, wait, wait_for_kernel
from tests.faces.nbgrader.test_cycle import NAMES, NEVER_MOVES, SETTINGS, scores, student

pytestmark = [pytest.mark.thorough, pytest.mark.filterwarnings("ignore::ResourceWarning")]

HAS_BROWSER = chromium.PROGRAM is not None and chromium.DRIVER is not None
LINE = "return w + eta * (y * x) if predict(w, x) != y else w.clone()"
STUB = "raise NotImplementedError()"
BY_HAND = 2.5  # of the 6 points for `update`, of which the checks give Bob fewer
COURSE = "comp90051"


def cell_with(browser, text):
    """The editor of the cell that holds a text; JupyterLab shows a cell once one has scrolled to it."""
    for editor in browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook .cm-content"):
        if text in editor.get_property("textContent"):
            browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", editor)
            return editor
    browser.execute_script("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 500)")
    return None


def solve_and_submit(who: GradingClient, profile) -> str:
    """Write `update` in JupyterLab, save, and submit by its assignment list; what that list says then."""
    notebook = who.folder / "week06" / "perceptron.ipynb"
    with jupyterlab(who) as url:
        browser = chromium.start(profile)
        try:
            browser.get(f"{url}/tree?token={TOKEN}")  # from now on a cookie says who this is
            browser.get(f"{url}/lab/tree/week06/perceptron.ipynb?reset")
            wait_for_kernel(browser)
            wait(browser, lambda _: cell_with(browser, "def update(w")).click()
            keys = ActionChains(browser).key_down(Keys.CONTROL).send_keys(Keys.END).key_up(Keys.CONTROL)
            keys = keys.key_down(Keys.SHIFT).send_keys(Keys.HOME).key_up(Keys.SHIFT).send_keys(LINE)
            keys.key_down(Keys.CONTROL).send_keys("s").key_up(Keys.CONTROL).perform()
            wait(browser, lambda _: LINE in notebook.read_text(encoding="utf-8"))
            press(browser, "//*[contains(@class, 'lm-MenuBar-itemLabel')][.='Nbgrader']")
            press(browser, "//*[contains(@class, 'lm-Menu-itemLabel')][.='Assignment List']")
            press(browser, "//*[@id='fetched_assignments_list']//button[.='Submit']")
            submitted = (By.CSS_SELECTOR, "#submitted_assignments_list .list_item")
            return wait(browser, lambda _: "\n".join(each.text for each in browser.find_elements(*submitted)))
        finally:
            browser.quit()


@pytest.fixture(scope="module")
def week(tmp_path_factory):
    """The whole week, once: the tutor, and what was said."""
    root = tmp_path_factory.mktemp("week")
    tutor = GradingClient("tutor", make_course(root / "course"))
    exchange = root / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    with (tutor.folder / "nbgrader_config.py").open("a") as settings:
        settings.write(SETTINGS.format(exchange=str(exchange)))
    said = {}

    tutor.nbgrader("generate_assignment", "week06", "--create", "--force")
    tutor.nbgrader("release_assignment", "week06")
    ada, bob = student(root, "ada"), student(root, "bob")
    for each in (ada, bob):
        each.nbgrader("fetch_assignment", "week06")

    unsolved = f"def update(w, x, y, eta=1.0):\n    # YOUR CODE HERE\n    {STUB}"
    in_browser = {"update": unsolved if HAS_BROWSER else unsolved.replace(STUB, LINE)}
    hand_in(ada.folder / "week06", {name: solved(name, in_browser if name == "perceptron" else None) for name in NAMES})
    hand_in(
        bob.folder / "week06",
        {name: solved(name, {"update": NEVER_MOVES} if name == "perceptron" else None) for name in NAMES},
    )
    if HAS_BROWSER:
        said["assignment list"] = solve_and_submit(ada, tmp_path_factory.mktemp("profile"))
    else:
        ada.nbgrader("submit", "week06")
    bob.nbgrader("submit", "week06")

    tutor.nbgrader("collect", "week06")
    tutor.nbgrader("autograde", "week06")
    with Gradebook(f"sqlite:///{tutor.folder}/gradebook.db", COURSE) as book:
        grade = book.find_grade("test_update", "perceptron", "week06", "bob")
        said["by the checks"] = grade.auto_score
        grade.manual_score = BY_HAND
        book.db.commit()
    said["grade"] = tutor.autograder("grade", "--jobs", "2")
    tutor.autograder("report")
    tutor.autograder("feedback", "--jobs", "2", "--release")
    tutor.nbgrader("release_feedback", "week06")
    for each in (ada, bob):
        each.nbgrader("fetch_feedback", "week06")
    tutor.autograder("export", "--format", "canvas", "--output", "canvas.csv")
    for name in ("ada", "bob"):
        tutor.autograder("export", "--format", "gradescope", "--student", name, "--output", f"{name}.json")
    return SimpleNamespace(tutor=tutor, root=root, graded=tutor.folder / "graded" / "week06", said=said)


def marks_in_the_gradebook(week):
    """What `nbgrader export` writes."""
    return {name: float(row["score"]) for name, row in scores(week.tutor).items()}


def marks_in_grades_csv(week):
    with (week.graded / "grades.csv").open(newline="") as file:
        return {row["student"]: float(row["total"]) for row in csv.DictReader(file)}


def marks_in_the_report(week):
    """The totals on the page, in the map of the class."""
    page = (week.graded / "report.html").read_text(encoding="utf-8")
    rows = re.findall(r'<th scope="row" class="name">.*?<bdi>(\w+)</bdi>.*?<td class="num total">([\d.]+)</td>', page)
    return {name: float(total) for name, total in rows}


def marks_on_the_feedback_pages(week):
    return {
        page.stem: float(re.search(r'<p class="score"><strong>([\d.]+)</strong>', page.read_text())[1])
        for page in (week.graded / "feedback").glob("*.html")
        if page.stem != "index"
    }


def marks_on_the_pages_that_students_fetched(week):
    """The sum over the pages of a student's notebooks, as nbgrader brought them."""
    return {
        name: sum(
            float(re.search(r'<p class="score"><strong>([\d.]+)</strong>', page.read_text())[1])
            for page in (week.root / name / "week06" / "feedback").rglob("*.html")
        )
        for name in ("ada", "bob")
    }


def marks_for_canvas(week):
    with (week.tutor.folder / "canvas.csv").open(newline="") as file:
        return {
            row["Student"]: float(row["week06"]) for row in csv.DictReader(file) if row["Student"] in {"ada", "bob"}
        }


def marks_for_gradescope(week):
    return {name: json.loads((week.tutor.folder / f"{name}.json").read_text())["score"] for name in ("ada", "bob")}


@pytest.mark.parametrize(
    "marks_in",
    [
        marks_in_the_gradebook,
        marks_in_grades_csv,
        marks_in_the_report,
        marks_on_the_feedback_pages,
        marks_on_the_pages_that_students_fetched,
        marks_for_canvas,
        marks_for_gradescope,
    ],
)
def test_the_week_ends_with_the_same_marks_everywhere(week, marks_in):
    assert week.said["by the checks"] < BY_HAND
    assert marks_in(week) == {"ada": 100.0, "bob": 100.0 - 6.0 + BY_HAND}


def test_a_solution_typed_in_jupyterlab_is_submitted_there(week):
    if not HAS_BROWSER:
        pytest.skip(chromium.MISSING)
    assert "week06" in week.said["assignment list"]
    handed_in = week.tutor.folder / "submitted" / "ada" / "week06" / "perceptron.ipynb"
    assert LINE in handed_in.read_text(encoding="utf-8")
    assert LINE not in (KIT / "release" / "week06" / "perceptron.ipynb").read_text(encoding="utf-8")


def test_the_kits_own_command_takes_what_nbgrader_has_graded(week):
    assert "8 of them graded before and unchanged" in " ".join(week.said["grade"].split())
