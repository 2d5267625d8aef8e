"""A student's page: what it says, whom it is about, and that nothing in it is live."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from msgspec import structs

from autograder.errors import UsageError
from autograder.faces.commands.feedback import write_feedback
from autograder.faces.html import plots
from autograder.faces.html.feedback import PageFacts, feedback_page, spans
from autograder.faces.html.graded_file import GradedFile
from autograder.faces.html.kept_beside import Beside, CodeRow
from autograder.faces.html.names import page_names, pages_at_hand
from autograder.faces.html.report import rewrite_report
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.figures import Figure, Trained, experiments_of, figures_fingerprint
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import FigureRecord
from autograder.trusted.results.store import Results
from autograder.trusted.safe_text import visible
from tests.content.leaks import shown_text
from tests.faces.classes import check, exercise, notebook
from tests.faces.html.test_shell import HOSTILE, Elements

RIGHT = exercise(check("a", points=2.0, title="Labels are +1 and -1."))
LINE = 'Your code raised ValueError: no (cell `update`, line 3: `raise ValueError("`no`")`).'
LEARNED = Trained((-4.0, -5.0, 2.0), (2.0, 3.0, 1.0, 0.0))
FELL = Trained((1.2, 0.9, 0.0), tuple(0.7 / (1 + step) for step in range(40)))
HUGE = Trained((1e308, -1e308, 5e-324), (9e307,) * 40)

EXPERIMENTS = experiments_of(Course(KIT))


def page_of(*notebooks, drawn=None, student="ada"):
    return feedback_page(student, notebooks, drawn or {}, EXPERIMENTS)


def text_of(*notebooks, **more):
    return " ".join(shown_text(page_of(*notebooks, **more), attributes=False).split())


def test_what_was_earned_comes_before_what_to_look_at():
    wrong = exercise(check("a", outcomes.FAILED, message="The new weights are wrong."), check("b"))
    text = text_of(notebook("ada", {"activation": RIGHT, "update": wrong}))
    assert text.index("activation 2 of 2") < text.index("update 1 of 2") < text.index("Look at update")
    assert "3 of 4 points" in text
    assert "1 of 2 graded exercises are right in every part" in text


def test_a_lost_check_has_its_sentence_its_outcome_in_words_its_message_and_its_hint():
    lost = check("a", outcomes.FAILED, title="f(0) = +1.", message="f(s) is wrong.", hint="torch.sign gives 0.")
    text = text_of(notebook("ada", {"activation": exercise(lost)}))
    for words in ("not right yet", "1 point to be had", "f(0) = +1.", "f(s) is wrong.", "Hint. torch.sign gives 0."):
        assert words in text


def test_the_students_own_line_stands_by_itself_with_its_place():
    text = text_of(notebook("ada", {"update": exercise(check("a", outcomes.RAISED, message=LINE))}))
    assert "Your code raised ValueError: no." in text
    assert 'Your own line, cell update, line 3: raise ValueError("`no`")' in text


def test_checks_that_were_lost_alike_are_told_together():
    lost = [check(name, outcomes.TIMEOUT, title=f"Sentence {name}.", message="It did not end.") for name in "abc"]
    text = text_of(notebook("ada", {"train": exercise(*lost, check("d", title="Sentence d."))}))
    assert text.count("It did not end.") == 1
    assert "3 points to be had" in text
    assert "1 other check is right Sentence d." in text


def test_what_is_not_written_yet_is_named_in_one_line():
    stub = exercise(check("a", outcomes.NOT_ATTEMPTED, message="You have not written it yet."))
    text = text_of(notebook("ada", {"update": stub, "train": stub}))
    assert "not written yet update, train" in text
    assert "Look at" not in text


def test_a_solved_class_work_is_praised_and_has_nothing_to_look_at():
    text = text_of(notebook("ada", {"activation": RIGHT}))
    assert "Everything is right. Well done!" in text
    assert "Look at" not in text


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (outcomes.MISSING, "the notebook was not handed in", "You have not handed in this notebook"),
        (outcomes.UNREADABLE, "its JSON ends; ask for the file again", "could not be read: its JSON ends."),
        (outcomes.CRASHED, "a cell was left out, because it died", "A cell was left out, because it died."),
    ],
)  # fmt: skip
def test_a_notebook_that_was_not_simply_graded_says_why_in_words_for_the_student(status, reason, words):
    text = text_of(notebook("ada", status=status, reason=reason, possible=25.0))
    assert words in text
    assert "ask for the file" not in text


def test_repairs_and_doubts_are_told():
    record = notebook("ada", {"a": RIGHT}, repairs=("Cell 3 was split.",), needs_review=("`b` was found nowhere.",))
    text = text_of(record)
    assert "Mended before grading, at no cost Cell 3 was split." in text
    assert "For your tutor to look at" in text
    assert "b was found nowhere." in text


# --- figures ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "yours", "words"),
    [
        ("perceptron", LEARNED, "Your boundary is the right one. It leaves 0 of 8 examples on the wrong side."),
        ("perceptron", LEARNED, "Your passes make the right mistakes: 2, 3, 1, 0."),
        ("perceptron", Trained((-8.0, -10.0, 4.0), (0.0,)), "Your boundary is the right one."),
        ("perceptron", Trained((-8.0, -10.0, 4.0), (0.0,)), "these mistakes: 0. They should make these: 2, 3, 1, 0."),
        ("perceptron", Trained((4.0, 5.0, -2.0), (8.0,)), "leaves 8 of 8 examples on the wrong side; the right one"),
        ("perceptron", Trained((-3.0, -3.0, 2.0), (3.0,)), "is another one; like the right one, it leaves 0 of 8"),
        ("perceptron", Trained((0.0, 0.0, 1.0), (3.0,)), "there is no boundary"),
        ("logistic_regression", FELL, "Your loss falls as it should, from 0.7 to 0.0175."),
        ("logistic_regression", HUGE, "Your loss goes from 9e+307 to 9e+307. It should fall from 0.7 to 0.0175."),
        ("perceptron", None, "Your side of the picture is missing. It never stopped."),
    ],
)  # fmt: skip
def test_a_figure_says_in_words_what_there_is_to_see(name, yours, words):
    right = LEARNED if name == "perceptron" else FELL
    figure = Figure(name, "train", right, yours, "" if yours else "It never stopped.")
    page = page_of(notebook("ada", {"train": RIGHT}, name=name), drawn={name: figure})
    assert words in " ".join(shown_text(page).split())
    assert [
        number
        for number in ("nan", "inf", "e+")
        if number in "".join(re.findall(r' (?:points|d|x1|cx)="([^"]*)"', page))
    ] == []


def test_every_picture_has_a_title_and_a_description_that_it_names():
    drawn = {
        "perceptron": Figure("perceptron", "train", LEARNED, LEARNED),
        "logistic_regression": Figure("logistic_regression", "train", FELL, FELL),
    }
    page = page_of(
        notebook("ada", {"train": RIGHT}), notebook("ada", {"train": RIGHT}, name="logistic_regression"), drawn=drawn
    )
    elements = Elements(page)
    pictures = [at for tag, at, _ in elements.found if tag == "svg" and at.get("role") == "img"]
    ids = {at["id"]: text for _, at, text in elements.found if "id" in at}
    assert len(pictures) == 4
    assert len([at for _, at, _ in elements.found if "id" in at]) == len(ids)
    assert all("".join(ids[name]) for picture in pictures for name in picture["aria-labelledby"].split())


@pytest.mark.parametrize(
    "boundary",
    [
        (0.0, 0.0, 0.0),
        (0.0, 0.0, -1.0),
        (1e-320, 0.0, 0.0),
        (1e308, 1e308, -1e308),
        (0.0, 1.0, 100.0),
        (1.0, 0.0, -4.2),
    ],
)
def test_any_finite_boundary_can_be_drawn(boundary):
    drawn = plots.plane("x", "t", "d", [(1.0, 1.0)], [(-1.0, -1.0)], (1.0, 0.0, 0.0), boundary)
    assert not re.search(r"nan|inf", drawn)


def test_the_tint_of_a_side_is_where_the_boundary_says():
    drawn = plots.plane("x", "t", "d", [], [], (1.0, 0.0, 0.0), (1.0, 0.0, 0.0))  # x1 >= 0
    upper = re.search(r'class="tint-upper" points="([^"]*)"', drawn)[1]
    assert {float(point.split(",")[0]) >= 122 for point in upper.split()} == {True}


# --- names and hostile text ---------------------------------------------------------------------------


@pytest.mark.parametrize("student", ["ada", "s01", "Ada.Lovelace", "a_b-c@d+e", "_x"])
def test_a_plain_student_has_a_page_of_that_name(student):
    assert page_names([student]) == {student: f"{student}.html"}


STRANGE = [
    "", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "-rf", ".hidden", "~", "a~b", "x" * 255, "x" * 256,
    "李", "Żółć", "a b", "a\nb", "a\0b",
    "con", "NUL", "com1.txt", "\u202ea", "\udc80", "<script>", "a:b", "a?b", "a%2fb", "Ada", "ada", "ADA", "a.b",
    *HOSTILE,
]  # fmt: skip


def test_every_student_has_a_page_of_their_own_inside_the_folder():
    names = page_names(STRANGE)
    assert set(names) == set(STRANGE)
    assert len({name.casefold() for name in names.values()}) == len(names)
    for name in names.values():
        assert re.fullmatch(r"[A-Za-z0-9_~][A-Za-z0-9_.@+~-]{0,120}\.html", name)
        assert not re.match(r"(con|nul|com1)\.", name, re.IGNORECASE)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_wherever_a_student_can_put_it(text):
    def page(text):
        lost = check("a", outcomes.RAISED, title=text, message=f"{text} (cell `{text}`, line 3: `{text}`).", hint=text)
        record = notebook(
            "ada",
            {"update": exercise(lost)},
            reason=text,
            status=outcomes.CRASHED,
            repairs=(text,),
            needs_review=(text,),
        )
        figure = Figure("perceptron", "train", LEARNED, None, text)
        return page_of(record, drawn={"perceptron": figure}, student=text)

    harmless = {tag for tag, _, _ in Elements(page("plain")).found}
    elements = Elements(page(text))
    assert {tag for tag, _, _ in elements.found} <= harmless | {"code"}  # between backticks
    assert [
        name for _, at, _ in elements.found for name in at if name.startswith("on") or name in ("style", "srcdoc")
    ] == []
    links = [
        value for _, at, _ in elements.found for name, value in at.items() if name in ("href", "src", "xlink:href")
    ]
    assert [link for link in links if not link.startswith(("#", "data:,"))] == []
    assert visible(text) in "".join(elements.texts("title"))


def test_what_stands_between_backticks_is_code_and_an_odd_one_is_itself():
    assert spans("call `f` and `g<b>`") == "call <code>f</code> and <code>g&lt;b&gt;</code>"
    assert spans("one ` only <b>") == "one ` only &lt;b&gt;"


# --- the command --------------------------------------------------------------------------------------


@pytest.fixture
def graded(tmp_path):
    """Results of two students, of whom nothing is at hand but the records."""
    with Results(tmp_path).opened() as results:
        results.add(notebook("ada", {"train": RIGHT}))
        results.add(notebook("../x", {"train": RIGHT}))
    return tmp_path


def write(folder):
    return write_feedback(Course(KIT), folder, [folder / "nothing"], Settings(), jobs=1, isolation="sandbox")


def test_each_student_of_the_results_gets_a_page_and_those_without_their_notebooks_no_figures(graded):
    written = write(graded)
    assert (written.pages, written.figures) == (2, 0)
    assert written.unplotted == ("../x / perceptron", "ada / perceptron")
    pages = {path.name for path in (graded / "feedback").glob("*.html")} - {"index.html"}
    assert pages == {"ada.html", page_names(["../x"])["../x"]}


def test_the_figures_that_grading_has_kept_need_no_notebook(graded):
    keep_figure(graded, figures_fingerprint(Course(KIT)))
    written = write(graded)
    assert (written.figures, written.unplotted) == (1, ("../x / perceptron",))
    assert "Your passes make the right mistakes: 2, 3, 1, 0." in (graded / "feedback" / "ada.html").read_text()


def test_a_figure_that_another_figures_py_asked_for_is_not_shown(graded):
    keep_figure(graded, "another")
    assert write(graded).figures == 0


def keep_figure(graded, made_by):
    """Let ada's record have a figure."""
    with Results(graded).opened() as results:
        (record,) = (record for record in results.records if record.student == "ada")
        figure = FigureRecord("train", made_by, LEARNED.boundary, LEARNED.progress)
        results.add(structs.replace(record, figure=figure))


def test_the_class_report_links_to_the_pages_that_are_there(graded):
    write(graded)
    addresses = pages_at_hand(graded, ["ada", "../x", "nobody"])
    assert set(addresses) == {"ada", "../x"}
    report = (graded / "report.html").read_text()
    assert all(address in report for address in addresses.values())


def test_the_class_report_loses_nothing_that_autograder_report_had_found_out(graded):
    rewrite_report(graded, Beside(code=(CodeRow("ada", "perceptron", "train", "here_is_what_ada_wrote"),)))
    write(graded)
    assert "here_is_what_ada_wrote" in (graded / "report.html").read_text()


def test_without_results_there_is_a_sentence_that_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="run `autograder grade` first"):
        write(tmp_path)


def test_a_link_in_the_place_of_a_page_is_replaced_not_followed(graded):
    (graded / "feedback").mkdir()
    (graded / "precious.txt").write_text("precious")
    (graded / "feedback" / "ada.html").symlink_to(graded / "precious.txt")
    write(graded)
    assert (graded / "precious.txt").read_text() == "precious"
    assert not (graded / "feedback" / "ada.html").is_symlink()


def test_an_index_names_everybody_with_marks_and_links_that_lead_to_pages(graded):
    write(graded)
    index = (graded / "feedback" / "index.html").read_text()
    links = re.findall(r'<th scope="row"><a href="([^"]+)">', index)
    assert len(links) == 2
    assert all((graded / "feedback" / unquote(link)).is_file() for link in links)
    assert "../x" in index


def test_a_page_names_the_course_the_assignment_the_date_and_the_file_that_was_graded():
    changed = datetime(2026, 3, 1, 10, 11, tzinfo=UTC)
    files = {"perceptron": GradedFile("<b>my</b> perceptron (1).ipynb", changed)}
    facts = PageFacts("comp90051", "week06", datetime(2026, 3, 9, 12, 0, tzinfo=UTC), files)
    page = feedback_page("ada", [notebook("ada", {"a": RIGHT})], {}, EXPERIMENTS, facts)
    text = " ".join(shown_text(page).split())
    assert "comp90051, week06. Written on 9 March 2026, 12:00." in text
    assert "Graded: <b>my</b> perceptron (1).ipynb, last changed on 1 March 2026, 10:11." in text
    assert "<b>my" not in page
