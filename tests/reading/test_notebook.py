"""Submitted notebooks are read as data; whatever is wrong with one is said in a sentence."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import NotebookUnreadable
from autograder.reading import read
from autograder.reading.notebook import read_notebook
from autograder.wire.reading import NotebookCell, Outline, OutlineCell


def cell(
    name: str, source: str, *, kind: str = "code", locked: bool = False, demonstration: bool = False
) -> OutlineCell:
    return OutlineCell(name, kind, source if locked else "", locked, not locked, False, demonstration, "")


STUBS = {"f": "def f():\n    raise NotImplementedError()", "g": "def g():\n    raise NotImplementedError()"}
PLAN = Outline(
    (
        cell("title", "# Small", kind="markdown", locked=True),
        cell("imports", "import torch", locked=True),
        cell("f", "def f(): return 1"),
        cell("test_f", "assert f() == 1", locked=True, demonstration=True),
        cell("g", "def g(): return 2"),
    ),
    STUBS,
)


def submitted(*cells: tuple[str, object], **top: object) -> bytes:
    """A notebook's bytes from (grade_id, source) pairs; an id of "" is a cell of the student's own."""
    made = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": name}} if name else {},
            "source": source,
            "outputs": [],
        }
        for name, source in cells
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": made} | top).encode()


def named_sources(content: bytes) -> list[tuple[str, str]]:
    """The cells as they will be run: the author's text is put in on the trusted side."""
    return [
        (each.name, PLAN.locked[each.name].source if each.name in PLAN.locked else each.source)
        for each in read_notebook(content, PLAN).cells
    ]


def test_cells_run_in_the_students_order_and_their_own_cells_are_named_by_place():
    content = submitted(("imports", "import torch"), ("", "x = 1"), ("f", "def f(): return x"))
    assert named_sources(content) == [("imports", "import torch"), ("cell 2", "x = 1"), ("f", "def f(): return x")]


def test_a_locked_cell_is_taken_from_the_source_whatever_the_student_made_of_it():
    assert named_sources(submitted(("imports", "torch = None"), ("f", "pass")))[0] == ("imports", "import torch")


def test_a_deleted_locked_cell_is_put_back_before_everything():
    assert named_sources(submitted(("f", "pass"))) == [("imports", "import torch"), ("f", "pass")]


def test_deleted_locked_cells_are_put_back_in_the_sources_order():
    plan = Outline((cell("first", "a = 1", locked=True), cell("second", "b = a", locked=True)), {})
    assert [each.name for each in read_notebook(submitted(("", "c = b")), plan).cells] == [
        "first",
        "second",
        "cell 1",
    ]


def test_a_locked_cell_that_was_made_text_still_runs_as_the_source_has_it():
    content = json.loads(submitted(("imports", "import torch"), ("f", "pass")))
    content["cells"][0]["cell_type"] = "markdown"
    assert named_sources(json.dumps(content).encode())[0] == ("imports", "import torch")


def test_code_under_the_id_of_a_locked_text_is_not_run():
    assert "title" not in dict(named_sources(submitted(("imports", ""), ("title", "raise SystemExit"))))


def test_text_and_raw_cells_are_not_run():
    content = json.loads(submitted(("imports", ""), ("", "words"), ("", "raw words"), ("", "x = 1")))
    content["cells"][1]["cell_type"], content["cells"][2]["cell_type"] = "markdown", "raw"
    assert named_sources(json.dumps(content).encode()) == [("imports", "import torch"), ("cell 4", "x = 1")]


def test_points_and_locks_that_a_student_writes_count_for_nothing():
    content = json.loads(submitted(("imports", ""), ("f", "pass")))
    content["cells"][1]["metadata"]["nbgrader"] |= {"locked": True, "points": 100, "solution": False}
    assert named_sources(json.dumps(content).encode())[1] == ("f", "pass")


@pytest.mark.parametrize("metadata", [None, 7, [], "f", {"nbgrader": None}, {"nbgrader": ["f"]}])
def test_metadata_of_another_kind_names_no_cell(metadata):
    content = json.loads(submitted(("imports", ""), ("f", "pass")))
    content["cells"][1]["metadata"] = metadata
    assert named_sources(json.dumps(content).encode())[1] == ("cell 2", "pass")


def test_visible_tests_and_figures_are_not_run():
    assert "test_f" not in dict(named_sources(submitted(("imports", ""), ("test_f", "assert True"), ("f", "pass"))))


@pytest.mark.parametrize("forged", ["<script>", 7, None, ["f"], "x" * 10**6, "../f"])
def test_an_id_that_is_none_of_the_sources_is_not_believed(forged):
    assert named_sources(submitted(("imports", ""), (forged, "y = 1")))[1] == ("cell 2", "y = 1")


def test_a_stub_that_stands_is_untouched_whatever_the_editor_did_to_its_spaces():
    content = submitted(("imports", ""), ("f", STUBS["f"] + "   \n\n"), ("g", "def g(): return 2"))
    assert read_notebook(content, PLAN).untouched == ("f",)


def test_an_exercise_that_is_solved_in_a_cell_of_its_own_is_not_untouched():
    content = submitted(("imports", ""), ("f", STUBS["f"]), ("g", STUBS["g"]), ("", "def f():\n    return 1"))
    assert read_notebook(content, PLAN).untouched == ("g",)


def test_a_source_may_be_a_list_of_lines_or_nothing_at_all():
    assert (
        named_sources(submitted(("imports", ""), ("f", ["def f():\n", "    return 1"])))[1][1]
        == "def f():\n    return 1"
    )
    assert named_sources(submitted(("imports", ""), ("f", None)))[1] == ("f", "")


def test_half_a_character_in_a_source_becomes_text_that_can_be_sent():
    content = submitted(("imports", ""), ("", "x = '\ud800'"), ("", ["y = '\udfff'"]))
    assert named_sources(content)[1:] == [("cell 2", "x = '?'"), ("cell 3", "y = '?'")]


def test_numbers_that_are_none_and_keys_given_twice_do_not_matter():
    content = submitted(("imports", ""), ("f", "pass")).replace(
        b'"metadata": {}, ', b'"metadata": {"a": NaN, "a": 1}, ', 1
    )
    assert b"NaN" in content
    assert named_sources(content)[1] == ("f", "pass")


def test_a_byte_order_mark_and_an_old_format_are_read():
    assert named_sources(b"\xef\xbb\xbf" + submitted(("f", "pass")))[1] == ("f", "pass")
    old = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {},
        "worksheets": [
            {"cells": [{"cell_type": "code", "input": "z = 1", "language": "python", "outputs": [], "metadata": {}}]}
        ],
    }
    assert ("cell 1", "z = 1") in named_sources(json.dumps(old).encode())


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a whole notebook"),
        (submitted(("f", "pass"))[:-30], "not a whole notebook"),
        (b"print('a script')", "not a whole notebook"),
        (b"\xff\xfe\x00", "not text"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"cells": ' + b"[" * 100_000, "nested too deeply"),
        (b"[]", "not a notebook"),
        (b"null", "not a notebook"),
        (b"{}", "not a notebook"),
        (b'{"nbformat": 4, "cells": 7}', "not a notebook"),
        (b'{"nbformat": 4, "cells": [7]}', "not a notebook"),
        (b'{"nbformat": 4, "cells": [{}]}', "not a notebook"),
        (b'{"nbformat": "x", "cells": []}', "not a notebook"),
        (b'{"nbformat": 4, "cells": {}}', "not a notebook"),
        (b'{"nbformat": 4, "cells": ""}', "not a notebook"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [7]}]}', "not a notebook"),
        (b'{"nbformat": 3, "nbformat_minor": {}, "metadata": {}, "worksheets": []}', "not a notebook"),
        (b'{"nbformat": 1, "cells": [{"cell_type": null}]}', "not a notebook"),
        (b'{"nbformat": ' + b"4" * 5000 + b', "cells": []}', "thousands of digits"),
        (b'{"nbformat": 4, "cells": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        ('{"nbformat": 4, "cells": []}'.encode("utf-16-be"), "not a whole notebook"),
    ],
)
def test_what_is_no_notebook_is_unreadable_with_a_reason(content, reason):
    with pytest.raises(NotebookUnreadable, match=reason):
        named_sources(content)


def test_a_notebook_without_cells_is_one_in_which_nothing_was_done():
    assert read_notebook(submitted(), PLAN).cells == (NotebookCell("imports", ""),)


def test_more_cells_than_anyone_writes_are_not_read(monkeypatch):
    monkeypatch.setattr(read, "MAX_CELLS", 3)
    assert len(read_notebook(submitted(*[("", "x")] * 3), PLAN).cells) == 4
    with pytest.raises(NotebookUnreadable, match="it has 4 cells; at most 3 are read"):
        read_notebook(submitted(*[("", "x")] * 4), PLAN)


def test_more_text_than_anyone_writes_is_not_read(monkeypatch):
    monkeypatch.setattr(read, "MAX_SOURCE", 2**10)
    with pytest.raises(NotebookUnreadable, match="more than 1 KiB of text; put data into a file"):
        read_notebook(submitted(("", "x" * 2**11)), PLAN)


def test_a_picture_in_a_text_cell_is_not_counted():
    content = json.loads(submitted(("f", "f = 1")))
    content["cells"] += [{"cell_type": "markdown", "metadata": {}, "source": "x" * 2**20}] * 5
    assert named_sources(json.dumps(content).encode()) == named_sources(submitted(("f", "f = 1")))


def test_outputs_of_any_kind_and_size_are_passed_over(monkeypatch):
    monkeypatch.setattr(read, "MAX_ODD_NOTEBOOK", 2**12)
    content = json.loads(submitted(("f", "f = 1")))
    content["cells"][0]["outputs"] = [[]] * 2**12
    assert named_sources(json.dumps(content).encode()) == named_sources(submitted(("f", "f = 1")))


def test_a_large_notebook_that_is_odd_as_well_is_not_read(monkeypatch):
    monkeypatch.setattr(read, "MAX_ODD_NOTEBOOK", 2**20)
    content = submitted(("f", "f = 1"), extra=[float("nan"), "x" * 2**20])
    with pytest.raises(NotebookUnreadable, match="larger than 1 MiB and not as Jupyter writes it; clear its outputs"):
        read_notebook(content, PLAN)


PIECES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-1, 5)
    | st.floats()
    | st.text(max_size=3)
    | st.sampled_from(["code", "heading", "pyout", "imports", "f"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cell_type", "source", "input", "outputs", "output_type", "metadata", "level", "cells"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
PLACES = st.dictionaries(st.sampled_from(["cells", "worksheets", "metadata", "nbformat_minor"]), PIECES, max_size=4)


@pytest.mark.filterwarnings("ignore")  # nbformat's, of the old formats
@settings(max_examples=200, deadline=None)
@given(st.sampled_from([1, 2, 3, 4, 5, 0, -1, 2.5, True, None]), PLACES)
def test_any_json_is_a_notebook_or_unreadable(version, places):
    try:
        made = read_notebook(json.dumps({"nbformat": version} | places).encode(), PLAN)
    except NotebookUnreadable:
        return
    assert NotebookCell("imports", "") in made.cells


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 400))
def test_a_notebook_cut_off_anywhere_is_unreadable(length):
    whole = submitted(("imports", "import torch"), ("f", "def f():\n    return 1"), ("", "print('ä')"))
    with pytest.raises(NotebookUnreadable):
        named_sources(whole[: min(length, len(whole) - 1)])
