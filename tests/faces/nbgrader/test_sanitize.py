"""What of a student's stands in a graded notebook, apart from their text, is harmless to whoever opens it."""

from __future__ import annotations

import nbformat
import pytest
from nbformat import v4

from autograder.faces.nbgrader.preprocessors import SanitizeOutputs

SCRIPT = "<script>alert(1)</script>"
LOCKED = {"nbgrader": {"grade_id": "test_f", "locked": True, "grade": True}}
PICTURE = "iVBORw0KGgo="


def sanitized(*cells, **metadata):
    notebook = v4.new_notebook(cells=list(cells), metadata=metadata)
    return SanitizeOutputs().preprocess(notebook, {})[0]


def shown_as(data, metadata=None):
    """What is left of an output in one of the author's cells."""
    output = v4.new_output("display_data", data, metadata=metadata or {})
    return sanitized(v4.new_code_cell("f()", outputs=[output], metadata=LOCKED)).cells[0].outputs[0]


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": f"<b onclick=alert(1)>x</b>{SCRIPT}<img src=//203.0.113.1><a href=javascript:alert(1)>y</a>"},
        {"text/html": "<p style='background:url(//203.0.113.1)' class=tex2jax_process>x</p><svg onload=alert(1)>"},
        {"text/markdown": f"[x](javascript:alert(1)) {SCRIPT}"},
        {"text/latex": r"$\href{javascript:alert(1)}{x}\require{html}$"},
        {"image/svg+xml": f"<svg>{SCRIPT}</svg>"},
        {"application/javascript": "alert(1)"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
        {"text/vnd.mermaid": SCRIPT},
        {"image/png": 'x" onerror="alert(1)'},
    ],
)
def test_no_output_is_live_in_an_authors_cell(data):
    left = shown_as(data, {"text/html": {"isolated": True}})
    assert set(left.data) <= {"text/plain", "text/html"}
    assert left.metadata == {}
    html = left.data.get("text/html", "")
    assert [word for word in ("script", "onclick", "src=", "style=", "href", "svg", "process") if word in html] == []


def test_html_that_is_harmless_stays_and_no_formula_in_it_is_typeset():
    assert shown_as({"text/html": r"<b>bold</b> $\href{javascript:alert(1)}{x}$"}).data["text/html"] == (
        r'<div class="tex2jax_ignore mathjax_ignore"><b>bold</b> $\href{javascript:alert(1)}{x}$</div>'
    )


def test_an_output_with_braces_is_shown_with_them():
    assert "{0} {x}" in shown_as({"text/html": "<b>{0} {x}</b>"}).data["text/html"]


def test_a_notebook_and_its_cells_say_nothing_of_themselves_but_what_nbgrader_needs():
    cell = v4.new_code_cell("1", metadata=LOCKED | {"tags": ["<script>"], "magics_language": "html", "alt": SCRIPT})
    left = sanitized(
        cell,
        widgets={"application/vnd.jupyter.widget-state+json": {"state": SCRIPT}},
        title=SCRIPT,
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python", "env": {"A": SCRIPT}},
        language_info={"name": "html", "pygments_lexer": "html"},
    )
    assert left.cells[0].metadata == LOCKED
    assert left.metadata == {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"kernelspec": {}},
        {"kernelspec": {"name": "python3"}},
        {"kernelspec": {"name": 3, "display_name": "Python 3"}},
        {"kernelspec": ["python3"]},
        {"kernelspec": None},
    ],
)
def test_a_notebook_that_does_not_name_its_kernel_stays_a_notebook(metadata):
    notebook = v4.new_notebook(cells=[v4.new_code_cell("1", metadata=LOCKED)])
    notebook.metadata = nbformat.from_dict(metadata)
    left, _ = SanitizeOutputs().preprocess(notebook, {})
    nbformat.validate(left)
    assert "kernelspec" not in left.metadata


def test_only_pictures_that_no_browser_runs_stay_attached():
    text = v4.new_markdown_cell("![](attachment:a) ![](attachment:b)")
    text.attachments = nbformat.from_dict({"a": {"image/svg+xml": SCRIPT}, "b": {"image/png": PICTURE}})
    assert sanitized(text).cells[0].attachments == {"b": {"image/png": PICTURE}}


def test_a_raw_cell_is_no_page():
    raw = v4.new_raw_cell(SCRIPT, metadata={"raw_mimetype": "text/html"})
    assert sanitized(raw).cells[0].metadata == {"raw_mimetype": "text/plain"}
