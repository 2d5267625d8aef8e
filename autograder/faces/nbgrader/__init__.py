"""Make nbgrader's own commands grade with this kit: call `install(c)` in nbgrader_config.py.

    nbgrader autograde          the client                   the server (a process of its own)
    arranges each notebook      asks for one result    <---  grades the class on all cores,
    writes scores and outputs   after another                some notebooks ahead

nbgrader's rules for the preprocessor that replaces Execute: a test cell writes nothing to stderr,
and its first result is one float from 0 to its points (nbgrader.utils.determine_grade).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from traitlets.config import Config

_PACKAGE = "autograder.faces.nbgrader"
_OURS = f"{_PACKAGE}.preprocessors"
_THEIRS = "nbgrader.preprocessors"


def install(c: Config) -> None:
    """Let `nbgrader autograde` grade with this kit; `c` is nbgrader's configuration.

    Hidden checks grade a notebook that has them. Any other notebook runs in a sandboxed worker, and nbgrader
    grades it by its test cells, as usual.
    """
    from nbgrader.converters import Autograde
    from nbgrader.coursedir import CourseDirectory

    from autograder.faces.nbgrader import submitted

    # The steps of nbgrader's that have no setting.
    Autograde.init_notebooks = submitted.init_notebooks
    Autograde.init_assignment = submitted.init_assignment
    CourseDirectory.get_existing_timestamp = submitted.get_existing_timestamp
    c.ExchangeFactory.collect = f"{_PACKAGE}.submitted.CollectPlainFiles"
    c.Autograde.exporter_class = f"{_PACKAGE}.submitted.SubmittedNotebookExporter"
    c.Autograde.sanitize_preprocessors = [
        f"{_THEIRS}.ClearOutput",
        f"{_OURS}.Arrange",
        f"{_THEIRS}.DeduplicateIds",
        f"{_THEIRS}.OverwriteKernelspec",
        f"{_OURS}.RestoreCells",
        f"{_OURS}.CheckMetadata",
    ]
    c.Autograde.autograde_preprocessors = [
        f"{_OURS}.SandboxedExecute",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        f"{_OURS}.SanitizeOutputs",  # after it, as it marks raw cells in their metadata
        f"{_THEIRS}.IgnorePattern",
        f"{_THEIRS}.LimitOutput",
        f"{_OURS}.SaveGrades",
        f"{_THEIRS}.AssignLatePenalties",
        f"{_OURS}.CheckMetadata",
    ]
    c.GenerateFeedback.preprocessors = [
        f"{_THEIRS}.GetGrades",
        f"{_OURS}.OneScore",
        "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
    ]
    c.HTMLExporter.filters = {"markdown2html": f"{_PACKAGE}.markdown.markdown_to_html"}
