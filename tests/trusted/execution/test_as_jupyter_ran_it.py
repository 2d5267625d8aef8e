"""A notebook is run as Jupyter ran it: what honest students really write costs no mark."""

from __future__ import annotations

import json
import sys

import pytest

from autograder.author.samples import edited


@pytest.fixture
def changed(course):
    """The right answer to an exercise, with a part of its text replaced."""

    def text(notebook, exercise, part, by):
        source = course.notebooks[notebook].stubs[exercise]
        assert part in source
        return source.replace(part, by)

    return text


@pytest.fixture
def with_last_cells(course, grade, tmp_path):
    """Grades a solved notebook with code cells behind all others."""

    def graded(notebook, *sources, edits=None):
        original = course.source / f"{notebook}.ipynb"
        content = json.loads(edited(original, edits or {}))
        content["cells"] += [
            {
                "cell_type": "code",
                "metadata": {},
                "source": source,
                "outputs": [],
                "execution_count": None,
                "id": f"z{k}",
            }
            for k, source in enumerate(sources)
        ]
        path = tmp_path / f"{notebook}.ipynb"
        path.write_text(json.dumps(content))
        return grade.file(path, notebook)

    return graded


@pytest.mark.parametrize(("exercise", "part"), [("sigmoid", "    return"), ("train", "    return losses")])
def test_an_import_at_the_top_of_a_solution_cell_is_there(grade, changed, exercise, part):
    source = changed("logistic_regression", exercise, part, f"    assert math.pi > 3\n{part}")
    assert grade("logistic_regression", {exercise: f"import math\n\n{source}"}).earned == 25


@pytest.mark.parametrize("line", ["plt.plot(mistakes)", "assert BLUE and follow and X_cloud.shape == (100, 3)"])
def test_what_the_courses_figures_define_is_there(grade, changed, line):
    part = "    return w.detach(), mistakes"
    record = grade("perceptron", {"train": changed("perceptron", "train", part, f"    {line}\n{part}")})
    assert record.earned == 25, record


@pytest.mark.parametrize(
    "last",
    [
        "predict = predict(torch.ones(3), torch.ones(2, 3))",
        "X = torch.ones(2, 3)\npredict = predict(torch.ones(3), X)\nupdate = 5\nprint(predict)",
        "%reset -f",
        "del train",
        "del torch, update",
        "train = 5\nmargin = [train]",
        "for predict in range(3):\n    pass",
        "exec('update = None')",
        "globals().clear()",
        "activation = torch.tensor(1.0)\nimport math as margin",
    ],
)
def test_a_name_that_a_last_cell_takes_away_costs_nothing_and_is_told(with_last_cells, last):
    record = with_last_cells("perceptron", last)
    assert record.earned == 25, record
    assert record.repairs
    assert all(said.startswith("In cell ") and "bound to something else" in said for said in record.repairs)
    assert record.needs_review == ()


@pytest.mark.parametrize("last", ["from torch.nn.functional import *", "from torch import sigmoid\nx = 1"])
def test_a_librarys_function_that_is_imported_over_the_students_is_not_graded(with_last_cells, last):
    record = with_last_cells("logistic_regression", f"{last}\n")
    assert record.earned == 25, record


def test_a_name_that_is_rebound_in_its_own_cell_is_graded_by_its_definition(grade, course):
    source = course.notebooks["perceptron"].stubs["predict"]
    record = grade("perceptron", {"predict": f"{source}\npredict = predict(torch.ones(3), torch.ones(2, 3))"})
    assert record.earned == 25, record


def test_a_function_that_the_notebook_defines_or_wraps_last_is_the_one_that_counts(with_last_cells):
    wrong = "def update(w, x, y, eta=1.0):\n    return w\n"
    assert with_last_cells("perceptron", wrong).exercises["update"].earned < 6
    wrapped = "import functools\nupdate = functools.partial(lambda *arguments: arguments[0])\n"
    assert with_last_cells("perceptron", wrapped).exercises["update"].earned < 6


def test_a_stub_that_is_answered_by_a_librarys_function_is_not_put_back(grade, course):
    answer = "z = 1\nto_numpy = torch.Tensor.numpy\n"
    record = grade("tensor_ops", {"sum_requires_grad": answer}, start="release")
    assert [check.outcome for check in record.exercises["to_numpy"].checks] != ["not attempted"] * 2
    assert any(check.outcome == "passed" for check in record.exercises["to_numpy"].checks)


@pytest.mark.parametrize("hide", ["sigmoid = 5\n", "del sigmoid\nx = 1", "if False:\n    sigmoid = len\n"])
def test_a_short_cut_is_found_though_its_name_is_bound_to_something_else_in_the_end(with_last_cells, hide):
    short_cut = "def sigmoid(z: Tensor) -> Tensor:\n    return torch.sigmoid(z)"
    plain = with_last_cells("logistic_regression", edits={"sigmoid": short_cut})
    assert plain.exercises["sigmoid"].earned < 4
    hidden = with_last_cells("logistic_regression", hide, edits={"sigmoid": short_cut})
    assert hidden.exercises["sigmoid"].earned == plain.exercises["sigmoid"].earned


@pytest.mark.parametrize(
    "first",
    [
        "import no_such_module as sns",
        "import no_such_module, math",
        "from no_such_module.deep import thing",
        "import math; import no_such_module; import json",
        "%matplotlib inline\nimport no_such_module",
        "%matplotlib inline\nimport math, no_such_module, json",
        "try:\n    import no_such_module\nfinally:\n    y = 1",
    ],
)
def test_a_module_that_this_machine_lacks_stops_only_its_own_import(grade, changed, first):
    source = changed("perceptron", "update", "    return w + eta", "    assert nn.Linear\n    return w + eta")
    record = grade("perceptron", {"update": f"{first}\nimport torch.nn as nn\n\n{source}"})
    assert record.earned == 25, record
    (said,) = record.needs_review
    assert said.startswith("The cell `update` imports `no_such_module")
    assert "which this machine lacks" in said


@pytest.mark.parametrize(
    ("last", "said"),
    [
        ("import nothing_in_it", ["The cell `update` imports `nothing_in_it`, which this machine cannot load"]),
        ("from math import nothing_in_it", []),  # its author's own slip
    ],
)
def test_a_module_whose_library_cannot_be_loaded_is_looked_at_by_a_person(grade, course, last, said):
    source = course.notebooks["perceptron"].stubs["update"]
    record = grade("perceptron", {"update": f"{source}\nopen('nothing_in_it.abi3.so', 'w').close()\n{last}\n"})
    assert [each.partition(";")[0].replace("lacks or ", "") for each in record.needs_review] == said


def test_a_module_that_a_student_catches_is_not_lacking(grade, course):
    first = "try:\n    import no_such_module\nexcept ImportError:\n    y = 1\n"
    record = grade("perceptron", {"update": f"{first}\n{course.notebooks['perceptron'].stubs['update']}"})
    assert (record.earned, record.needs_review) == (25, ())


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads it")
def test_a_newer_pythons_syntax_is_told_as_such_and_looked_at_by_a_person(course, grade, tmp_path):
    source = course.notebooks["perceptron"].stubs["update"]
    content = json.loads(edited(course.source / "perceptron.ipynb", {"update": f'print(f"{{"a"}}")\n\n{source}'}))
    content["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    path = tmp_path / "perceptron.ipynb"
    path.write_text(json.dumps(content))
    record = grade.file(path, "perceptron")
    assert record.earned == 25 - 6
    (said,) = record.needs_review
    assert said.startswith("The cell `update` is written in the syntax of Python 3.12, which this machine's")
    assert said.endswith("the notebook says Python 3.13.")
    message = record.exercises["update"].checks[0].message
    assert "Python 3.12 and later" in message
    assert "SyntaxError" not in message


def test_a_misspelt_name_that_a_function_imports_is_its_authors_own_slip(grade, changed):
    source = changed("perceptron", "margin", "    return", "    from torch import no_such_name\n    return")
    record = grade("perceptron", {"margin": source})
    assert (record.earned, record.needs_review) == (25 - 4, ())


@pytest.mark.parametrize("first", ["", "open('no_such_module.abi3.so', 'w').close()"], ids=["none", "not loaded"])
def test_a_module_that_a_function_imports_when_it_is_called_is_for_a_person_to_look_at(grade, changed, first):
    source = changed("perceptron", "margin", "    return", f"    {first}\n    import no_such_module\n    return")
    record = grade("perceptron", {"margin": source})
    assert record.earned == 25 - 4
    (said,) = record.needs_review
    assert said.startswith("`margin` imports a module that this machine lacks")
