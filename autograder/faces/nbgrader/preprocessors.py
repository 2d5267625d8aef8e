"""The preprocessors that replace nbgrader's own; see `autograder.faces.nbgrader.install`."""

from __future__ import annotations

import functools
import json
import time
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
from autograder.faces.nbgrader.locations import Locations, attachments_of_author, released_notebook
from autograder.faces.nbgrader.markdown import pictures_attached
from autograder.faces.nbgrader.messages import ClassOrder, OrderedNotebook
from autograder.faces.nbgrader.run_time import run_time
from autograder.faces.nbgrader.scored_cells import outputs_of, score_shown, with_score_by_hand
from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.safe_outputs import HTML, checked_outputs
from autograder.trusted.execution.template_process import ISOLATIONS, OLD_NAMES, SANDBOX, isolation_of
from autograder.trusted.submissions.cells import SubmittedCell
from autograder.trusted.submissions.notebook import repair_cells

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from nbgrader.converters.base import BaseConverter

    from autograder.faces.nbgrader.messages import GradedNotebook

# nbgrader opens its database some twenty times a notebook, each time with a new engine, whose cache of
# compiled statements is empty. One engine for each database keeps its cache.
nbgrader.api.create_engine = functools.cache(nbgrader.api.create_engine)

TOLERANCE = 1e-9  # between scores that are one
POSITION = "autograder_position"
WITHOUT_A_LIMIT = 24 * 3600.0
_UNTYPESET = '<div class="tex2jax_ignore mathjax_ignore">{}</div>'  # MathJax would make links of \\href in the text


class Arrange(NbGraderPreprocessor):
    """Repairs a submitted notebook with hidden checks, and stores each cell's index in the submitted notebook.

    Afterwards only cells of the release have nbgrader's metadata, and they have the release's. If a cell was
    copied, only the last copy has it. Locked cells have the text of the release. A deleted test cell is put
    back behind its exercise.
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
    """Give each cell of a damaged notebook its name after the repair; a text cell that was code becomes code again."""
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
    """The old name of SandboxedExecute; traitlets still reads settings that older configurations give this name."""


class SandboxedExecute(SealedExecute):
    """Replaces Execute: grades a notebook by its hidden checks, or runs its cells, in sandboxed workers.

    `timeout` is Execute's own, for each cell of a notebook without hidden checks.
    """

    check_seconds = Float(5.0, help="Seconds that a cell, or a check of a student's functions, may last.").tag(
        config=True
    )
    seed = Integer(
        None, allow_none=True, help="Seed of the hidden inputs; None for the one kept with the course's results."
    ).tag(config=True)
    jobs = Integer(0, help="Graders side by side; 0 for all cores.").tag(config=True)
    isolation = Enum(
        [*ISOLATIONS, *OLD_NAMES], SANDBOX, help="`process` has no sandbox: only for code that you trust."
    ).tag(config=True)
    run_demonstrations = Bool(
        False, help="Whether the author's own figures and examples are run, too; that takes most of a second each."
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any, km: Any = None) -> tuple[NotebookNode, Any]:
        """Put outputs into the code cells; those of a test cell say what was earned."""
        where = Locations(resources, _converter(self))
        running = run_time(_converter(self), where)
        if where.has_checks:
            course = str(where.root), where.assignment
            self._mark(nb, graded_by_server(course, where.student, where.notebook, lambda: self._order(where)))
        else:
            self._run(nb, resources)
        for cell in nb.cells:
            cell.metadata.pop(POSITION, None)
        if news := running.done(where.notebook, time.monotonic()):
            self.log.info(news)
        return nb, resources

    def _mark(self, nb: NotebookNode, graded: GradedNotebook) -> None:
        assert graded.record is not None
        for cell in nb.cells:
            if cell.cell_type != "code":
                continue
            grading = cell.metadata.get("nbgrader", {})
            outputs = graded.shown.get(str(cell.metadata.get(POSITION)), [])
            if grading.get("grade") and not grading.get("solution"):
                outputs = outputs_of(graded.record, grading["grade_id"].removeprefix("test_"), grading["points"])
            cell.outputs = nbformat.from_dict(outputs)

    def _order(self, where: Locations) -> ClassOrder:
        """An order of this notebook and all that this run of nbgrader will grade after it."""
        here = where.here
        ahead = (
            here,
            *(each for each in where.ahead() if (each.student, each.notebook) != (here.student, here.notebook)),
        )
        return ClassOrder(
            str(where.root),
            where.assignment,
            tuple(
                OrderedNotebook(each.student, each.notebook, str(each.path), each.notes, str(where.submitted))
                for each in ahead
            ),
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
        coursedir = _converter(self).coursedir
        code = [(f"cell {number}", cell) for number, cell in enumerate(nb.cells, start=1) if cell.cell_type == "code"]
        shown = run_for_outputs(
            _workers(isolation_of(self.isolation), Path(coursedir.root), coursedir.assignment_id),
            [NotebookCell(name, cell.source) for name, cell in code],
            self.timeout or WITHOUT_A_LIMIT,
            Path(resources["metadata"]["path"]),
        )
        for (_, cell), outputs in zip(code, shown, strict=True):
            cell.outputs = nbformat.from_dict(outputs)


class SanitizeOutputs(SanitizeHTML):
    """Makes what a student's code has shown, and all else of theirs in the notebook, harmless to whoever opens it.

    Outputs are a student's in every cell: in a locked one, too, their code may show something. Of metadata is kept
    what nbgrader and the pages need.
    """

    enabled = Bool(True).tag(config=True)
    tags = List(
        Unicode(), sorted({*ALLOWED_TAGS, "br", "div", "p", "pre", "span", "table", "tbody", "td", "th", "thead", "tr"})
    ).tag(config=True)
    strip = Bool(True).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """The cells, then what stands beside them: no widgets' state, no title, no lexer of the student's choice."""
        nb, resources = super().preprocess(nb, resources)
        kernel = _kernel_of(nb)
        named = {"kernelspec": kernel} if {"name", "display_name"} <= kernel.keys() else {}  # nbformat wants both
        nb.metadata = nbformat.from_dict({**named, "language_info": {"name": "python"}})
        return nb, resources

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """Outputs; pictures; a raw cell, which would be shown as the HTML that it is; text is left to `markdown`."""
        kept = {key: cell.metadata[key] for key in ("nbgrader", "deletable", "editable") if key in cell.metadata}
        cell.metadata = nbformat.from_dict(kept)
        if cell.cell_type == "code":
            cell.outputs = nbformat.from_dict([self._harmless(output) for output in checked_outputs(cell.outputs)])
        elif cell.cell_type == "raw":
            cell.metadata["raw_mimetype"] = "text/plain"  # no page shows it
        if "attachments" in cell:
            cell.attachments = nbformat.from_dict(pictures_attached(cell.attachments))
        return cell, resources

    def _harmless(self, output: dict[str, Any]) -> dict[str, Any]:
        """An output whose HTML has no script, link to one, picture or formula that a page would act on."""
        if HTML not in output.get("data", {}):
            return output
        cleaned = _UNTYPESET.format(self.sanitize_html_tags(output["data"][HTML]))
        return output | {"data": output["data"] | {HTML: cleaned}}


class RestoreCells(OverwriteCells):
    """OverwriteCells, for notebooks that Arrange has not restored already."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Take locked cells and metadata from nbgrader's database, and their pictures from the source."""
        where = Locations(resources, _converter(self))
        if where.has_checks:
            return nb, resources
        nb, resources = super().preprocess(nb, resources)
        pictures = attachments_of_author(where)
        for cell in nb.cells:
            grade_id = _grade_id(cell)
            if not grade_id:
                cell.metadata.pop("nbgrader", None)  # nbgrader knows no such cell
            elif cell.metadata["nbgrader"].get("locked"):
                cell.pop("attachments", None)
                if grade_id in pictures and cell.cell_type == "markdown":
                    cell.attachments = nbformat.from_dict(pictures[grade_id])
        return nb, resources


class SaveGrades(SaveAutoGrades):
    """SaveAutoGrades with one query and one commit for each notebook instead of each cell."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save the score of each test cell, by nbgrader's rule; scores that a tutor gave are kept."""
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


class OneScore(NbGraderPreprocessor):
    """Feedback shows one score for a test cell: the gradebook's, which a person may have set since it was graded."""

    def preprocess_cell(self, cell: NotebookNode, resources: Any, cell_index: int) -> tuple[NotebookNode, Any]:
        """Called after nbgrader's GetGrades, which puts the gradebook's score into the cell's metadata."""
        grading = cell.metadata.get("nbgrader", {})
        if cell.cell_type == "code" and grading.get("grade") and not grading.get("solution"):
            shown, score = score_shown(cell.outputs), grading.get("score")
            if shown is not None and score is not None and abs(shown - score) > TOLERANCE:
                exercise = grading["grade_id"].removeprefix("test_")
                outputs = with_score_by_hand(cell.outputs, exercise, score, grading["points"])
                cell.outputs = nbformat.from_dict(outputs)
        return cell, resources


class _NotebookGrades:
    """The part of nbgrader's Gradebook that SaveAutoGrades uses, for one submitted notebook."""

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
        """Do nothing: everything is committed at once, at the end."""


class CheckMetadata(CheckCellMetadata):
    """nbgrader's own check of its metadata, except for notebooks whose metadata Arrange took from the release.

    The check takes a quarter of nbgrader's time for a notebook, because it validates every cell by a schema.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Raises nbgrader's ValidationError, as its own check does."""
        if Locations(resources, _converter(self)).has_checks:
            return nb, resources
        return super().preprocess(nb, resources)


def _converter(preprocessor: NbGraderPreprocessor) -> BaseConverter:
    return preprocessor.parent.parent  # the preprocessor's parent is the exporter, whose parent is the converter


def _grade_id(cell: NotebookNode) -> str:
    grading = cell.metadata.get("nbgrader")
    grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def _behind(nb: NotebookNode, exercise: str) -> int:
    """The index behind an exercise's cell; the notebook's end if that cell is missing as well."""
    return next((place + 1 for place, cell in enumerate(nb.cells) if _grade_id(cell) == exercise), len(nb.cells))


def _fresh(cell: NotebookNode) -> NotebookNode:
    return nbformat.from_dict(json.loads(json.dumps(cell)))


def _kernel_of(nb: NotebookNode) -> dict[str, str]:
    """What a notebook says of its kernel, as far as that is text."""
    said = nb.metadata.get("kernelspec")
    said = said if isinstance(said, dict) else {}
    return {key: said[key] for key in ("name", "display_name", "language") if isinstance(said.get(key), str)}


def _require_python(nb: NotebookNode) -> None:
    """Raises NoSuchKernel as Execute does, and UsageError for another language."""
    name = _kernel_of(nb).get("name", "python3")
    if name in ("python", "python3"):
        return  # jupyter_client accepts every Python here as well
    language = KernelSpecManager().get_kernel_spec(name).language
    if language.lower() != "python":
        raise UsageError(
            f"The notebook is written in {language}: this engine runs Python only; use nbgrader's Execute."
        )


@functools.cache
def _workers(isolation: str, root: Path, assignment: str) -> Any:
    """Workers for notebooks without checks, from a template that runs until nbgrader ends."""
    import atexit

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.assignment.course_settings import settings_of
    from autograder.trusted.execution.workers import opened_workers

    open_until_the_end = ExitStack()
    atexit.register(open_until_the_end.close)
    try:
        preload = Course(root, assignment).preload
    except UsageError:  # what nbgrader runs need not have a source
        preload = settings_of(root).preload
    return open_until_the_end.enter_context(opened_workers([root, KIT / "autograder"], isolation, preload=preload))
