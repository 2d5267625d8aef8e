"""Nothing that a student wrote is dropped by the repair, but for what a merged demonstration only shows."""

from __future__ import annotations

import json

import pytest

from autograder.reading.notebook import read_notebook
from autograder.wire.reading import Outline, OutlineCell

FIGURE = """import math
import matplotlib.pyplot as plt
BLUE = "#0072B2"
def halved(x):
    return x / 2
fig, ax = plt.subplots()
ax.plot(f(halved(2)), color=BLUE)
plt.show()"""
DEFINES = 'import math\nimport matplotlib.pyplot as plt\nBLUE = "#0072B2"\ndef halved(x):\n    return x / 2'
TEST = 'x = f(1)\nassert x == 1, "no"\nprint("f: passes.")'


def cell(name, source, *, locked=True, demonstration=True, defines=""):
    return OutlineCell(name, "code", source, locked, not locked, False, demonstration, "", defines)


PLAN = Outline(
    (
        cell("imports", "import torch", demonstration=False),
        cell("figure", FIGURE, defines=DEFINES),
        cell("f", "", locked=False, demonstration=False),
        cell("test_f", TEST),
        cell("g", "", locked=False, demonstration=False),
    ),
    {"f": "def f(x):\n    raise NotImplementedError()", "g": "def g(x):\n    raise NotImplementedError()"},
)
IMPORTS = ("imports", "import torch")
OTHER = ("g", "def g(x):\n    return 2")
WORK = "def f(x):\n    return x"


def read(*cells):
    made = [
        {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": name}} if name else {}, "source": source}
        for name, source in cells
    ]
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made}).encode()
    return read_notebook(content, PLAN)


def run(*cells):
    """All that is run of the student's, as one text."""
    return "\n".join(each.source for each in read(*cells).cells if each.source)


@pytest.mark.parametrize("own", ["import math", 'BLUE = "#0072B2"', "def halved(x):\n    return x / 2", "x = f(1)"])
@pytest.mark.parametrize("write", ["{own}\n\n{work}", "{work}\n\n{own}"])
def test_what_a_student_wrote_stays_where_a_demonstration_says_the_same(own, write):
    source = write.format(own=own, work=WORK)
    assert run(IMPORTS, ("f", source), OTHER) == f"{source}\n{OTHER[1]}"


def test_the_asserts_and_prints_of_a_merged_test_are_left_out_and_nothing_that_it_binds():
    merged = run(IMPORTS, ("f", f"{WORK}\n\nx = f(3)\n{TEST}"), OTHER)
    assert "x = f(3)" in merged
    assert "assert" not in merged
    assert "print" not in merged


def test_of_a_merged_figure_what_it_defines_is_run_and_nothing_is_drawn():
    merged = run(IMPORTS, ("f", f"{WORK}\n\n{FIGURE}"), OTHER)
    for line in DEFINES.split("\n"):
        assert line in merged
    assert "subplots" not in merged
    assert "show" not in merged


def test_part_of_a_figure_that_a_student_took_over_is_the_students():
    source = f"{WORK}\n\nfig, ax = plt.subplots()\nplt.show()"
    assert run(IMPORTS, ("f", source), OTHER) == f"{source}\n{OTHER[1]}"


@pytest.mark.parametrize("added", ["import math", "from torch import Tensor, nn", "def mine():\n    return 1", "N = 3"])
@pytest.mark.parametrize("locked", [IMPORTS, ("test_f", TEST)])
def test_what_a_student_added_to_a_locked_cell_is_run_after_it(locked, added):
    read_there = read(*dict([IMPORTS, (locked[0], f"{locked[1]}\n{added}"), ("f", WORK), OTHER]).items())
    assert added in [each.source for each in read_there.cells]
    assert read_there.repairs == (f"What was added to the locked cell `{locked[0]}` was run after it.",)


def test_a_setting_that_a_student_added_to_the_imports_is_run_and_a_call_in_a_test_is_not():
    call = "torch.manual_seed(3)"
    assert call in run((IMPORTS[0], f"{IMPORTS[1]}\n{call}"), ("f", WORK), OTHER)
    assert call not in run(IMPORTS, ("f", WORK), ("test_f", f"{TEST}\n{call}"), OTHER)


@pytest.mark.parametrize("changed", ["torch = None", "assert True", "x = 1", "def f(x):\n    pass"])
def test_the_authors_names_in_a_locked_cell_are_bound_by_the_author_alone(changed):
    assert changed not in run(
        (IMPORTS[0], f"{IMPORTS[1]}\n{changed}" if "f(x)" not in changed else "torch = None"), OTHER
    )


def names(*cells):
    return [each.name for each in read(*cells).cells]


def test_a_demonstration_that_defines_what_a_function_uses_is_among_the_cells_that_run():
    assert names(IMPORTS, ("figure", FIGURE), ("f", "def f(x):\n    plt.plot(x)"), OTHER)[1] == "figure"


@pytest.mark.parametrize("spelled", ["plt", "ｐｌｔ", "p\N{MATHEMATICAL ITALIC SMALL L}t"])
def test_a_demonstrations_name_is_known_in_every_alphabet_that_python_takes_for_it(spelled):
    assert names(IMPORTS, ("figure", FIGURE), ("f", f"def f(x):\n    {spelled}.plot(x)"), OTHER)[1] == "figure"


def test_a_demonstration_whose_names_are_parameters_or_the_students_own_is_not_run():
    assert "figure" not in names(
        IMPORTS, ("figure", FIGURE), ("f", "def f(BLUE):\n    plt = BLUE\n    return plt"), OTHER
    )
    assert "figure" not in names(IMPORTS, ("figure", FIGURE), ("f", f"import math\n\n{WORK[:-8]}math.exp(x)"), OTHER)


def test_a_demonstration_that_is_needed_and_was_deleted_is_put_back():
    assert names(IMPORTS, ("f", "def f(x):\n    return halved(x)"), OTHER)[0] == "figure"
