"""A damaged notebook is graded for the work that is in it, and what was mended is said.

Each kind of damage is done to one notebook; `pytest -m thorough` does it to all four, and more pairs of kinds.
"""

from __future__ import annotations

import itertools
import json
import random

import pytest

from tests.damage.generator import (
    DAMAGE,
    ENCODINGS,
    KINDS,
    NAMES,
    as_percent_script,
    as_plain_script,
    damaged,
    solved,
)  # fmt: skip

# Damage that changes nothing of what is graded, and so needs no repair.
NOTHING_TO_SAY = {
    "work_below_the_stub", "move_to_the_end", "delete_a_test", "edit_a_test", "unlock_everything",
    "turn_a_test_into_markdown", "lose_metadata", "lose_ids", "lose_metadata_and_ids",
    "pass_through_colab", "pass_through_vs_code",
    "indent_with_tabs", "windows_line_ends", "swap_grade_ids", "sources_as_lines", "unknown_fields",
    *ENCODINGS,
}  # fmt: skip

EVERY_DAY = 10  # pairs of damage
APPENDED = len(json.loads(solved("perceptron"))["cells"]) + 1  # the number of a cell that is put behind all others


@pytest.fixture
def grade_damaged(grade, tmp_path):
    def graded(notebook, *kinds):
        path = tmp_path / f"{notebook}.ipynb"
        path.write_bytes(damaged(notebook, kinds))
        return grade.file(path, notebook)

    return graded


EACH = [
    pytest.param(kind, notebook, marks=() if (place + number) % len(NAMES) == 0 else pytest.mark.thorough)
    for place, kind in enumerate(DAMAGE)
    for number, notebook in enumerate(NAMES)
]


@pytest.mark.parametrize(("kind", "notebook"), EACH)
def test_damage_costs_no_mark_and_every_repair_is_named(grade_damaged, kind, notebook):
    record = grade_damaged(notebook, kind)
    assert (record.status, record.earned) == ("graded", 25), record.repairs
    assert bool(record.repairs) == (kind not in NOTHING_TO_SAY), record.repairs


def pairs(count):
    """Pairs of damage, the same ones in every run; an encoding comes last."""
    every = [*itertools.combinations(KINDS, 2), *itertools.product(KINDS, ENCODINGS)]
    chosen = random.Random(90051).sample(every, count)
    return [
        pytest.param(each, id="+".join(each), marks=() if place < EVERY_DAY else pytest.mark.thorough)
        for place, each in enumerate(chosen)
    ]


@pytest.mark.parametrize("kinds", pairs(100))
def test_two_kinds_of_damage_at_once_cost_no_mark(grade_damaged, kinds):
    notebook = NAMES[sum(map(len, kinds)) % 4]
    record = grade_damaged(notebook, *kinds)
    assert (record.status, record.earned) == ("graded", 25), record.repairs


def test_a_notebook_without_damage_has_nothing_to_say(grade_damaged):
    assert [grade_damaged(notebook).repairs for notebook in NAMES] == [()] * 4


def perceptron(grade, tmp_path, change):
    notebook = json.loads(solved("perceptron"))
    cells = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in notebook["cells"]}
    change(notebook, cells)
    path = tmp_path / "perceptron.ipynb"
    path.write_text(json.dumps(notebook))
    return grade.file(path, "perceptron")


def test_a_deleted_exercise_costs_its_own_points_and_no_other(grade, tmp_path):
    record = perceptron(grade, tmp_path, lambda notebook, cells: notebook["cells"].remove(cells["update"]))
    assert record.earned == 25 - 6
    assert record.needs_review == ("`update` was found nowhere: its cell is gone.",)


def test_text_that_is_no_code_earns_nothing(grade, tmp_path):
    def change(_, cells):
        cells["update"] |= {"cell_type": "markdown", "source": "def update(w, x, y): it moves w by eta times y x"}

    record = perceptron(grade, tmp_path, change)
    assert record.exercises["update"].earned == 0
    (doubt,) = record.needs_review
    assert "`update` stands only as text, in cell 16" in doubt


def test_of_two_texts_none_is_guessed(grade, tmp_path):
    def change(notebook, cells):
        cells["update"]["cell_type"] = "markdown"
        wrong = {"cell_type": "markdown", "metadata": {}, "source": "def update(w, x, y, eta=1.0):\n    return w"}
        notebook["cells"].append(wrong)

    record = perceptron(grade, tmp_path, change)
    assert record.exercises["update"].earned == 0
    (doubt,) = record.needs_review
    assert f"cell 16 and cell {APPENDED}" in doubt


def test_a_function_by_another_name_is_not_guessed_but_pointed_at(grade, tmp_path):
    def change(_, cells):
        cells["update"]["source"] = "".join(cells["update"]["source"]).replace("def update", "def my_update")

    record = perceptron(grade, tmp_path, change)
    assert record.exercises["update"].earned == 0
    assert record.needs_review == ("`update` is not defined in its own cell, cell 16; it defines `my_update`.",)


def test_a_stub_that_was_left_empty_is_no_doubt(grade, tmp_path):
    def change(_, cells):
        cells["update"]["source"] = "def update(w, x, y, eta=1.0):\n    raise NotImplementedError()"

    record = perceptron(grade, tmp_path, change)
    assert (record.earned, record.needs_review, record.repairs) == (25 - 6, (), ())


@pytest.mark.parametrize("write", [as_plain_script, as_percent_script])
@pytest.mark.parametrize("notebook", NAMES)
def test_a_script_is_as_good_as_a_notebook(grade, tmp_path, write, notebook):
    path = tmp_path / f"{notebook}.py"
    path.write_bytes(write(solved(notebook)))
    record = grade.file(path, notebook)
    assert record.earned == 25
    assert "script" in record.repairs[0]


def test_of_two_definitions_the_last_counts_and_both_are_named(grade, tmp_path):
    def change(notebook, cells):
        wrong = {"cell_type": "code", "metadata": {}, "source": "def update(w, x, y, eta=1.0):\n    return w"}
        notebook["cells"].append(wrong | {"outputs": [], "execution_count": None})

    record = perceptron(grade, tmp_path, change)
    assert record.exercises["update"].earned < 6
    (note,) = record.repairs
    assert f"`update` is defined in cell 16 and cell {APPENDED}" in note


def test_a_syntax_error_in_a_notebook_pasted_into_one_cell_costs_one_exercise(grade, tmp_path):
    def change(notebook, cells):
        cells["update"]["source"] = "def update(w, x, y, eta=1.0)\n    return w"
        names = ("imports", "activation", "predict", "update", "train", "margin")
        everything = "\n\n".join("".join(cells[name]["source"]) for name in names)
        notebook["cells"] = [cells["imports"] | {"metadata": {}, "id": "all", "source": everything}]

    record = perceptron(grade, tmp_path, change)
    assert record.earned == 25 - 6
    assert "SyntaxError" in record.exercises["update"].checks[0].message
