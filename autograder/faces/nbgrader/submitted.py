"""Submitted files, as nbgrader is to see them: under the notebook's own name, and readable.

nbgrader looks for `submitted/<student>/<assignment>/<notebook>.ipynb` in the newest nbformat. Here a
file with another name, a script, a file in another encoding or an old format stands in for it, and
for a file that cannot be read at all the released notebook does; nothing in submitted/ is changed.
"""

from __future__ import annotations

import datetime
import fnmatch
import glob
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader.converters import Autograde

from autograder.errors import NotebookUnreadable
from autograder.faces.nbgrader.locations import Locations, plans, released_notebook, submitted_in
from autograder.trusted.submissions.notebook import read_cells
from autograder.trusted.submissions.read import read_bytes

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from autograder.trusted.submissions.cells import SubmittedCell

_look_for_notebooks = Autograde.init_notebooks


def init_notebooks(autograde: Autograde) -> None:
    """In the place of Autograde.init_notebooks: also what is recognised by its content, or is a script."""
    plans.cache_clear()  # formgrader's server lives long, and autogrades again
    submitted_in.cache_clear()
    directory = autograde.coursedir
    root = Path(directory.root)
    if not (root / "source" / directory.assignment_id).is_dir():
        return _look_for_notebooks(autograde)  # which explains what is missing
    known = plans(root, directory.assignment_id)
    source = {path.stem for path in (root / "source" / directory.assignment_id).glob("*.ipynb")}
    pattern = directory.format_path(directory.submitted_directory, directory.student_id, directory.assignment_id)
    assignments: dict[str, list[str]] = {}
    for folder in glob.glob(pattern):
        named = {path.stem for path in Path(folder).glob("*.ipynb")} & source
        meant = set(submitted_in(Path(folder), "", root, directory.assignment_id)) & set(known)
        found = fnmatch.filter(sorted(named | meant), directory.notebook_id)
        if found:
            assignments[folder] = [str(Path(folder, f"{name}.ipynb")) for name in found]
        else:
            autograde.log.warning("Nothing in '%s' is a notebook of this assignment", folder)
    if not assignments:
        return _look_for_notebooks(autograde)
    autograde.assignments, autograde.notebooks = assignments, []
    return None


class SubmittedNotebookExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert is untyped
    """Reads a submitted notebook that has hidden checks, whatever its state; any other as nbconvert does."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Called by nbgrader for each file, twice: as it was submitted, and as it was sanitized."""
        where = Locations(resources, self.parent)
        if not (self.parent._sanitizing and where.has_checks):
            return super().from_filename(filename, resources=resources, **kw)
        path = where.here.path
        assert path is not None
        changed = datetime.datetime.fromtimestamp(path.lstat().st_mtime, tz=datetime.UTC)
        resources["metadata"] = {
            "name": where.notebook,
            "path": str(Path(filename).parent),
            "modified_date": f"{changed:%B} {changed.day}, {changed.year}",
        }
        try:
            notebook = _as_notebook(read_cells(read_bytes(path)))
        except NotebookUnreadable as why:
            self.log.warning("%s stands as it was released, as %s cannot be read: %s", where.notebook, path, why)
            notebook = released_notebook(where)
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _as_notebook(cells: tuple[SubmittedCell, ...]) -> NotebookNode:
    """A notebook in the newest format; of outputs and attachments nothing is kept, as nbgrader clears them."""
    return v4.new_notebook(cells=[_as_node(cell) for cell in cells])


def _as_node(cell: SubmittedCell) -> NotebookNode:
    kind = cell.kind if cell.kind in ("code", "markdown") else "raw"
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}[kind]
    metadata = {"nbgrader": {"grade_id": cell.grade_id}} if cell.grade_id else {}
    return make(cell.source, metadata=metadata, **({"id": cell.id} if _is_an_id(cell.id) else {}))


def _is_an_id(text: str) -> bool:
    """As nbformat 4.5 has it: 1 to 64 of a-z, A-Z, 0-9, - and _."""
    return 0 < len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
