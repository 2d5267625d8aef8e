"""What people see in a real browser: formgrader, nbgrader's buttons in JupyterLab, and the notebooks' playground."""

from __future__ import annotations

import re
import shutil
from types import SimpleNamespace

import nbformat
import pytest
from nbgrader.api import Gradebook
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support import expected_conditions as expect

from tests.faces.nbgrader.desks import hand_in, solved
from tests.faces.nbgrader.jupyter import TOKEN, jupyterlab, press, wait, wait_for_kernel

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        shutil.which("chromium") is None or shutil.which("chromedriver") is None,
        reason="needs Debian's packages chromium and chromium-driver",
    ),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

TOTAL = ".nbgrader-TotalPointsInput"
SIGN = "def activation(s):\n    return torch.sign(s)"


def with_nothing_but_the_playground(text):
    """A solved notebook without its text, examples and other figures, so that it runs in no time."""
    notebook = nbformat.reads(text, as_version=4)
    before = {"imports", "figure_style", "examples", "drawing"}
    notebook.cells = [
        cell
        for cell in notebook.cells
        if cell.metadata.nbgrader.solution
        or cell.metadata.nbgrader.grade_id in before
        or (cell.cell_type == "code" and cell.metadata.nbgrader.grade_id.startswith("playground"))
    ]
    return nbformat.writes(notebook)


@pytest.fixture(scope="module")
def server(tutor_at_a_new_course):
    """A graded course, open in a Jupyter server on loopback."""
    tutor = tutor_at_a_new_course("browser")
    hand_in(tutor.folder / "submitted" / "bob" / "week06", {"perceptron": solved("perceptron", {"activation": SIGN})})
    tutor.nbgrader("autograde", "week06")
    hand_in(tutor.folder / "solved", {"perceptron": solved("perceptron")})
    hand_in(tutor.folder / "played", {"perceptron": with_nothing_but_the_playground(solved("perceptron"))})
    with jupyterlab(tutor) as url:
        yield SimpleNamespace(url=url, course=tutor.folder)


@pytest.fixture(scope="module")
def browser(server):
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1400,1000"):
        options.add_argument(argument)
    options.binary_location = shutil.which("chromium")
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    driver.get(f"{server.url}/tree?token={TOKEN}")  # from now on a cookie says who we are
    yield driver
    driver.quit()


def text_of(browser, text):
    return wait(browser, expect.presence_of_element_located((By.XPATH, f"//*[contains(text(), '{text}')]")))


def score_in(field):
    """What a field of formgrader's says, once it has been fetched: a tutor's own score, else the grader's."""
    return field.get_attribute("placeholder") or field.get_attribute("value")


def test_formgraders_page_of_a_submission_shows_the_score_and_the_message(server, browser, tmp_path):
    with Gradebook(f"sqlite:///{server.course}/gradebook.db", "comp90051") as gradebook:
        submission = gradebook.find_submission_notebook("perceptron", "week06", "bob").id
        points = gradebook.find_grade("test_activation", "perceptron", "week06", "bob").score
    browser.get(f"{server.url}/formgrader/submissions/{submission}")
    message = text_of(browser, f"activation: {points:g} of 4 points")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", message)
    first = wait(browser, lambda _: score_in(browser.find_element(By.CSS_SELECTOR, "input.score")))
    browser.save_screenshot(str(tmp_path / "formgrader.png"))
    assert float(first) == points
    assert "Hint:" in browser.find_element(By.TAG_NAME, "body").text


def test_formgraders_list_shows_the_submission_and_its_score(server, browser, tmp_path):
    browser.get(f"{server.url}/formgrader/gradebook/week06/perceptron")
    row = wait(browser, lambda _: browser.find_element(By.XPATH, "//td[contains(., 'Submission')]/..").text)
    browser.save_screenshot(str(tmp_path / "list.png"))
    assert "24" in row


@pytest.mark.parametrize("name", ["chain_rule", "logistic_regression", "perceptron", "tensor_ops"])
def test_a_released_notebook_opens_in_jupyterlab(server, browser, tmp_path, name):
    browser.get(f"{server.url}/lab/tree/release/week06/{name}.ipynb")
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook h1"))
    cells = wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-CodeCell"))
    browser.save_screenshot(str(tmp_path / f"{name}.png"))
    assert cells


def press_validate(browser):
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook h1"))
    wait_for_kernel(browser)
    press(browser, "//*[contains(@class, 'jp-Toolbar')]//*[.='Validate']")
    dialog = wait(browser, expect.visibility_of_element_located((By.CSS_SELECTOR, ".jp-Dialog-content")))
    return wait(browser, lambda _: dialog.text if "alidat" in dialog.text or "fail" in dialog.text else None)


def test_the_validate_button_praises_a_solved_notebook(server, browser, tmp_path):
    browser.get(f"{server.url}/lab/tree/solved/perceptron.ipynb")
    said = press_validate(browser)
    browser.save_screenshot(str(tmp_path / "validate.png"))
    assert "passes all the tests" in said.lower() or "success" in said.lower()


def open_create_assignment(browser):
    """The panel's total, once it is to be seen; JupyterLab may close a side bar again while it starts."""
    (tab,) = browser.find_elements(By.CSS_SELECTOR, "li.lm-TabBar-tab[title*='Create Assignment']") or [None]
    if tab is not None and "lm-mod-current" not in tab.get_attribute("class"):
        tab.click()
    return next((each for each in browser.find_elements(By.CSS_SELECTOR, TOTAL) if each.is_displayed()), None)


def test_the_create_assignment_panel_shows_the_points_of_the_notebook(server, browser, tmp_path):
    browser.get(f"{server.url}/lab/tree/source/week06/perceptron.ipynb")
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-Notebook h1"))
    total = wait(browser, open_create_assignment)
    wait(browser, lambda _: total.get_property("value") not in ("", "0"))
    browser.save_screenshot(str(tmp_path / "create_assignment.png"))
    assert float(total.get_property("value")) == 25
    assert browser.find_elements(By.CSS_SELECTOR, ".nbgrader-CellWidget .nbgrader-CellPoints")


def caption_of(browser):
    """The sentence below the playground's picture; the picture is put in anew with each move."""
    return browser.execute_script("return document.querySelector('.widget-html-content p')?.textContent")


def caption(browser, start):
    """The playground's sentence, once it begins like that."""
    return wait(browser, lambda _: (said := caption_of(browser)) and said.startswith(start) and said)


def picture(browser):
    return browser.execute_script("return document.querySelector('.widget-html-content img').src")


def names_of_controls(browser):
    return [each.accessible_name for each in browser.find_elements(By.CSS_SELECTOR, ".jp-OutputArea input")]


def test_the_playground_can_be_played_by_mouse_and_by_keyboard(server, browser, tmp_path):
    browser.get(f"{server.url}/lab/tree/played/perceptron.ipynb?reset")  # without the tabs of other notebooks
    wait(browser, lambda _: browser.find_elements(By.CSS_SELECTOR, ".jp-CodeCell"))
    wait_for_kernel(browser)
    press(browser, "//*[contains(@class, 'lm-MenuBar-itemLabel')][.='Run']")
    press(browser, "//*[contains(@class, 'lm-Menu-itemLabel')][.='Run All Cells']")

    assert caption(browser, "separable, η = 1, mistakes made: 0;")
    browser.execute_script("document.querySelector('.widget-play').scrollIntoView({block: 'center'})")
    separable = picture(browser)
    press(browser, "//label[normalize-space()='XOR']")
    assert caption(browser, "XOR, η = 1, mistakes made: 0;")
    untrained = picture(browser)
    press(browser, "//button[.='Step']")
    one = caption(browser, "XOR, η = 1, mistakes made: 1;")
    trained = picture(browser)
    assert len({separable, untrained, trained}) == 3

    browser.find_element(By.XPATH, "//label[normalize-space()='10']/input").send_keys(Keys.SPACE)
    assert caption(browser, "XOR, η = 10") == one.replace("η = 1,", "η = 10,")
    play = browser.find_element(By.CSS_SELECTOR, ".widget-play button")
    play.send_keys(Keys.SPACE)
    wait(browser, lambda _: int(re.search(r"mistakes made: (\d+)", caption_of(browser) or "made: 0")[1]) > 2)
    ActionChains(browser).send_keys(Keys.SPACE).perform()  # the same button stops it
    browser.save_screenshot(str(tmp_path / "playground.png"))
    assert "" not in wait(browser, names_of_controls)
    assert browser.execute_script("return document.querySelector('.widget-html-content img').alt").startswith("XOR")
