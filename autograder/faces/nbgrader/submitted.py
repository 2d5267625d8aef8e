"""Present submitted files to nbgrader under the notebook's own name, in a format that it can read.

nbgrader looks for `submitted/<student>/<assignment>/<notebook>.ipynb` in the newest nbformat. This module also
accepts a file with another name, a script, and a file in another encoding or an old format. The released
notebook replaces a file that cannot be read at all. Nothing in submitted/ is changed.
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
from autograder.trusted.submissions.read import read_bytes, read_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from autograder.trusted.submissions.cells import SubmittedCell

_look_for_notebooks = Autograde.init_notebooks


def init_notebooks(autograde: Autograde) -> None:
    """Replaces Autograde.init_notebooks: it also finds scripts, and notebooks that are recognised by their content."""
    plans.cache_clear()  # formgrader's server keeps running, and the source may have changed since
    submitted_in.cache_clear()
    directory = autograde.coursedir
    root = Path(directory.root)
    if not (root / "source" / directory.assignment_id).is_dir():
        return _look_for_notebooks(autograde)  # nbgrader's own error explains what is missing
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
    """Reads a submitted notebook in any state if it has hidden checks; reads any other as nbconvert does."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Read a file; nbgrader calls this once for the submitted file and once for the sanitized one."""
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
            notebook = _as_notebook(read_cells(read_bytes(path)).cells)
        except NotebookUnreadable as why:
            self.log.warning("%s stands as it was released, as %s cannot be read: %s", where.notebook, path, why)
            notebook = released_notebook(where)
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _as_notebook(cells: tuple[SubmittedCell, ...]) -> NotebookNode:
    """A notebook in the newest format, without outputs and attachments, which nbgrader clears anyway."""
    return v4.new_notebook(cells=[_as_node(cell) for cell in cells])


def _as_node(cell: SubmittedCell) -> NotebookNode:
    kind = cell.kind if cell.kind in ("code", "markdown") else "raw"
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell, "raw": v4.new_raw_cell}[kind]
    metadata = {"nbgrader": {"grade_id": cell.grade_id}} if cell.grade_id else {}
    return make(cell.source, metadata=metadata, **({"id": cell.id} if _is_an_id(cell.id) else {}))


def _is_an_id(text: str) -> bool:
    """Whether `text` is a valid cell id of nbformat 4.5: 1 to 64 of a-z, A-Z, 0-9, - and _."""
    return 0 < len(text) <= 64 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()
