"""Present submitted files to nbgrader under the notebook's own name, in a format that it can read.

nbgrader looks for `submitted/<student>/<assignment>/<notebook>.ipynb` in the newest nbformat. Here a
file with another name, a script, a file in another encoding or an old format stands in for it, and
for a file that cannot be read at all (a link, for one) the released notebook does; nothing in submitted/ is changed.
"""

from __future__ import annotations

import datetime
import fnmatch
import glob
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import v4
from nbgrader.converters import Autograde
from nbgrader.converters import base as nbgrader_base
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect

from autograder.errors import NotebookUnreadable
from autograder.faces.nbgrader.locations import Locations, plans, released_notebook, submitted_in, submitted_root
from autograder.trusted.assignment.course_settings import settings_of
from autograder.trusted.submissions.notebook import read_cells
from autograder.trusted.submissions.opening import copy_plain_files
from autograder.trusted.submissions.read import read_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nbformat import NotebookNode

    from autograder.trusted.submissions.cells import SubmittedCell

MAX_FILES_BYTES = 2**30  # of what stands beside a student's notebooks

_look_for_notebooks = Autograde.init_notebooks
_prepare_assignment = Autograde.init_assignment
_read_timestamp = CourseDirectory.get_existing_timestamp


def init_notebooks(autograde: Autograde) -> None:
    """Replaces Autograde.init_notebooks: it also finds scripts, and notebooks that are recognised by their content."""
    plans.cache_clear()  # formgrader's server keeps running, and the source may have changed since
    submitted_in.cache_clear()
    directory = autograde.coursedir
    root = Path(directory.root)
    written = root / settings_of(root).source / directory.assignment_id
    if not written.is_dir():
        return _look_for_notebooks(autograde)  # nbgrader's own error explains what is missing
    known = plans(root, directory.assignment_id)
    source = {path.stem for path in written.glob("*.ipynb")}
    pattern = directory.format_path(directory.submitted_directory, directory.student_id, directory.assignment_id)
    assignments: dict[str, list[str]] = {}
    for folder in glob.glob(pattern):
        named = {path.stem for path in Path(folder).glob("*.ipynb")} & source
        meant = set(
            submitted_in(Path(root, folder), "", root, directory.assignment_id, submitted_root(directory))
        ) & set(known)
        found = fnmatch.filter(sorted(named | meant), directory.notebook_id)
        if found:
            assignments[folder] = [str(Path(folder, f"{name}.ipynb")) for name in found]
        else:
            autograde.log.warning("Nothing in '%s' is a notebook of this assignment", folder)
    if not assignments:
        return _look_for_notebooks(autograde)
    autograde.assignments, autograde.notebooks = assignments, []
    return None


def init_assignment(autograde: Autograde, assignment_id: str, student_id: str) -> None:
    """In the place of Autograde.init_assignment: of the files beside the notebooks, only plain ones are copied."""
    directory = autograde.coursedir
    source = Path(directory.root, autograde._format_source(assignment_id, student_id))
    target = Path(directory.root, autograde._format_dest(assignment_id, student_id))
    ignored = [*directory.ignore, "*.ipynb"]
    left_out = copy_plain_files(
        source,
        submitted_root(directory),
        target,
        MAX_FILES_BYTES,
        wanted=lambda name: not any(fnmatch.fnmatch(name, each) for each in ignored),
    )
    for name in left_out:
        autograde.log.warning("%s in %s is left out: it is a link, no plain file, or too large", name, source)
    with _nothing_copied():
        _prepare_assignment(autograde, assignment_id, student_id)


@contextmanager
def _nothing_copied() -> Iterator[None]:
    """Meanwhile, nbgrader copies none of the files that a student has handed in; it would follow links."""
    find_all_files = nbgrader_base.find_all_files
    nbgrader_base.find_all_files = lambda *_: []
    try:
        yield
    finally:
        nbgrader_base.find_all_files = find_all_files


def get_existing_timestamp(directory: CourseDirectory, folder: str) -> datetime.datetime | None:
    """In the place of CourseDirectory's: a timestamp that is a link or a pipe is none."""
    path = Path(directory.root, folder, "timestamp.txt")
    root = submitted_root(directory)
    try:
        read_bytes(path, root if path.is_relative_to(root) else path.parent)
    except NotebookUnreadable:
        return None
    timestamp: datetime.datetime | None = _read_timestamp(directory, folder)
    return timestamp


class CollectPlainFiles(ExchangeCollect):  # type: ignore[misc]  # nbgrader is untyped
    """nbgrader's collect without following links: a student may put any into the exchange."""

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:
        """Copy one submission."""
        most = 1000 * self.coursedir.max_dir_size
        with tempfile.TemporaryDirectory(prefix="autograder-collect-") as folder:
            plain = Path(folder, "collected")
            plain.mkdir()
            for name in copy_plain_files(Path(src), Path(self.inbound_path), plain, most):
                self.log.warning("%s in %s is left out: it is a link, no plain file, or too large", name, src)
            super().do_copy(str(plain), dest, log)


class SubmittedNotebookExporter(NotebookExporter):  # type: ignore[misc]  # nbconvert is untyped
    """Reads a submitted notebook in any state if it has hidden checks; reads any other as nbconvert does."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> tuple[Any, Any]:
        """Read a file; nbgrader calls this once for the submitted file and once for the sanitized one."""
        where = Locations(resources, self.parent)
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **kw)
        here = where.here
        path = here.path
        assert path is not None
        changed = datetime.datetime.fromtimestamp(_changed(path), tz=datetime.UTC)
        resources["metadata"] = {
            "name": where.notebook,
            "path": str(Path(filename).parent),
            "modified_date": f"{changed:%B} {changed.day}, {changed.year}",
        }
        try:
            content = here.content()
            if where.has_checks:
                notebook = _as_notebook(read_cells(content))
            else:
                notebook = nbformat.reads(content.decode("utf-8"), as_version=4)
        except NotebookUnreadable as why:
            self.log.warning("%s stands as it was released, as %s cannot be read: %s", where.notebook, path, why)
            notebook = released_notebook(where)
        return self.from_notebook_node(notebook, resources=resources, **kw)


def _changed(path: Path) -> float:
    """When a submitted file was changed; now, where nobody can tell."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return time.time()


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
