"""What happens to notebooks in real classes: kinds of damage, each a small function on a notebook's JSON.

`damaged(notebook, kinds)` gives the bytes of a damaged file. None of the kinds loses a line of the
student's work, so a good grader gives full marks.
"""

from __future__ import annotations

import codecs
import json
import re
from typing import TYPE_CHECKING, Any

import nbformat

from autograder.trusted.assignment.course import KIT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

NAMES = ("chain_rule", "logistic_regression", "perceptron", "tensor_ops")

Notebook = dict[str, Any]


def was(cell: Notebook, key: str) -> Any:
    """What nbgrader's metadata said of a cell before any damage."""
    return cell.get("was", {}).get(key)


def solutions(notebook: Notebook) -> list[int]:
    """The places of the solution cells."""
    return [k for k, cell in enumerate(notebook["cells"]) if was(cell, "solution")]


def place(notebook: Notebook, name: str) -> int | None:
    return next((k for k, cell in enumerate(notebook["cells"]) if was(cell, "grade_id") == name), None)


def own_cell(source: str, kind: str = "code") -> Notebook:
    cell: Notebook = {"cell_type": kind, "metadata": {}, "source": source}
    return cell | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def split_in_a_function(notebook: Notebook) -> None:
    """The cursor stood in the function when the cell was split."""
    at = solutions(notebook)[-1]
    cell = notebook["cells"][at]
    lines = cell["source"].split("\n")
    cut = max(k for k, line in enumerate(lines) if line.startswith("    "))
    cell["source"] = "\n".join(lines[:cut])
    notebook["cells"].insert(at + 1, own_cell("\n".join(lines[cut:])))


def split_at_the_first_line(notebook: Notebook) -> None:
    """The line with def is alone in its cell; JupyterLab gives both parts the metadata."""
    at = solutions(notebook)[0]
    cell = notebook["cells"][at]
    first, rest = re.match(r"(?s)(.*?\ndef .*?:\n|def .*?:\n|class .*?:\n)(.*)", cell["source"]).groups()
    cell["source"] = first
    notebook["cells"].insert(at + 1, json.loads(json.dumps(cell)) | {"source": rest, "id": "second-half"})


def merge_with_its_test(notebook: Notebook) -> None:
    """The cell and the one below it were merged."""
    at = solutions(notebook)[0]
    below = notebook["cells"].pop(at + 1)
    notebook["cells"][at]["source"] += "\n\n" + below["source"]


def merge_into_the_test(notebook: Notebook) -> None:
    """The same, but the locked cell's metadata is what is left."""
    at = solutions(notebook)[0]
    above = notebook["cells"].pop(at)
    notebook["cells"][at]["source"] = above["source"] + "\n\n" + notebook["cells"][at]["source"]


def merge_two_exercises(notebook: Notebook) -> None:
    """Everything from one exercise to the next one became one cell."""
    first, second = solutions(notebook)[:2]
    cells = notebook["cells"]
    cells[first]["source"] = "\n\n".join(
        cell["source"] for cell in cells[first : second + 1] if cell["cell_type"] == "code"
    )
    del cells[first + 1 : second + 1]


def duplicate(notebook: Notebook) -> None:
    """A cell was copied with all that it knows of itself."""
    at = solutions(notebook)[1]
    notebook["cells"].insert(at, json.loads(json.dumps(notebook["cells"][at])) | {"id": "a-copy"})


def copy_first_and_leave_the_stub(notebook: Notebook) -> None:
    """The work was done in a copy above; the released cell still stands, empty."""
    at = solutions(notebook)[1]
    cell = notebook["cells"][at]
    notebook["cells"].insert(at, json.loads(json.dumps(cell)) | {"id": "a-copy"})
    cell["source"] = cell["stub"]


def work_below_the_stub(notebook: Notebook) -> None:
    """The work was done in a new cell below."""
    at = solutions(notebook)[1]
    cell = notebook["cells"][at]
    notebook["cells"].insert(at + 1, own_cell(cell["source"]))
    cell["source"] = cell["stub"]


def work_above_the_stub(notebook: Notebook) -> None:
    """The work was done in a new cell at the top, and the stub undoes it when the notebook is run."""
    at = solutions(notebook)[1]
    cell = notebook["cells"][at]
    notebook["cells"].insert(at, own_cell(cell["source"]))
    cell["source"] = cell["stub"]


def move_to_the_end(notebook: Notebook) -> None:
    """A cell was dragged to the end."""
    notebook["cells"].append(notebook["cells"].pop(solutions(notebook)[0]))


def move_imports_down(notebook: Notebook) -> None:
    """The imports stand behind the first exercise."""
    at = place(notebook, "imports")
    if at is not None:
        cell = notebook["cells"].pop(at)
        notebook["cells"].insert(solutions(notebook)[0] + 1, cell)


def delete_a_test(notebook: Notebook) -> None:
    """A locked test cell is gone."""
    notebook["cells"] = [cell for cell in notebook["cells"] if was(cell, "points") is None]


def delete_all_locked(notebook: Notebook) -> None:
    """Only the student's own work is left."""
    notebook["cells"] = [cell for cell in notebook["cells"] if not was(cell, "locked")]


def delete_imports(notebook: Notebook) -> None:
    """The imports are gone."""
    notebook["cells"] = [cell for cell in notebook["cells"] if was(cell, "grade_id") != "imports"]


def edit_a_test(notebook: Notebook) -> None:
    """A test that did not pass was made to pass."""
    for cell in notebook["cells"]:
        if was(cell, "points") is not None:
            cell["source"] = cell["source"].replace("assert ", "assert True or ")


def unlock_everything(notebook: Notebook) -> None:
    """The lock in the metadata is open, and the points are others."""
    for cell in notebook["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"locked": False, "points": 1000}


def turn_into_markdown(notebook: Notebook) -> None:
    """The key m was pressed."""
    notebook["cells"][solutions(notebook)[1]]["cell_type"] = "markdown"


def turn_into_fenced_markdown(notebook: Notebook) -> None:
    """The code went through a chat and came back with its fences."""
    cell = notebook["cells"][solutions(notebook)[2]]
    cell["cell_type"] = "markdown"
    cell["source"] = f"```python\n{cell['source']}\n```"


def turn_into_raw(notebook: Notebook) -> None:
    """The key r was pressed."""
    notebook["cells"][solutions(notebook)[0]]["cell_type"] = "raw"


def turn_a_test_into_markdown(notebook: Notebook) -> None:
    """A test is text."""
    for cell in notebook["cells"]:
        if was(cell, "points") is not None:
            cell["cell_type"] = "markdown"


def lose_metadata(notebook: Notebook) -> None:
    """An editor kept no metadata of others."""
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def lose_ids(notebook: Notebook) -> None:
    """An older Jupyter knows no ids."""
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        cell.pop("id", None)


def lose_metadata_and_ids(notebook: Notebook) -> None:
    """Nothing but the text is left."""
    lose_metadata(notebook)
    lose_ids(notebook)


def pass_through_colab(notebook: Notebook) -> None:
    """Colab has ids of its own, and its students install and mount first."""
    lose_ids(notebook)
    notebook["metadata"] |= {"colab": {"provenance": []}, "accelerator": "GPU"}
    for number, cell in enumerate(notebook["cells"]):
        cell["metadata"] = {"id": f"c{number:010d}", "colab": {"base_uri": "x"}}
    notebook["cells"].insert(0, own_cell("!pip install torch\nfrom google.colab import drive\ndrive.mount('/d')"))


def pass_through_vs_code(notebook: Notebook) -> None:
    """VS Code has ids of its own."""
    notebook["metadata"] = {}
    for number, cell in enumerate(notebook["cells"]):
        cell["id"] = f"#VSC-{number:08x}"
        cell["metadata"] = {"vscode": {"languageId": "python"}}


def paste_everything_into_one_cell(notebook: Notebook) -> None:
    """One cell, and nothing else."""
    code = [cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "code"]
    notebook["cells"] = [own_cell("\n\n".join(code))]


def paste_all_work_above_the_stubs(notebook: Notebook) -> None:
    """All work in the first cell, and the whole release behind it."""
    work = [notebook["cells"][at] for at in solutions(notebook)]
    notebook["cells"].insert(
        0, own_cell("import torch\nfrom torch import Tensor\n\n" + "\n\n".join(c["source"] for c in work))
    )
    for cell in work:
        cell["source"] = cell["stub"]


def indent_with_tabs(notebook: Notebook) -> None:
    """An editor that indents with tabs."""
    for at in solutions(notebook):
        notebook["cells"][at]["source"] = notebook["cells"][at]["source"].replace("    ", "\t")


def mix_tabs_and_spaces(notebook: Notebook) -> None:
    """Another editor that indents with tabs, for the deeper half of each function."""
    for at in solutions(notebook):
        cell = notebook["cells"][at]
        lines = cell["source"].split("\n")
        half = len(lines) // 2
        cell["source"] = "\n".join(line.replace("    ", "\t") if k > half else line for k, line in enumerate(lines))


def hard_spaces(notebook: Notebook) -> None:
    """Code that was copied from a page or a document."""
    cell = notebook["cells"][solutions(notebook)[0]]
    cell["source"] = cell["source"].replace("    ", "\u00a0" * 4)


def windows_line_ends(notebook: Notebook) -> None:
    """Every line ends as on Windows."""
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")


def swap_grade_ids(notebook: Notebook) -> None:
    """Two cells have each other's names."""
    first, second = (notebook["cells"][at] for at in solutions(notebook)[:2])
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]


def sources_as_lines(notebook: Notebook) -> None:
    """As Jupyter writes sources on disk."""
    for cell in notebook["cells"]:
        cell["source"] = cell["source"].splitlines(keepends=True)


def unknown_fields(notebook: Notebook) -> None:
    """Fields that no format knows."""
    notebook["signed"] = "yes"
    for cell in notebook["cells"]:
        cell |= {"mood": "good", "execution_count": "three"}


KINDS: dict[str, Callable[[Notebook], None]] = {
    edit.__name__: edit
    for edit in (
        split_in_a_function, split_at_the_first_line, merge_with_its_test, merge_into_the_test, merge_two_exercises,
        duplicate, copy_first_and_leave_the_stub, work_below_the_stub, work_above_the_stub, move_to_the_end,
        move_imports_down, delete_a_test, delete_all_locked, delete_imports, edit_a_test, unlock_everything,
        turn_into_markdown, turn_into_fenced_markdown, turn_into_raw, turn_a_test_into_markdown, lose_metadata,
        lose_ids, lose_metadata_and_ids, pass_through_colab, pass_through_vs_code, paste_everything_into_one_cell,
        paste_all_work_above_the_stubs, indent_with_tabs, mix_tabs_and_spaces, hard_spaces, windows_line_ends,
        swap_grade_ids, sources_as_lines, unknown_fields,
    )
}  # fmt: skip


def in_format_3(notebook: Notebook) -> Notebook:
    """As Jupyter saved notebooks until 2015."""
    lose_ids(notebook)
    return nbformat.convert(nbformat.from_dict(notebook), 3)


ENCODINGS: dict[str, Callable[[str], bytes]] = {
    "utf_16": lambda text: text.encode("utf-16"),
    "byte_order_mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "windows_file": lambda text: text.replace("\n", "\r\n").encode(),
    "format_3": lambda text: json.dumps(in_format_3(json.loads(text))).encode(),
}


DAMAGE = (*KINDS, *ENCODINGS)


def solved(notebook: str) -> str:
    """The author's notebook, which has full marks."""
    return (KIT / "source" / "week06" / f"{notebook}.ipynb").read_text(encoding="utf-8")


def damaged(notebook: str, kinds: Sequence[str]) -> bytes:
    """The bytes of a solved notebook after damage of these kinds, in order; an encoding comes last."""
    released = nbformat.read(KIT / "release" / "week06" / f"{notebook}.ipynb", as_version=4)
    stubs = {cell.metadata["nbgrader"]["grade_id"]: cell.source for cell in released.cells}
    content = json.loads(solved(notebook))
    for cell in content["cells"]:
        cell["source"] = "".join(cell["source"])
        cell["was"] = dict(cell["metadata"].get("nbgrader", {}))
        cell["stub"] = stubs.get(was(cell, "grade_id"), "")
    encode: Callable[[str], bytes] = str.encode
    for kind in kinds:
        if kind in ENCODINGS:
            encode = ENCODINGS[kind]
        else:
            KINDS[kind](content)
    for cell in content["cells"]:
        for key in ("was", "stub"):
            cell.pop(key, None)
    return encode(json.dumps(content, indent=1, ensure_ascii=False))


def damaged_class(submitted: Path, assignment: str) -> None:
    """A student for each kind of damage, called by it, with one notebook; the four notebooks in turn."""
    for number, kind in enumerate(DAMAGE):
        notebook = NAMES[number % len(NAMES)]
        folder = submitted / kind / assignment
        folder.mkdir(parents=True)
        (folder / f"{notebook}.ipynb").write_bytes(damaged(notebook, [kind]))


def as_plain_script(text: str) -> bytes:
    """What "Download as Python" makes of the code cells of a notebook, without any mark between them."""
    return "\n\n\n".join(_code_cells(text)).encode()


def as_percent_script(text: str) -> bytes:
    """The cells of a notebook as VS Code and Spyder write them into a script."""
    return "\n\n".join(["# %% [markdown]\n# My week 6", *(f"# %%\n{cell}" for cell in _code_cells(text))]).encode()


def _code_cells(text: str) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
