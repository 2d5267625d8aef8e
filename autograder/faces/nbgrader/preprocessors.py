"""The preprocessors that stand in the place of nbgrader's own; see `autograder.faces.nbgrader.install`."""

from __future__ import annotations

import functools
import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import nbgrader.api
from bleach import ALLOWED_TAGS
from jupyter_client.kernelspec import KernelSpecManager
from nbconvert.preprocessors.sanitize import SanitizeHTML
from nbgrader.api import Gradebook
from nbgrader.preprocessors import CheckCellMetadata, NbGraderPreprocessor, OverwriteCells, SaveAutoGrades
from nbgrader.preprocessors import Execute as StockExecute
from traitlets import Bool, Enum, Float, Integer, List, Unicode

from autograder.errors import NotebookUnreadable, UsageError
from autograder.faces.nbgrader.client import graded_by_server
from autograder.faces.nbgrader.locations import Locations, released_notebook
from autograder.faces.nbgrader.messages import ClassOrder, OrderedNotebook
from autograder.faces.nbgrader.scored_cells import outputs_of
from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.template_process import ISOLATIONS, OLD_NAMES, SANDBOX, isolation_of
from autograder.trusted.submissions.cells import SubmittedCell
from autograder.trusted.submissions.notebook import repair_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.converters.base import BaseConverter

    from autograder.faces.nbgrader.messages import GradedNotebook

# nbgrader opens its database some twenty times a notebook, each time with a new engine, and so with an
# empty cache of compiled statements; one engine for each database keeps its cache.
nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)

POSITION = "autograder_position"
WITHOUT_A_LIMIT = 24 * 3600.0


class Arrange(NbGraderPreprocessor):
    """Makes a submitted notebook with hidden checks whole, and numbers its cells as they were submitted.

    Only cells of the release carry nbgrader's metadata, as in the release, and each of them once: of
    two copies the last one. Locked cells say what they say in the release. A test cell that was
    deleted is put back behind its exercise.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Called by nbconvert, with nbgrader's names of course, student and notebook in `resources`."""
        where = Locations(resources, _converter(self))
        if not where.has_checks:
            return nb, resources
        released = {grade_id: cell for cell in released_notebook(where).cells if (grade_id := _grade_id(cell))}
        called = [_grade_id(cell) for cell in nb.cells]
        if not set(released) <= set(called):
            try:
                called = _call_cells(nb, where, released)
            except NotebookUnreadable as why:  # the grader will say so, too
                self.log.warning("%s of %s is not repaired, as %s", where.notebook, where.student, why)
        present: set[str] = set()
        for position, cell in reversed(list(enumerate(nb.cells))):
            cell.metadata[POSITION] = position
            grade_id = called[position]
            if grade_id in released and grade_id not in present:
                present.add(grade_id)
                cell.metadata["nbgrader"] = released[grade_id].metadata["nbgrader"].copy()
                if cell.metadata["nbgrader"]["locked"]:
                    nb.cells[position] = _fresh(released[grade_id])
                    nb.cells[position].metadata[POSITION] = position
            else:
                cell.metadata.pop("nbgrader", None)
        for grade_id, cell in released.items():
            if cell.metadata["nbgrader"]["grade"] and grade_id not in present:
                nb.cells.insert(_behind(nb, grade_id.removeprefix("test_")), _fresh(cell))
        return nb, resources


def _call_cells(nb: NotebookNode, where: Locations, released: dict[str, NotebookNode]) -> list[str]:
    """What each cell of a damaged notebook is called after its repair; text that was code is code again."""
    stubs = {grade_id: cell.source for grade_id, cell in released.items() if cell.metadata["nbgrader"]["solution"]}
    cells = [
        SubmittedCell(
            cell.cell_type, cell.source, cell.metadata.get("nbgrader", {}).get("grade_id", ""), cell.get("id", "")
        )
        for cell in nb.cells
    ]
    called: list[set[str]] = [set() for _ in cells]
    for repaired in repair_cells(cells, where.plan, stubs):
        called[repaired.position] |= {repaired.name} - {""}
        if repaired.kind == "code" and nb.cells[repaired.position].cell_type != "code":
            nb.cells[repaired.position] = nbformat.v4.new_code_cell(repaired.source)
    return [next(iter(each)) if len(each) == 1 else "" for each in called]


class SealedExecute(StockExecute):
    """The name under which older configurations set what SandboxedExecute reads; traitlets looks it up there, too."""


class SandboxedExecute(SealedExecute):
    """Takes the place of Execute: grades by hidden checks, or runs the cells, in sandboxed workers.

    `timeout` is Execute's own, for each cell of a notebook without hidden checks.
    """

    check_seconds = Float(5.0, help="Seconds that a cell, or a check of a student's functions, may last.").tag(
        config=True
    )
    seed = Integer(90051, help="Seed of the checks' random inputs.").tag(config=True)
    jobs = Integer(0, help="Graders side by side; 0 for all cores.").tag(config=True)
    isolation = Enum(
        [*ISOLATIONS, *OLD_NAMES], SANDBOX, help="`process` has no sandbox: only for code that you trust."
    ).tag(config=True)
    run_demonstrations = Bool(
        False, help="Whether the author's own figures and examples are run, too; that takes most of a second each."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Put outputs into the code cells: what they show and, in a test cell, what was earned."""
        where = Locations(resources, _converter(self))
        if where.has_checks:
            self._mark(nb, graded_by_server(where.student, where.notebook, lambda: self._order(where)))
        else:
            self._run(nb, resources)
        for cell in nb.cells:
            cell.metadata.pop(POSITION, None)
        return nb, resources

    def _mark(self, nb: NotebookNode, graded: GradedNotebook) -> None:
        assert graded.record is not None
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            grading = cell.metadata.get("nbgrader", {})
            outputs = graded.shown.get(str(cell.metadata.get(POSITION)), [])
            if grading.get("grade"):
                outputs = outputs_of(graded.record, grading["grade_id"].removeprefix("test_"), grading["points"])
            cell.outputs = nbformat.from_dict(outputs)

    def _order(self, where: Locations) -> ClassOrder:
        """The notebook at hand, and all that this run of nbgrader will come to after it."""
        here = where.here
        ahead = (
            here,
            *(each for each in where.ahead() if (each.student, each.notebook) != (here.student, here.notebook)),
        )
        return ClassOrder(
            str(where.root),
            where.assignment,
            tuple(OrderedNotebook(each.student, each.notebook, str(each.path), each.notes) for each in ahead),
            self.check_seconds,
            self.seed,
            isolation_of(self.isolation),
            self.jobs,
            self.run_demonstrations,
        )

    def _run(self, nb: NotebookNode, resources: Any) -> None:
        """Run a notebook without hidden checks, with the files beside it."""
        from autograder.trusted.execution.outputs import run_for_outputs
        from autograder.trusted.submissions.cells import NotebookCell

        _require_python(nb)
        code = [(f"cell {number}", cell) for number, cell in enumerate(nb.cells, start=1) if cell.cell_type == "code"]
        shown = run_for_outputs(
            _workers(isolation_of(self.isolation)),
            [NotebookCell(name, cell.source) for name, cell in code],
            self.timeout or WITHOUT_A_LIMIT,
            Path(resources["metadata"]["path"]),
        )
        for (_, cell), outputs in zip(code, shown, strict=True):
            cell.outputs = nbformat.from_dict(outputs)


class SanitizeOutputs(SanitizeHTML):
    """Makes the HTML among a student's outputs harmless to whoever opens the graded notebook."""

    enabled = Bool(True).tag(config=True)
    tags = List(
        Unicode(), sorted({*ALLOWED_TAGS, "br", "div", "p", "pre", "span", "table", "tbody", "td", "th", "thead", "tr"})
    ).tag(config=True)
    strip = Bool(True).tag(config=True)

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """Outputs; a raw cell, which would be shown as the HTML that it is; markdown is left to `shown`."""
        if cell.cell_type == "code":
            cell.outputs = self.sanitize_code_outputs(cell.outputs)
        elif cell.cell_type == "raw":
            cell.metadata["raw_mimetype"] = "text/plain"  # no page shows it
        return cell, resources


class RestoreCells(OverwriteCells):
    """OverwriteCells, for notebooks that Arrange has not restored already."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Take locked cells and metadata from nbgrader's database."""
        if Locations(resources, _converter(self)).has_checks:
            return nb, resources
        return super().preprocess(nb, resources)


class SaveGrades(SaveAutoGrades):
    """SaveAutoGrades with one look into the database and one commit a notebook, not one of each a cell."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save what each test cell has earned, as nbgrader decides it; a tutor's own scores stay."""
        named = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = (
            named["notebook"],
            named["assignment"],
            named["student"],
        )
        with Gradebook(named["db_url"]) as gradebook:
            self.gradebook = _NotebookGrades(gradebook, named)
            nb, resources = super(SaveAutoGrades, self).preprocess(nb, resources)
            gradebook.db.commit()
        return nb, resources


class _NotebookGrades:
    """As much of nbgrader's Gradebook as SaveAutoGrades asks for, about one submitted notebook."""

    def __init__(self, gradebook: Gradebook, named: Any) -> None:
        submitted = gradebook.find_submission_notebook(named["notebook"], named["assignment"], named["student"])
        self._grades = {grade.name: grade for grade in submitted.grades}
        self._comments = {comment.name: comment for comment in submitted.comments}
        self.db = self

    def find_grade(self, name: str, *_: str) -> Any:
        return self._grades[name]

    def find_comment(self, name: str, *_: str) -> Any:
        return self._comments[name]

    def commit(self) -> None:
        """Everything is committed at once, at the end."""


class CheckMetadata(CheckCellMetadata):
    """nbgrader's own check of its metadata, but for what Arrange has just taken from the release.

    It costs a quarter of what nbgrader spends on a notebook, as its schema is checked for every cell.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Raises nbgrader's ValidationError, as its own check does."""
        if Locations(resources, _converter(self)).has_checks:
            return nb, resources
        return super().preprocess(nb, resources)


def _converter(preprocessor: NbGraderPreprocessor) -> BaseConverter:
    return preprocessor.parent.parent  # the exporter's; both hand themselves down as `parent`


def _grade_id(cell: NotebookNode) -> str:
    grading = cell.metadata.get("nbgrader")
    grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _behind(nb: NotebookNode, exercise: str) -> int:
    """The place behind an exercise's cell; the end where that one is gone as well."""
    return next((place + 1 for place, cell in enumerate(nb.cells) if _grade_id(cell) == exercise), len(nb.cells))


def _fresh(cell: NotebookNode) -> NotebookNode:
    return nbformat.from_dict(json.loads(json.dumps(cell)))


def _require_python(nb: NotebookNode) -> None:
    """Raises NoSuchKernel as Execute does, and UsageError for another language."""
    name = nb.metadata.get("kernelspec", {}).get("name", "python3")
    if name in ("python", "python3"):
        return  # whichever Python there is, as jupyter_client takes it
    language = KernelSpecManager().get_kernel_spec(name).language
    if language.lower() != "python":
        raise UsageError(
            f"The notebook is written in {language}: this engine runs Python only; use nbgrader's Execute."
        )


@functools.cache
def _workers(isolation: str) -> Any:
    """Workers for notebooks without checks, from a template that lives as long as nbgrader does."""
    import atexit

    from autograder.trusted.execution.workers import opened_workers

    open_until_the_end = ExitStack()
    atexit.register(open_until_the_end.close)
    return open_until_the_end.enter_context(opened_workers([KIT / "autograder"], isolation))
