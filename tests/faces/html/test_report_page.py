"""The class report in a real browser: sorted, searched, opened by keyboard, and deaf to what students wrote."""

from __future__ import annotations

from contextlib import contextmanager
from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from autograder.faces.html.report import write_report
from autograder.faces.html.report_data import MovedMark, SimilarRow
from autograder.trusted.results import outcomes
from autograder.trusted.safe_text import visible
from tests import chromium
from tests.faces.classes import check, exercise, large_class, notebook
from tests.faces.html.test_shell import HOSTILE

pytestmark = [
    pytest.mark.skipif(chromium.PROGRAM is None or chromium.DRIVER is None, reason=chromium.MISSING),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

RIGHT = exercise(check("a", points=2.0))
WRONG = exercise(
    check(
        "a", outcomes.FAILED, 2.0, message="f(0) is wrong.", misconception="zero_at_zero", hint="f(0) is +1.",
        devices={"cpu": "passed", "sim": "failed"},
    )
)  # fmt: skip
CLASS = [
    notebook("Zoë", {"activation": RIGHT, "update": RIGHT}),
    notebook("ada", {"activation": WRONG, "update": RIGHT}),
    notebook("bob", {"activation": WRONG, "update": WRONG}, status=outcomes.TIMEOUT, reason="`update`: a loop."),
    notebook("eve", status=outcomes.MISSING, possible=4.0, reason="it was not handed in"),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium.start(tmp_path_factory.mktemp("profile"))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graded")
    write_report(folder, CLASS)
    return folder


@pytest.fixture
def page(browser, folder):
    """The report of a small class, newly opened."""
    browser.get("about:blank")
    browser.get((folder / "report.html").as_uri())
    return browser


def find(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def names(browser):
    """The students of the map that are shown, in order."""
    rows = browser.find_elements(By.CSS_SELECTOR, "table.map tbody tr")
    return [row.find_element(By.TAG_NAME, "th").text for row in rows if row.is_displayed()]


def complaints(browser):
    """What the browser has to say of scripts and of the page's policy."""
    return [entry["message"] for entry in browser.get_log("browser")]


def scroll_to_the_map(browser):
    """The map of the students is laid out when it comes into sight: in the frame after."""
    browser.execute_async_script("""
        document.querySelector('#students').scrollIntoView();
        requestAnimationFrame(() => requestAnimationFrame(arguments[0]));
    """)


def press(browser, *keys):
    webdriver.ActionChains(browser).send_keys(*keys).perform()


def test_a_heading_sorts_its_table_and_says_so(page):
    total = find(page, "table.map [data-column='1']")
    total.find_element(By.TAG_NAME, "button").click()
    assert names(page) == ["eve", "bob", "ada", "Zoë"]
    assert total.get_attribute("aria-sort") == "ascending"
    total.find_element(By.TAG_NAME, "button").send_keys(Keys.ENTER)
    assert names(page) == ["Zoë", "ada", "bob", "eve"]
    assert total.get_attribute("aria-sort") == "descending"
    assert len(page.find_elements(By.CSS_SELECTOR, "table.map [aria-sort]")) == 1


def test_names_sort_as_a_reader_would_sort_them(page):
    find(page, "table.map [data-column='0'] button").click()
    find(page, "table.map [data-column='0'] button").click()
    assert names(page) == ["ada", "bob", "eve", "Zoë"]


def test_a_search_finds_a_name_whatever_its_case_and_accents_and_tells_how_many(page):
    find(page, "#search").send_keys("zOE")
    assert names(page) == ["Zoë"]
    assert find(page, "#found").text == "1 of 4 students"
    assert find(page, "#found").get_attribute("role") == "status"


@pytest.mark.parametrize(
    ("which", "whom"), [("look", ["bob"]), ("lost", ["ada", "bob", "eve"]), ("missing", ["eve"]), ("", 4)]
)
def test_the_students_to_look_at_can_be_chosen(page, which, whom):
    find(page, f"#which option[value='{which}']").click()
    shown = sorted(names(page), key=str.lower)
    assert shown == whom if which else len(shown) == whom


def test_a_student_opens_and_closes_by_keyboard_and_the_reader_is_where_they_were(page):
    link = find(page, "a[href='#student-1']")
    page.execute_script("arguments[0].focus()", link)
    press(page, Keys.ENTER)
    assert find(page, "dialog").get_attribute("open")
    assert find(page, "#detail-name").text == "ada"
    press(page, Keys.ARROW_RIGHT)
    assert find(page, "#detail-name").text == "bob"
    press(page, Keys.ESCAPE)
    assert find(page, "dialog").get_attribute("open") is None
    assert page.switch_to.active_element == link


def test_a_detail_shows_checks_outcomes_messages_hints_devices_and_reasons(page):
    page.get(page.current_url + "#student-2")  # a link to a student opens it
    detail = find(page, "#detail-body").text
    for words in (
        "bob",
        "0 of 4",
        "timeout",
        "`update`: a loop.",
        "failed",
        "What a asks.",
        "f(0) is wrong.",
        "f(0) is +1.",
    ):
        assert words in detail
    assert [each.text for each in page.find_elements(By.CSS_SELECTOR, ".devices > span")][:2] == [
        "cpu\npassed",
        "sim\nfailed",
    ]


def test_the_misconceptions_say_how_many_have_them(page):
    first = find(page, "#say li").text
    assert first.startswith("2 of 4")
    for words in ("zero at zero", "perceptron / activation", "f(0) is +1.", "ada, bob"):
        assert words in first


def test_the_theme_is_the_systems_until_the_reader_chooses(page):
    def ground():
        return page.execute_script("return getComputedStyle(document.body).backgroundColor")

    emulated = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
    dark = ground()
    find(page, "#theme").click()
    light = ground()
    assert (find(page, "#theme").text, light != dark) == ("Theme: light", True)
    find(page, "#theme").click()
    assert (find(page, "#theme").text, ground()) == ("Theme: dark", dark)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print", **emulated})
    assert page.execute_script("return getComputedStyle(document.documentElement).colorScheme") == "light"
    assert not find(page, ".tools").is_displayed()
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def test_the_page_is_no_wider_than_a_telephone(page):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    assert page.execute_script("return document.documentElement.scrollWidth") <= 390
    page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("width", [390, 1400])
def test_a_screen_reader_meets_tables_with_headings_and_labelled_controls(page, width):
    with as_wide_as(page, width):
        scroll_to_the_map(page)
        nodes = page.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    roles = [node["role"]["value"] for node in nodes if not node["ignored"]]
    tables = page.find_elements(By.TAG_NAME, "table")
    assert roles.count("table") == len([table for table in tables if table.is_displayed()])
    assert roles.count("columnheader") >= 10 and roles.count("rowheader") >= 4
    unnamed = [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in ("button", "link", "searchbox", "combobox", "group", "table", "navigation")
        and not node.get("name", {}).get("value")
    ]
    assert unnamed == []


def test_the_skip_link_comes_first_and_leads_to_the_content(page):
    press(page, Keys.TAB)
    assert page.switch_to.active_element.text == "Skip to the content"
    press(page, Keys.ENTER)
    assert page.switch_to.active_element.get_attribute("id") == "main"


def test_nothing_is_loaded_from_outside_and_the_policy_would_not_let_it(page):
    assert page.execute_script("return performance.getEntriesByType('resource').length") == 0
    assert complaints(page) == []
    blocked = page.execute_async_script("""
        const done = arguments[0];
        addEventListener("securitypolicyviolation", (event) => done(event.effectiveDirective), { once: true });
        new Image().src = "http://127.0.0.1:9/x.png";
    """)
    assert blocked == "img-src"
    refused = page.execute_script("""
        try { document.createElement("p").innerHTML = "<b>x</b>"; return null; } catch (error) { return error.name; }
    """)
    assert refused == "TypeError"


def test_hostile_text_is_shown_as_text_wherever_it_stands(browser, tmp_path):
    attack = "".join(HOSTILE)
    outcome = exercise(check("a", outcomes.FAILED, title=attack, message=attack, misconception=attack, hint=attack))
    graded = [
        notebook(text, {"update": outcome}, status=outcomes.TIMEOUT, reason=text, repairs=(text,), needs_review=(text,))
        for text in HOSTILE
    ]
    write_report(
        tmp_path,
        graded,
        similar=[SimilarRow(HOSTILE, attack, attack, 0.5)],
        moved=[MovedMark(attack, attack, 1, 2, HOSTILE)],
        pages={text: f"feedback/{quote(text, errors='replace')}.html" for text in HOSTILE},
    )
    complaints(browser)  # earlier ones
    browser.get((tmp_path / "report.html").as_uri())
    shown = {" ".join(name.split()) for name in names(browser)}
    assert shown == {" ".join(visible(text).split()) for text in HOSTILE}
    for number in range(len(HOSTILE)):
        browser.execute_script(f"document.querySelector('a[href=\"#student-{number}\"]').click()")
        assert find(browser, "dialog .said").get_property("textContent") == visible(attack)
    assert complaints(browser) == []
    assert browser.find_elements(By.CSS_SELECTOR, "main img, main script:not([type]), [onerror]") == []


def test_the_sections_of_similar_work_and_of_moved_marks_are_there_when_they_are_given(browser, tmp_path):
    write_report(
        tmp_path,
        CLASS,
        similar=[SimilarRow(("ada", "bob"), "perceptron", "update", 0.934)],
        moved=[MovedMark("gone", "perceptron", 4, 2.5, ("`update`: passed before, fails now",))],
    )
    browser.get((tmp_path / "report.html").as_uri())
    assert find(browser, "#similar tbody").text == "93% perceptron update ada, bob"
    assert find(browser, "#moved tbody").text == "gone perceptron 4 2.5 −1.5\n`update`: passed before, fails now"


def test_without_them_there_is_no_such_section(page):
    assert page.find_elements(By.CSS_SELECTOR, "#similar, #moved") == []


@pytest.mark.thorough
def test_the_details_of_a_thousand_students_wait_until_they_are_asked_for(browser, tmp_path):
    write_report(tmp_path, large_class(1000))
    browser.get((tmp_path / "report.html").as_uri())
    rows, elements, detail = browser.execute_script("""
        const count = (selector) => document.querySelectorAll(selector).length;
        return [count("table.map tbody tr"), count("*"), count("#detail-body *")];
    """)
    assert (rows, detail) == (1000, 0)
    assert elements < 80_000  # some thirty cells a student, and who believes what
    assert (
        browser.execute_script("return getComputedStyle(document.querySelector('#students')).contentVisibility")
        == "auto"
    )
    browser.execute_script("document.querySelector('a[href=\"#student-999\"]').click()")
    assert find(browser, "#detail-name").text == "student0999"
    assert complaints(browser) == []


# --- a tutor's questions: whose tutorial, what did they write, who handed in nothing ------------------

WRITTEN = "def activation(s):\n    return torch.sign(s)  # </script><img src=x onerror=alert(1)>"


@pytest.fixture
def tutorials(browser, tmp_path):
    groups = {"ada": "Tuesday", "bob": "Monday", "Zoë": "Tuesday"}
    write_report(tmp_path, CLASS, groups=groups, code={("ada", "perceptron", "activation"): WRITTEN})
    browser.get_log("browser")
    browser.get((tmp_path / "report.html").as_uri())
    return browser


def test_a_group_of_the_roster_shows_its_students_only(tutorials):
    find(tutorials, "#group option:nth-child(3)").click()
    assert find(tutorials, "#group").get_attribute("value") == "Tuesday"
    assert sorted(names(tutorials)) == ["Zoë", "ada"]


def test_what_a_student_wrote_is_one_click_from_the_check_that_failed_and_is_text(tutorials):
    find(tutorials, "a[href='#student-1']").click()
    written = find(tutorials, "dialog .written")
    assert not written.find_element(By.TAG_NAME, "pre").is_displayed()
    written.find_element(By.TAG_NAME, "summary").click()
    assert written.find_element(By.TAG_NAME, "pre").text == WRITTEN
    assert complaints(tutorials) == []


def test_who_handed_in_nothing_has_no_points_rather_than_0(page):
    find(page, "#which option[value='nothing']").click()
    assert names(page) == ["eve"]
    total = page.find_element(By.XPATH, "//table[contains(@class, 'map')]//tr[th='eve']/td[1]")
    assert total.text == "–"


CUT_OFF = """return [...document.querySelectorAll(arguments[0])].filter(each => {
  const style = getComputedStyle(each);
  const clips = style.overflowX !== 'visible' && each.clientWidth > 1 && each.offsetParent;
  return clips && each.scrollWidth > each.clientWidth + 1;
}).map(each => `${each.tagName} ${each.className} ${each.textContent.slice(0, 40)}`)"""


@contextmanager
def as_wide_as(browser, width):
    """A window of so many CSS pixels."""
    size = {"width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        yield
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.thorough
@pytest.mark.parametrize("width", [768, 1400])
def test_nothing_of_a_large_class_is_cut_off_or_needs_to_be_scrolled_sideways(browser, tmp_path, width):
    write_report(tmp_path, large_class(399))
    with as_wide_as(browser, width):
        browser.get((tmp_path / "report.html").as_uri())
        assert browser.execute_script(CUT_OFF, "body *") == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def every_section(tmp_path_factory):
    """The address of a report that has every section, of a class with long names."""
    folder = tmp_path_factory.mktemp("sections")
    moved = [MovedMark("bob", "logistic_regression", 2.0, 4.0, ("`activation`: failed before, passes now; " * 3,))]
    similar = [SimilarRow(("ada", "bob"), "perceptron", "pairwise_squared_distances", 0.934)]
    write_report(folder, large_class(40) + CLASS, similar=similar, moved=moved)
    return (folder / "report.html").as_uri()


@pytest.mark.parametrize("width", [320, 390, 640])
def test_on_a_telephone_nothing_is_cut_off_or_needs_to_be_scrolled_sideways(browser, every_section, width):
    with as_wide_as(browser, width):
        browser.get(every_section)
        assert browser.execute_script(CUT_OFF, "body *") == []
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width


LINES = """return [...document.querySelector('table.map tbody tr:last-child').cells].map(each => {
  const { left, right, top, bottom } = each.getBoundingClientRect();
  return [each.className, left, right, (top + bottom) / 2];
})"""


def test_on_a_telephone_each_notebook_of_a_student_is_a_line_of_its_own(browser, every_section):
    with as_wide_as(browser, 390):
        browser.get(every_section)
        scroll_to_the_map(browser)
        name, total, *rest = browser.execute_script(LINES)
    assert name[3] == pytest.approx(total[3], abs=3)
    line: list[float] = []
    lines = []
    for kind, left, right, middle in rest:
        line = [left, right, middle] if kind == "sum" else line
        lines += [middle] if kind == "sum" else []
        assert middle == pytest.approx(line[2], abs=1.5) and left >= line[0] and right <= 390
    assert len(lines) == 4 and lines == sorted(set(lines)) and lines[0] > name[3]


def test_on_a_telephone_a_notebook_of_many_exercises_takes_several_lines(browser, tmp_path):
    many = {f"exercise_{number}": RIGHT for number in range(30)}
    write_report(tmp_path, [notebook("ada", many), notebook("bob", {"only": WRONG}, name="short")])
    with as_wide_as(browser, 390):
        browser.get((tmp_path / "report.html").as_uri())
        assert browser.execute_script(CUT_OFF, "body *") == []
        narrow = "return Math.min(...Array.from(document.querySelectorAll('.map td.f'), (each) => each.offsetWidth))"
        assert browser.execute_script(narrow) >= 20


HEADINGS = """return [...document.querySelectorAll('tbody td[data-label]')].map(each => {
  const { rows } = each.closest('table').tHead;
  const column = [...rows].at(-1).querySelector(`[data-column="${each.cellIndex}"]`) ?? rows[0].cells[each.cellIndex];
  return [each.dataset.label, column.dataset.label ?? column.textContent.trim()];
})"""


def test_what_a_telephone_calls_a_number_is_the_heading_of_its_column(browser, every_section):
    browser.get(every_section)
    labels = browser.execute_script(HEADINGS)
    assert {"Points", "Mean", "All", "Part", "None", "Alike", "Before", "Now", "Moved", "perceptron"} <= {*dict(labels)}
    assert [label for label, heading in labels if label != heading] == []
    assert browser.find_elements(By.CSS_SELECTOR, "tbody .num:not([data-label], .total)") == []


@pytest.mark.parametrize("width", [390, 768])
def test_long_lines_that_a_student_wrote_are_wrapped_where_the_window_is_narrow(browser, tmp_path, width):
    long = "def activation(s):\n    return " + " + ".join(["torch.where(s >= 0, 1.0, -1.0)"] * 6)
    write_report(tmp_path, CLASS, code={("ada", "perceptron", "activation"): long})
    with as_wide_as(browser, width):
        browser.get("about:blank")
        browser.get((tmp_path / "report.html").as_uri())
        find(browser, "a[href='#student-1']").click()
        browser.execute_script("for (const each of document.querySelectorAll('dialog details')) each.open = true")
        assert find(browser, "dialog .written pre").text == long
        assert browser.execute_script(CUT_OFF, "dialog[open], dialog[open] *") == []
