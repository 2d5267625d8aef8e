"""A student's hour with the released notebooks: whatever is written of them, and in whatever order it is run."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from autograder.author.samples import edited
from autograder.errors import CheckFailure
from autograder.faces.html.feedback import feedback_page
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.assignment.demonstrations import bound
from autograder.trusted.assignment.plan import read_plan
from autograder.trusted.comparing import compare
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.grading.visible_tests import execute_whole, visible_records
from autograder.trusted.results import outcomes
from autograder.trusted.results.records import CheckRecord, ExerciseRecord, NotebookRecord
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.notebook import read_notebook

if TYPE_CHECKING:
    from collections.abc import Iterable

COURSE = Course(KIT)
ORDER = ["tensor_ops", "chain_rule", "perceptron", "logistic_regression"]
EVERY_DAY = [pytest.param(name, marks=() if name == "chain_rule" else pytest.mark.thorough) for name in ORDER]
SECONDS = 20.0
LAPTOP = 71  # characters of a line that JupyterLab shows at 1024 px beside its files, and at 768 px without them
TELEPHONE = 32  # characters of a line of output that it shows at 390 px
FIRST = {"tensor_ops": "affine", "chain_rule": "forward", "perceptron": "activation", "logistic_regression": "sigmoid"}


def cells_of(name: str, folder: Any = COURSE.release) -> list[Any]:
    return nbformat.read(folder / f"{name}.ipynb", as_version=4).cells


def code_of(name: str, edits: dict[str, str] | None = None, folder: Any = COURSE.release) -> list[NotebookCell]:
    code = [cell for cell in cells_of(name, folder) if cell.cell_type == "code"]
    return [NotebookCell(cell_id(cell), (edits or {}).get(cell_id(cell), cell.source)) for cell in code]


def cell_id(cell: Any) -> str:
    return cell.metadata.nbgrader.grade_id


def exercises(name: str) -> list[str]:
    return list(COURSE.notebooks[name].exercises)


def solutions(name: str) -> dict[str, str]:
    return {cell.name: cell.source for cell in COURSE.notebooks[name].cells if cell.solution}


class Run:
    """What cells have shown, after they ran in this order in a worker."""

    def __init__(self, workers: Any, cells: Iterable[NotebookCell]) -> None:
        self.cells = list(cells)
        executed = ExecutedNotebook(workers, self.cells, SECONDS, keep_outputs=True)
        executed.worker()
        executed.close()
        self.errors = executed.errors
        self.outputs = executed.outputs

    def text(self, name: str) -> str:
        """What the last cell of a name has printed, or the error that it shows."""
        index = max(index for index, cell in enumerate(self.cells) if cell.name == name)
        return "".join(each.get("text", "") or "\n".join(each.get("traceback", [])) for each in self.outputs[index])

    def table(self) -> dict[str, tuple[str, str, str]]:
        """Of each exercise in the table at the end, its mark, its points and what is said of it."""
        rows = re.findall(r"^(\S) (\w+) \((\d+)\)((?:\n    .*)*)$", self.text("progress"), flags=re.MULTILINE)
        return {name: (mark, points, " ".join(said.split())) for mark, name, points, said in rows}


# --- restart kernel and run all ---------------------------------------------------------------------


@pytest.mark.parametrize("name", ORDER)
def test_every_cell_that_may_raise_is_tagged_so_that_running_all_goes_on(name):
    for cell in cells_of(name):
        if cell.cell_type == "code":
            marked = "raises-exception" in cell.metadata.get("tags", [])
            assert marked is (cell.metadata.nbgrader.solution or cell.metadata.nbgrader.grade), cell_id(cell)


@pytest.mark.parametrize("written", ["none", "one", "all but one", "all"])
@pytest.mark.parametrize("name", EVERY_DAY)
def test_only_cells_that_may_raise_do_so_however_much_is_written(workers, name, written):
    one = FIRST[name]
    edits = {
        each: source
        for each, source in solutions(name).items()
        if written == "all" or (written == "one" and each == one) or (written == "all but one" and each != one)
    }
    run = Run(workers, code_of(name, edits))
    tests = {f"test_{each}" for each in exercises(name)}
    assert run.errors.keys() <= tests
    passed = {f"test_{each}" for each, (mark, _, _) in run.table().items() if mark == "✓"}
    assert passed == tests - run.errors.keys()
    assert (f"test_{one}" in passed) is (written in ("one", "all"))
    if written != "all but one":
        assert len(passed) == {"none": 0, "one": 1, "all": len(tests)}[written]
    worth = {each: f"{exercise.points:g}" for each, exercise in COURSE.notebooks[name].exercises.items()}
    assert {each: points for each, (_, points, _) in run.table().items()} == worth
    reach = sum(int(worth[each.removeprefix("test_")]) for each in passed)
    assert f"{len(passed)} of {len(tests)} pass:\n{reach} of 25 points are in reach.\n" in run.text("progress")


@pytest.mark.thorough
@pytest.mark.parametrize("written", [0, 1, 5])
@pytest.mark.filterwarnings("ignore")
def test_a_fresh_kernel_runs_all_cells_to_the_end(written, tmp_path):
    edits = dict(list(solutions("perceptron").items())[:written])
    notebook = nbformat.reads(edited(COURSE.release / "perceptron.ipynb", edits), as_version=4)
    NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": tmp_path}}).execute()
    code = {cell_id(cell): cell for cell in notebook.cells if cell.cell_type == "code"}
    assert all(cell.execution_count for cell in code.values())
    assert f"{written} of 5 pass" in printed(code["progress"])
    shown = [code[f"test_{name}"].outputs[0] for name in exercises("perceptron")]
    assert [each.output_type for each in shown] == ["stream"] * written + ["error"] * (5 - written)
    for name, each in zip(exercises("perceptron")[written:], shown[written:], strict=True):
        (line,) = each.traceback  # and no more than that
        assert line.startswith(f"{name} (") and line.endswith("): not written yet")
    figures = [cell for name, cell in code.items() if name.startswith("figure_") and name != "figure_style"]
    waiting = [printed(cell) for cell in figures if printed(cell)]
    assert len(waiting) == {0: 4, 1: 3, 5: 0}[written]
    assert all(re.fullmatch(r"This waits for `\w+`, which is not written yet\.\n", line) for line in waiting)


def printed(cell: Any) -> str:
    """What a cell of an executed notebook has printed; a busy kernel sends it in pieces."""
    return "".join(each.text for each in cell.outputs if each.output_type == "stream")


@pytest.mark.parametrize("name", EVERY_DAY)
def test_locked_cells_may_run_again_in_any_order(workers, name):
    cells = code_of(name, folder=COURSE.source)
    authors = [cell for cell in cells if cell.name not in exercises(name) and cell.name != "playground"]
    again = random.Random(name).sample(authors, len(authors))
    run = Run(workers, [*cells, *again, authors[-1]])
    assert run.errors == {}
    assert {mark for mark, _, _ in run.table().values()} == {"✓"}
    assert not [cell.name for cell in again if "waits for" in run.text(cell.name)]


@pytest.mark.parametrize("name", ORDER)
def test_locked_cells_share_no_name_with_each_other_or_with_the_exercises(name):
    owners: dict[str, str] = dict.fromkeys(exercises(name), "an exercise")
    for cell in COURSE.notebooks[name].cells:
        if cell.kind != "code" or cell.solution or cell.name in {"example_forward", "example_accumulation"}:
            continue  # the worked example is one story in three cells
        for found in {each for statement in ast.parse(cell.source).body for each in bound(statement)}:
            assert found not in owners, f"{found} is bound by {cell.name} and by {owners[found]}"
            owners[found] = cell.name
    alone = [each for each in owners if len(each) == 1]
    assert alone == [], "a name of one letter is a student's"


def test_running_the_worked_examples_cells_again_raises_nothing(workers):
    names = ["example_forward", "example_backward", "example_backward", "example_accumulation", "example_backward"]
    cells = {cell.name: cell for cell in code_of("chain_rule")}
    assert Run(workers, [cells["imports"], *(cells[each] for each in names)]).errors == {}


# --- what the examples say --------------------------------------------------------------------------

NO_RETURN = [(name, each) for name in ORDER for each in exercises(name) if each != "gradient_step"]


def without_return(name: str, exercise: str) -> str:
    """The solution of an exercise, that computes all and returns nothing."""
    tree = ast.parse(solutions(name)[exercise])

    class Forgetful(ast.NodeTransformer):
        def visit_Return(self, node: ast.Return) -> Any:
            return ast.Expr(node.value or ast.Constant(None))

    return ast.unparse(ast.fix_missing_locations(Forgetful().visit(tree)))


@pytest.mark.parametrize("name", ORDER)
def test_a_forgotten_return_is_told_as_such_by_every_example(workers, name):
    for notebook, exercise in NO_RETURN:
        if notebook != name:
            continue
        edits = {exercise: without_return(name, exercise)}
        cells = [
            cell
            for cell in code_of(name, edits, COURSE.source)
            if cell.name in {"imports", "figure_style", "examples", "progress", f"test_{exercise}", *exercises(name)}
        ]
        run = Run(workers, cells)
        said = run.text(f"test_{exercise}")
        assert "not None (is a `return` missing?)." in said, said
        mark, _, line = run.table()[exercise]
        assert (mark, line[:8]) == ("✗", "not yet.")


@pytest.fixture(scope="module")
def helper():
    """What the cell of examples defines, in a namespace as of a notebook."""
    (source,) = {cell.source for name in ORDER for cell in code_of(name) if cell.name == "examples"}
    namespace: dict[str, Any] = {"torch": torch, "Tensor": torch.Tensor}
    exec(source, namespace)
    return namespace


def said_by(ask: Any, *arguments: Any, **keywords: Any) -> str:
    with pytest.raises((AssertionError, CheckFailure)) as caught:
        ask(*arguments, **keywords)
    return str(caught.value)


ONE, TWO = torch.tensor([1.0]), torch.tensor([1.0, 2.0])
ALIKE = [None, 1.0, [1.0, 2.0], (1, 2), True, "text", {}, np.ones(2), np.float32(1), torch.nn.Parameter(TWO), ONE]


@pytest.mark.parametrize("received", [*ALIKE, TWO.double(), TWO[None], TWO.int(), TWO / 0, TWO * torch.nan])
@pytest.mark.parametrize("what", ["f(s)", "The new weights", "The loss of two examples", "What predict returns"])
def test_a_wrong_type_shape_dtype_or_infinity_is_told_in_the_hidden_checks_words(helper, received, what):
    mine = said_by(helper["Expect"]("predict"), received, TWO, what)
    theirs = said_by(compare.exactly, received, TWO, what)
    assert mine == theirs.replace("(…,)", str(tuple(getattr(received, "shape", ())))).replace("…", "2")


@pytest.mark.parametrize("what", ["f(s)", "The new weights", "The loss of two examples", "The sums for b = 0"])
def test_a_wrong_value_is_told_so_too_and_then_the_values(helper, what):
    mine = said_by(helper["Expect"]("predict"), torch.tensor([1.0, 3.0]), TWO, what, "Look.")
    beginning, why = said_by(compare.exactly, torch.tensor([1.0, 3.0]), TWO, what, why="Look.").split(" Look")
    it = "They" if " are " in beginning else "It"
    assert mine == f"{beginning} {it} should be (1, 2), not (1, 3). Look{why}"


@pytest.mark.parametrize(
    ("received", "expected"),
    [(None, [1]), ((1,), [1]), ([1.0], [1]), ([True], [1]), ([1, 2], [1]), (1, True), (torch.ones(1), [1])],
)
def test_plain_values_are_asked_for_in_the_same_words(helper, received, expected):
    mine = said_by(helper["Expect"]("train"), received, expected, "The list of mistakes")
    theirs = said_by(compare.same, received, expected, "The list of mistakes")
    first = mine.replace("of 1 items, ", ", ").replace("1 items", "1 item").replace("not 2.", "not more.")
    assert first == theirs


def test_a_tuple_of_another_length_is_told_in_the_same_words(helper):
    expect = helper["Expect"]("forward")
    for received in (None, [1, 2], TWO, (1,)):
        theirs = said_by(compare.items, received, 2, "What forward returns, (u, f),")
        mine = said_by(expect.items, received, 2, "What forward returns, (u, f),")
        assert mine == theirs.replace("not fewer.", "not 1.")


def test_another_device_is_told_in_the_same_words(helper):
    mine = said_by(helper["Expect"]("predict"), TWO.to("meta"), TWO, "The labels")
    assert mine == (
        "What `predict` returns lies on the device meta, though what it was given lies on the CPU: "
        "it should follow its arguments."
    )


def test_a_gradient_that_is_cut_is_told_as_such(helper):
    expect = helper["Expect"]("double_until")
    x = TWO.clone().requires_grad_()
    for answer in (x.detach() * 2, torch.zeros(2, requires_grad=True) * 2):
        mine = said_by(expect.gradient, answer, x, "The gradient of the sum")
        theirs = said_by(compare.alike, None, TWO, "The gradient of the sum")
        assert mine.startswith(theirs)
        assert ".detach()" in mine


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return (X - X.mean(0)) / X.std(0)", "divide by n, not by n - 1"),
        ("return X - X", "not (0, 0)."),
        ("return (X - X.mean(0)) / X.std(0, correction=0)", "there is NaN"),
    ],
)
def test_standardizes_example_says_divide_by_n_only_to_who_does_not(workers, body, told):
    edits = {"standardize": f"def standardize(X):\n    {body}"}
    kept = {"imports", "figure_style", "examples", "standardize", "test_standardize"}
    run = Run(workers, [cell for cell in code_of("tensor_ops", edits) if cell.name in kept])
    said = run.text("test_standardize")
    assert told in said
    assert ("n - 1" in said) is ("n - 1" in told)


def test_an_exercise_that_waits_for_another_says_for_which(workers):
    edits = {each: source for each, source in solutions("perceptron").items() if each != "activation"}
    run = Run(workers, code_of("perceptron", edits))
    assert run.table()["activation"][2] == "not written yet"
    for each in ("predict", "update", "train"):
        assert run.table()[each][2] == "waits for `activation`, which is not written yet"
    assert run.table()["margin"] == ("✓", "4", "")
    assert run.text("figure_updates") == "This waits for `activation`, which is not written yet.\n"


def test_a_figure_of_a_wrong_function_is_a_line_and_no_half_drawn_picture(workers):
    run = Run(workers, code_of("perceptron", solutions("perceptron") | {"train": "def train(*_, **__):\n    return 5"}))
    assert run.text("figure_mistakes").startswith("This waits for a right `train`: not yet. TypeError: ")
    shown = {cell.name: run.outputs[index] for index, cell in enumerate(run.cells)}
    assert [each["output_type"] for each in shown["figure_mistakes"]] == ["stream"]


# --- the page itself --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ORDER)
def test_the_title_says_the_order(name):
    first = cells_of(name)[0].source.splitlines()[0]
    assert first.endswith(f"*({ORDER.index(name) + 1} of 4)*")
    assert f"`{name}`" in (KIT / "README.md").read_text()


@pytest.mark.parametrize("name", ORDER)
def test_what_draws_is_collapsed_and_what_is_read_fits_a_laptop(name):
    cells = [cell for cell in cells_of(name) if cell.cell_type == "code"]
    for cell in cells:
        collapsed = cell.metadata.get("jupyter", {}).get("source_hidden", False)
        assert collapsed is ("hide-input" in cell.metadata.get("tags", []))
        assert collapsed or "plt." not in cell.source
        if not collapsed:
            assert max(map(len, cell.source.splitlines())) <= LAPTOP, cell_id(cell)
        if cell.metadata.nbgrader.solution or cell.metadata.nbgrader.grade:
            assert not collapsed
    assert (cell_id(cells[-1]), cells[-1].metadata.nbgrader.locked) == ("progress", True)
    assert cells_of(name)[-1] is not None and cell_id(cells_of(name)[-1]) == "progress"


def test_the_readmes_line_installs_all_that_the_notebooks_import():
    (line,) = re.findall(r"^    pip install (.*)$", (KIT / "README.md").read_text(), flags=re.MULTILINE)
    imported = {"jupyterlab"}
    for name in ORDER:
        for cell in code_of(name):
            for node in ast.walk(ast.parse(cell.source)):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom):
                    imported.add(str(node.module).partition(".")[0])
    assert set(line.split()) == imported - sys.stdlib_module_names - {"IPython"}  # which JupyterLab brings


@pytest.mark.parametrize("name", ORDER)
def test_menus_and_promises_are_true(name):
    text = "\n".join(cell.source for cell in cells_of(name) if cell.cell_type == "markdown")
    assert "*Kernel → Restart Kernel and Run All Cells…*" in text
    assert "Restart & Run All" not in text
    assert "next cell calls" not in text


def fails_at_length():
    raise ValueError(f"a sentence of many words, and {'x' * 40}, " * 3)


@pytest.mark.parametrize("answer", [lambda: None, fails_at_length], ids=["right", "wrong"])
@pytest.mark.parametrize("name", ORDER)
def test_the_lines_of_the_tables_fit_a_telephone(name, answer, capsys):
    sources = {cell.name: cell.source for cell in code_of(name)}
    namespace: dict[str, Any] = {"torch": torch, "Tensor": torch.Tensor}
    exec(sources["examples"] + "\n" + sources["device_table"], namespace)
    namespace |= {"EXAMPLES": dict.fromkeys(exercises(name), answer), "find_device": lambda: "cuda:0"}
    namespace["whereabouts"] = lambda _: {"cuda:0"}  # the longest name of a device that students meet
    namespace["show_progress"](**dict.fromkeys(exercises(name), 4))
    namespace["show_devices"](lambda _: dict.fromkeys(exercises(name), answer))
    lines = capsys.readouterr().out.splitlines()
    assert sum(exercise in line for line in lines for exercise in exercises(name)) >= 2 * len(exercises(name))
    assert [line for line in lines if len(line) > TELEPHONE] == []


@pytest.mark.thorough
def test_the_examples_run_as_tests_of_pytest(tmp_path):
    edits = {"activation": solutions("perceptron")["activation"], "margin": "def margin(w, X, y):\n    pass"}
    (tmp_path / "perceptron.ipynb").write_text(edited(COURSE.release / "perceptron.ipynb", edits))
    convert = [sys.executable, "-m", "nbconvert", "--to", "python", "perceptron.ipynb"]
    subprocess.run(convert, cwd=tmp_path, check=True, capture_output=True)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:autograder", "--tb=line", "perceptron.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=os.environ | {"PYTEST_ADDOPTS": ""},
    )  # fmt: skip
    assert "4 failed, 1 passed" in done.stdout, done.stdout
    assert "The margin should be a tensor, not None (is a `return` missing?)." in done.stdout


@pytest.mark.parametrize(("outcome", "called"), [(outcomes.PASSED, True), (outcomes.NOT_ATTEMPTED, False)])
def test_only_whose_functions_were_called_is_told_so(outcome, called):
    exercise = ExerciseRecord(0.0, 4.0, (CheckRecord("a", "A sentence.", outcome, 4.0),))
    record = NotebookRecord("kim", "week06", "perceptron", outcomes.GRADED, 0.0, 4.0, 0.1, {"activation": exercise})
    assert ("functions were called" in feedback_page("kim", [record], {}, {})) is called


def test_who_handed_in_nothing_is_not_told_that_functions_were_called():
    missing = NotebookRecord("kim", "week06", "perceptron", outcomes.MISSING, 0.0, 25.0, 0.0, reason="It is not there")
    assert "functions were called" not in feedback_page("kim", [missing], {}, {})


def test_a_course_without_hidden_checks_judges_by_the_same_examples(workers):
    plan = read_plan(COURSE.release / "perceptron.ipynb", whole=True)
    edits = {
        "activation": solutions("perceptron")["activation"],
        "predict": "def predict(w, X):\n    activation(X @ w)",
        "update": "def update(w, x, y, eta=1.0):\n    return w.nonsense",
    }
    content = edited(COURSE.release / "perceptron.ipynb", edits).encode()
    submitted = read_notebook(content, plan, plan.stubs, demonstrations=True)
    records = visible_records(plan, submitted, execute_whole(workers, plan, submitted, SECONDS))
    came = {name: (record.earned, record.checks[0].outcome) for name, record in records.items()}
    assert came == {
        "activation": (4.0, outcomes.PASSED),
        "predict": (0.0, outcomes.FAILED),
        "update": (0.0, outcomes.RAISED),
        "train": (0.0, outcomes.NOT_ATTEMPTED),
        "margin": (0.0, outcomes.NOT_ATTEMPTED),
    }


# --- what it costs a grader, and what it cannot do ----------------------------------------------------


@pytest.mark.parametrize("name", ORDER)
def test_a_grader_runs_none_of_the_examples_figures_and_tables(name):
    plan = COURSE.notebooks[name]
    ours = [each for each in plan.locked if each.startswith(("test_", "figure_")) or each == "progress"]
    ours.remove("figure_style")
    text = "\n".join(plan.definitions.get(each, "") for each in ours)
    assert not re.search(r"^@|def test_|def figure_|show_progress", text, flags=re.MULTILINE)
    stubs = {exercise: solutions(name)[exercise] for exercise in exercises(name)}
    read = read_notebook((COURSE.release / f"{name}.ipynb").read_bytes(), plan, stubs)
    assert {cell.name for cell in read.cells} == {"imports", *exercises(name)}


def test_examples_that_a_student_has_merged_into_the_cell_above_are_left_out():
    content = json.loads((COURSE.source / "perceptron.ipynb").read_text())
    test = next(c for c in content["cells"] if c["metadata"]["nbgrader"]["grade_id"] == "test_update")
    work = next(c for c in content["cells"] if c["metadata"]["nbgrader"]["grade_id"] == "update")
    content["cells"].remove(test)
    work["source"] = "".join(work["source"]) + "\n\n" + "".join(test["source"])
    stubs = {cell.name: cell.source for cell in COURSE.notebooks["perceptron"].cells if cell.solution}
    read = read_notebook(json.dumps(content).encode(), COURSE.notebooks["perceptron"], stubs)
    assert not [cell for cell in read.cells if "examples_of" in cell.source]
    assert [cell.name for cell in read.cells if "def update" in cell.source] == ["update"]
