"""The four solved notebooks, executed from top to bottom as Jupyter does, and the table of devices of each."""

from __future__ import annotations

import argparse
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from autograder.trusted.assignment.course import KIT, Course

SECONDS_A_CELL = 120


def executed(path):
    """A notebook after all of its cells have run. Raises CellExecutionError where one fails."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=SECONDS_A_CELL, kernel_name="python3").execute()
    return notebook


def table_of(notebook) -> str:
    """What the cell `devices` shows."""
    (cell,) = [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == "devices"]
    return "".join(output.get("text", "") for output in cell.outputs).strip()


def main() -> None:
    """Print each table; the exit code is 1 where a cell fails, or a function is not well on the device."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    options = parser.parse_args()
    home = "cuda:0" if options.device == "cuda" else "cpu"
    course, good = Course(KIT), True
    for name in course.notebooks:
        start = time.monotonic()
        try:
            table = table_of(executed(course.source / f"{name}.ipynb"))
        except CellExecutionError as error:
            print(f"`{name}`: a cell fails: {error.ename}: {error.evalue}\n")
            good = False
            continue
        print(f"`{name}`, {time.monotonic() - start:.1f} s:\n\n```\n{table}\n```\n")
        inputs, _, rows = table.partition("answer on")
        words = rows.split()  # of each function: its name, where its answer lies, and "ok"
        good = good and f"lie on {home}." in inputs and bool(words) and words[1::3] == [home] * (len(words) // 3)
        good = good and words[2::3] == ["ok"] * (len(words) // 3) and len(words) % 3 == 0
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
