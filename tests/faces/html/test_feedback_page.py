"""Feedback in a real browser: nothing in it is live, it fits any width, and its figures are named for a reader."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from autograder.faces.html.feedback import feedback_page
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.figures import Figure, Trained, experiments_of
from autograder.trusted.results import outcomes
from tests import chromium
from tests.faces.classes import check, exercise, notebook
from tests.faces.html.test_shell import HOSTILE

pytestmark = [
    pytest.mark.skipif(chromium.PROGRAM is None or chromium.DRIVER is None, reason=chromium.MISSING),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

EXPERIMENTS = experiments_of(Course(KIT))
RIGHT = Trained((-4.0, -5.0, 2.0), (2.0, 3.0, 1.0, 0.0))
WRONG = Trained((1e30, -1e30, 1.0), (8.0,) * 20)
FELL = Trained((1.2, 0.9, 0.0), tuple(0.7 / (1 + step) for step in range(40)))
ROSE = Trained((0.0, -1.0, 9.0), tuple(0.7 * 4.0**step for step in range(40)))


def record(text, name="perceptron"):
    """A notebook in which everything that a student can write is `text`."""
    lost = check("a", outcomes.RAISED, message=f"{text} (cell `update`, line 3: `{text}`).", hint=text, title=text)
    exercises = {"train": exercise(check("b"), lost), "update": exercise(check("c"))}
    return notebook(text, exercises, name=name, repairs=(text,), needs_review=(text,))


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium.start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture
def show(browser, tmp_path):
    """Open a student's page at a width in CSS pixels."""

    def show(text, width=1200, why=""):
        drawn = {
            "perceptron": Figure("perceptron", "train", RIGHT, None if why else WRONG, why),
            "logistic_regression": Figure("logistic_regression", "train", FELL, None if why else ROSE, why),
        }
        path = tmp_path / "page.html"
        path.write_text(
            feedback_page(text, [record(text), record(text, "logistic_regression")], drawn, EXPERIMENTS),
            encoding="utf-8",
        )
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        browser.get_log("browser")
        browser.get(path.as_uri())
        return browser

    return show


@pytest.mark.parametrize("width", [360, 1200])
def test_hostile_text_runs_nothing_loads_nothing_and_fits_the_page(show, width):
    page = show(" ".join(HOSTILE) + "x" * 300, width)
    assert [entry["message"] for entry in page.get_log("browser")] == []
    assert page.execute_script("return performance.getEntriesByType('resource').map(each => each.name)") == []
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert "<script>alert(1)</script>" in page.find_element(By.TAG_NAME, "h1").text


def test_the_figures_are_images_with_names_for_a_screen_reader(show):
    page = show("ada")
    names = [each.accessible_name for each in page.find_elements(By.CSS_SELECTOR, "svg[role=img]")]
    assert len(names) == 4
    assert names[1].startswith("Mistakes in each pass")
    assert "8, 8, 8" in names[1]
    assert "It should fall from 0.7" in names[3]


def test_a_curve_that_leaves_the_picture_stays_inside_its_frame(show):
    page = show("ada")
    inside = page.execute_script(
        """return [...document.querySelectorAll('svg.plot > svg')].every(each =>
               getComputedStyle(each).overflow === 'hidden')"""
    )
    assert inside


def test_the_checks_that_passed_are_opened_by_keyboard(show):
    page = show("ada")
    summary = page.find_element(By.TAG_NAME, "summary")
    page.execute_script("arguments[0].focus()", summary)
    summary.send_keys(Keys.ENTER)
    assert page.find_element(By.TAG_NAME, "details").get_attribute("open")


def test_in_print_the_checks_that_passed_are_shown_and_the_ground_is_white(show):
    page = show("ada")
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", "features": []})
    try:
        tall = page.execute_script("return document.querySelector('details ul').getBoundingClientRect().height")
        ground = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": []})
    assert tall > 0
    assert ground == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_lines_stand_out_from_their_ground(show, scheme):
    page = show("ada")
    feature = {"name": "prefers-color-scheme", "value": scheme}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": [feature]})
    found = page.execute_script(CONTRASTS)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "screen", "features": []})
    assert {name: ratio for name, (ratio, least) in found.items() if ratio < least} == {}
    assert len(found) == 8


# WCAG 2.2: 4.5 for words (1.4.3), 3 for what a picture cannot do without (1.4.11).
CONTRASTS = """
const light = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(each => each / 255)
  .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
const ratio = (one, other) => {
  const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
  return (a + 0.05) / (b + 0.05);
};
const of = (selector, property) => getComputedStyle(document.querySelector(selector))[property];
const ground = of('.plot .frame', 'fill'), page = of('body', 'backgroundColor');
return {
  'axis': [ratio(of('.plot text', 'fill'), page), 4.5],
  'lead': [ratio(of('.lead', 'color'), page), 4.5],
  'place': [ratio(of('.place', 'color'), of('.card', 'backgroundColor')), 4.5],
  'yours': [ratio(of('.plot line.yours', 'stroke'), of('.plot .tint-upper', 'fill')), 3],
  'blue on blue': [ratio(of('.plot .dot.upper', 'stroke'), of('.plot .tint-upper', 'fill')), 3],
  'orange on orange': [ratio(of('.plot .dot.lower', 'stroke'), of('.plot .tint-lower', 'fill')), 3],
  'bars': [ratio(of('.bar-yours', 'fill'), ground), 3],
  'the right bars': [ratio(of('.bar-right', 'fill'), of('.bar-yours', 'fill')), 3],
};
"""
