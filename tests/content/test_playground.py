"""The notebooks' playground and table of devices: for every state of a student's work, and without a screen."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.grading.class_run import Task
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.submission import Submission

if TYPE_CHECKING:
    from pathlib import Path

COURSE = Course(KIT)
NOTEBOOKS = list(COURSE.notebooks)
WITH_PLAYGROUND = ["logistic_regression", "perceptron"]
SECONDS = 20.0
WIDGET = "application/vnd.jupyter.widget-view+json"
OURS = {
    "drawing", "device_table", "devices",
    "playground_data", "playground_pictures", "playground_frame", "playground",
}  # fmt: skip
NEEDED = OURS | {"imports", "figure_style", "examples"}

SOMEBODY_IS_THERE = """
from types import SimpleNamespace
get_ipython().kernel = SimpleNamespace(get_parent=lambda: {"content": {"allow_stdin": True}})
"""
WITHOUT_IPYWIDGETS = SOMEBODY_IS_THERE + "import sys\nsys.modules['ipywidgets'] = None"


def table_of_devices(text: str) -> dict[str, tuple[str, str]]:
    """Of each function, where its answer lies, and the verdict: beside it, or below it and indented."""
    rows = re.findall(r"^(\w+)\s+(\S+(?:, \S+)*)( +ok$|(?:\n    .*)+)", text, flags=re.MULTILINE)
    return {name: (answer, " ".join(verdict.split())) for name, answer, verdict in rows}


class Shown:
    """What a notebook's playground and table of devices have shown, in a sandboxed worker, as the grader runs them."""

    def __init__(
        self, workers: Any, notebook: str, edits: dict[str, str], folder: Path, before: str, after: str
    ) -> None:
        content = json.loads((folder / f"{notebook}.ipynb").read_text())
        cells = [NotebookCell("before", before)]
        for cell in content["cells"]:
            name = cell["metadata"]["nbgrader"]["grade_id"]
            if name in NEEDED or cell["metadata"]["nbgrader"]["solution"]:
                cells.append(NotebookCell(name, edits.get(name, "".join(cell["source"]))))
        cells.append(NotebookCell("after", after))
        executed = ExecutedNotebook(workers, cells, SECONDS, keep_outputs=True)
        executed.worker()
        executed.close()
        self._outputs = {cell.name: executed.outputs[index] for index, cell in enumerate(cells)}
        self.errors = executed.errors

    def text(self, name: str) -> str:
        return "".join(output.get("text", "") for output in self._outputs[name])

    def data(self, name: str) -> dict[str, Any]:
        (data,) = [output["data"] for output in self._outputs[name] if "data" in output] or [{}]
        return data

    def table(self) -> dict[str, tuple[str, str]]:
        """Of each function, where its answer lies, and the verdict."""
        return table_of_devices(self.text("devices"))


@pytest.fixture(scope="module")
def show(workers):
    def make(notebook, edits=None, *, folder=COURSE.source, before="", after=""):
        return Shown(workers, notebook, edits or {}, folder, before, after)

    return make


SAYS = {
    "perceptron": (
        r"In 10 passes your perceptron settles on separable, and on nothing else\. "
        r"From w = 0 the rates 0\.1, 1 and 10 make the same mistakes everywhere\."
    ),
    "logistic_regression": (
        r"After 100 steps with η = 1 the loss of your model is 0\.0\d on separable, 0\.3\d on noisy, 0\.69 on XOR, "
        r"0\.[23]\d on moons, 0\.0\d on XOR with x₁x₂; a guess costs 0\.69\."
    ),
}


@pytest.mark.parametrize(
    ("notebook", "before"),
    [
        pytest.param("perceptron", "", id="nobody_there"),
        pytest.param("perceptron", WITHOUT_IPYWIDGETS, id="no_ipywidgets"),
        pytest.param("logistic_regression", WITHOUT_IPYWIDGETS, id="no_ipywidgets_either", marks=pytest.mark.thorough),
    ],
)
def test_without_controls_a_picture_and_a_sentence_make_the_points(show, notebook, before):
    shown = show(notebook, before=before)
    assert shown.errors == {}
    sentence, controls = shown.text("playground").splitlines()
    assert re.fullmatch(SAYS[notebook], sentence)
    assert "`pip install ipywidgets`" in controls
    assert shown.data("playground")["text/plain"] == sentence
    assert shown.data("playground")["image/png"].startswith("iVBOR")
    assert WIDGET not in shown.data("playground")


LOOK = """
def caption():
    print(picture.value.split("<p>")[-1].removesuffix("</p>"))

top, bottom, picture = make_controls(find_widgets()).children
data, eta, rest = top.children
ticker, step, slider = bottom.children
"""


def test_the_perceptrons_controls_move_the_picture(show):
    play = (
        LOOK
        + """
caption()
data.value = "XOR"
step.click(); step.click(); caption()
eta.value = 10.0; caption()
rest.children[1].value = False; caption()
slider.value = slider.max; caption()
"""
    )
    shown = show("perceptron", before=SOMEBODY_IS_THERE, after=play)
    assert shown.errors == {}
    assert {WIDGET, "image/png"} <= shown.data("playground").keys()  # the picture is for who cannot show the controls
    start, two, ten_times, elsewhere, end = shown.text("after").splitlines()
    assert start == "separable, η = 1, mistakes made: 0; 20 of 40 examples are on the wrong side."
    assert two.startswith("XOR, η = 1, mistakes made: 2; ")
    assert ten_times == two.replace("η = 1", "η = 10")
    assert elsewhere != ten_times
    assert end.endswith("and it has not settled.")


@pytest.mark.thorough
def test_the_logistic_regressions_controls_move_the_picture(show):
    play = (
        LOOK
        + """
data.value = "XOR"
step.click(); caption()
slider.value = 50; caption()
rest.value = True; caption()
"""
    )
    shown = show("logistic_regression", before=SOMEBODY_IS_THERE, after=play)
    assert shown.errors == {}
    assert {WIDGET, "image/png"} <= shown.data("playground").keys()  # the picture is for who cannot show the controls
    one, fifty, with_the_product = shown.text("after").splitlines()
    assert one.startswith("XOR, η = 1, step 1: the loss is 0.6")
    assert fifty.startswith("XOR, η = 1, step 50: the loss is 0.68")
    assert with_the_product.startswith("XOR with x₁x₂, η = 1, step 50: the loss is 0.01")
    assert with_the_product.endswith("and 0 of 40 examples are on the wrong side.")


def test_a_function_that_breaks_while_one_plays_becomes_a_sentence_and_one_that_is_mended_plays_on(show):
    play = (
        LOOK
        + """
mended = update
def update(w, x, y, eta=1.0):
    raise ValueError("<b>no")
step.click(); caption()
update = mended
slider.value = slider.max; caption()
"""
    )
    shown = show("perceptron", before=SOMEBODY_IS_THERE, after=play)
    assert shown.errors == {}
    broken, mended = shown.text("after").splitlines()
    assert broken == "The playground cannot play with your predict and update yet (ValueError: &lt;b&gt;no)."
    assert mended.endswith("0 of 40 examples are on the wrong side, and a whole pass had no mistake: it stops.")


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_in_the_release_the_cells_say_that_nothing_is_written_yet(show, notebook):
    shown = show(notebook, folder=COURSE.release, before=SOMEBODY_IS_THERE)
    assert shown.errors == {}
    verdicts = {verdict for _, verdict in shown.table().values()}
    assert "not written yet" in verdicts
    assert all(re.fullmatch(r"not written yet|waits for `\w+`, which is not written yet", each) for each in verdicts)
    if notebook in WITH_PLAYGROUND:
        assert shown.text("playground").endswith("when they are written, run this cell again.\n")
        assert shown.data("playground") == {}


WRONG = {
    "returns_none": ("    pass", "not"),
    "raises": ("    raise RuntimeError('first line\\nsecond line')", "(RuntimeError: first line)"),
    "answers_nan": ("    return NAN", "finite"),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    ("notebook", "exercise", "definition", "nan"),
    [
        ("perceptron", "update", "def update(w, x, y, eta=1.0):", "w * float('nan')"),
        ("logistic_regression", "train", "def train(model, X, y, lr, epochs):", "[float('nan')] * epochs"),
    ],
)
def test_a_wrong_function_gives_a_sentence_and_no_traceback(show, notebook, exercise, definition, nan, wrong):
    body, says = WRONG[wrong]
    shown = show(notebook, {exercise: f"{definition}\n{body.replace('NAN', nan)}"}, before=SOMEBODY_IS_THERE)
    assert shown.errors == {}
    (sentence,) = shown.text("playground").splitlines()
    assert sentence.startswith("The playground cannot play with your ")
    assert says in sentence
    assert shown.data("playground") == {}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_table_of_devices_finds_nothing_wrong_with_the_solutions(show, notebook):
    shown = show(notebook, {"playground": ""})
    makes_no_tensor_of_a_tensor = {"tensors_of_each_rank", "sum_requires_grad"}
    assert shown.errors == {}
    assert shown.table().keys() == COURSE.notebooks[notebook].exercises.keys() - makes_no_tensor_of_a_tensor
    assert set(shown.table().values()) == {("cpu", "ok")}


FROM_ZEROS_ANYWHERE = """
def train(X, y, w=None, eta=1.0, epochs=1):
    w = torch.zeros(X.shape[1]) if w is None else w
    for x_t, y_t in zip(X, y):
        w = update(w, x_t, y_t, eta)
    return w, [0]
"""


def test_a_tensor_made_on_the_default_device_is_found_without_a_gpu(show):
    shown = show("perceptron", {"train": FROM_ZEROS_ANYWHERE, "playground": ""})
    table = shown.table()
    assert table.pop("train") == ("cpu", "makes a tensor without saying where")
    assert set(table.values()) == {("cpu", "ok")}


def test_an_error_of_a_function_is_one_line_of_the_table(show):
    shown = show("perceptron", {"margin": "def margin(w, X, y):\n    raise ValueError('one\\ntwo')", "playground": ""})
    assert shown.errors == {}
    assert shown.table()["margin"] == ("–", "ValueError: one")


ON_ANOTHER_DEVICE = """
import json, sys
from autograder import sim
sim.enable()
for notebook in json.loads(sys.argv[1]):
    namespace = {}
    for source in notebook:
        exec(source.replace('device="cuda"', 'device="sim"'), namespace)
"""


@pytest.mark.thorough
def test_the_table_of_devices_on_a_device_that_is_not_the_cpu():
    notebooks = []
    for name, plan in COURSE.notebooks.items():
        keep = [c for c in plan.cells if c.solution or c.name in {"imports", "examples", "device_table", "devices"}]
        notebooks.append([c.source for c in keep])
        if name == "perceptron":
            notebooks.append([FROM_ZEROS_ANYWHERE if c.name == "train" else c.source for c in keep])
    done = subprocess.run(
        [sys.executable, "-c", ON_ANOTHER_DEVICE, json.dumps(notebooks)],
        cwd=KIT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    _, *tables = done.stdout.split("CUDA is here:\nthe inputs lie on sim:0.\n")
    rows = [(name, *row) for text in tables for name, row in table_of_devices(text).items()]
    ((name, answer, verdict),) = [row for row in rows if row[1:] != ("sim:0", "ok")]
    assert (len(tables), len(rows)) == (5, 6 + 5 + 5 + 5 + 7)
    assert (name, answer) == ("train", "–")
    assert "device" in verdict


def test_what_several_notebooks_share_is_the_same_in_each():
    cells = {name: {cell.name: cell.source for cell in plan.cells} for name, plan in COURSE.notebooks.items()}
    assert len({cells[name]["about_devices"] for name in NOTEBOOKS}) == 1
    assert len({cells[name]["device_table"] for name in NOTEBOOKS}) == 1
    assert len({cells[name]["playground_data"] for name in WITH_PLAYGROUND}) == 1
    assert len({cells[name]["playground_frame"] for name in WITH_PLAYGROUND}) == 1


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_cells_are_locked_demonstrations_and_no_part_of_the_module(notebook):
    plan = COURSE.notebooks[notebook]
    ours = [cell for cell in plan.cells if cell.name in OURS]
    assert ours
    assert all(cell.locked and cell.demonstration and not cell.points for cell in ours)
    assert "playground" not in vars(COURSE.reference(notebook))


@pytest.mark.parametrize("folder", [pytest.param("source", marks=pytest.mark.thorough), "release"])
def test_the_grader_shows_the_playground_where_demonstrations_are_asked_for(grade, folder):
    path = KIT / folder / "week06" / "perceptron.ipynb"
    names = [cell["metadata"]["nbgrader"]["grade_id"] for cell in json.loads(path.read_text())["cells"]]
    done = grade.task(Task(Submission("s01", "perceptron", path), grade=False, show=True, demonstrations=True))
    assert done.fault == ""
    for name in ("devices", "playground"):
        kinds = [output["output_type"] for output in done.shown[names.index(name)]]
        assert "error" not in kinds
    assert ("display_data" in kinds) is (folder == "source")
