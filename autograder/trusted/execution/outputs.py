"""What cells show when they are run: nbformat outputs from a worker, and how it ended."""

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
    from autograder.trusted.submissions.beside import FilesBeside
    from autograder.trusted.submissions.cells import NotebookCell

MAX_FATAL_CELLS = 10


def run_for_outputs(
    workers: Workers, cells: Sequence[NotebookCell], seconds: float, files: Path | FilesBeside | None = None
) -> list[CellOutputs]:
    """Run cells in a sandboxed worker, each for at most `seconds`; returns the outputs of each cell, in order.

    `files` are files, or a folder whose files are put into the cells' working directory. An error in a cell is
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


def _loss_output(loss: WorkerLost) -> dict[str, Any]:
    name = {"timeout": "CellTimeoutError", "out-of-memory": "MemoryError"}.get(loss.outcome, "DeadKernelError")
    return _error(name, f"The cell ended its process: {loss}.")


def _error_output(error: StudentError) -> dict[str, Any]:
    return _error(safe_output_text(error.kind), safe_output_text(error.message))


def _error(name: str, message: str) -> dict[str, Any]:
    line = f"\x1b[0;31m{name}\x1b[0m: {message}"
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": [line]}
