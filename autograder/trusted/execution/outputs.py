<<<<<<< HEAD
"""What cells show when they are run: nbformat outputs from a worker, and how it ended."""
=======
"""Validate the nbformat outputs of a worker before they are put into a notebook.

A worker runs the student's code, so it may send anything. This module keeps only outputs of known kinds,
with text where nbformat requires text, known media types, and bounded sizes.
"""
>>>>>>> part6

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from autograder.errors import StudentError, WorkerLost
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.safe_outputs import CellOutputs, checked_outputs, safe_output_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from autograder.trusted.execution.workers import Workers
    from autograder.trusted.submissions.cells import NotebookCell

MAX_FATAL_CELLS = 10


def run_for_outputs(
    workers: Workers, cells: Sequence[NotebookCell], seconds: float, files: Path | None = None
) -> list[CellOutputs]:
    """Run cells in a sandboxed worker, each for at most `seconds`; returns the outputs of each cell, in order.

    `files` is a folder whose files are put into the cells' working directory. An error in a cell is
    an output, as in Jupyter, and so is the end of a worker.
    """
    notebook = ExecutedNotebook(workers, cells, seconds, keep_outputs=True, files=files, most_fatal=MAX_FATAL_CELLS)
    with suppress(WorkerLost):  # below, each fatal cell and each cell that was not run gets an output that says so
        notebook.worker()
    notebook.close()
    shown = []
    for index, cell in enumerate(cells):
        fatal = notebook.fatal_cell_at(index)
        outputs = checked_outputs(notebook.outputs.get(index, ()))
        error = notebook.errors.get(cell.name)
        if fatal is not None:
            outputs = [_loss_output(fatal)]
        elif index not in notebook.outputs:
            outputs = [_error("DeadKernelError", "The cell was not run: too many before it ended their process.")]
        elif error is not None and not any(output["output_type"] == "error" for output in outputs):
            outputs.append(_error_output(error))  # the notebook may have turned tracebacks off
        shown.append(outputs)
    return shown


<<<<<<< HEAD
=======
def checked_outputs(raw: Iterable[Any]) -> CellOutputs:
    """The valid nbformat outputs among `raw`, each with only the parts that may be shown."""
    return [output for each in raw if isinstance(each, dict) and (output := _checked(each)) is not None]


def _checked(raw: dict[str, Any]) -> dict[str, Any] | None:
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(raw.get("text"))}
    if kind == "error":
        traceback = raw.get("traceback")
        lines = [_text(line) for line in traceback[:200]] if isinstance(traceback, list | tuple) else []
        return {
            "output_type": "error",
            "ename": _text(raw.get("ename"))[:80],
            "evalue": _text(raw.get("evalue")),
            "traceback": lines,
        }
    if kind in ("display_data", "execute_result") and isinstance(raw.get("data"), dict):
        shown = {"output_type": kind, "data": _media(raw["data"]), "metadata": {}}
        return shown | {"execution_count": None} if kind == "execute_result" else shown
    return None


def _media(data: dict[Any, Any]) -> dict[str, str]:
    texts = {kind: _text(data[kind]) for kind in _TEXTS if isinstance(data.get(kind), str)}
    images = {kind: data[kind] for kind in _IMAGES if _is_image(data.get(kind))}
    return texts | images


def _is_image(value: Any) -> bool:
    if not isinstance(value, str) or len(value) > MAX_IMAGE:
        return False
    try:
        base64.b64decode(value.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _text(value: Any) -> str:
    """A text without lone surrogates and control characters, except those that a terminal uses."""
    text = value[:MAX_TEXT].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return "".join(character for character in text if character >= " " or character in "\n\r\t\x1b")


>>>>>>> part6
def _loss_output(loss: WorkerLost) -> dict[str, Any]:
    name = {"timeout": "CellTimeoutError", "out-of-memory": "MemoryError"}.get(loss.outcome, "DeadKernelError")
    return _error(name, f"The cell ended its process: {loss}.")


def _error_output(error: StudentError) -> dict[str, Any]:
    return _error(safe_output_text(error.kind), safe_output_text(error.message))


def _error(name: str, message: str) -> dict[str, Any]:
    line = f"\x1b[0;31m{name}\x1b[0m: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}
