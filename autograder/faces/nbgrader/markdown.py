"""A student's text cells as feedback and formgrader show them: formatted, but nothing in them is live.

nbconvert renders markdown with whatever HTML, scripts and links stand in it. For the author's locked cells
that is right; a student's text may not reach the tutor's browser, nor call home from it.
"""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class WaryRenderer(IPythonRenderer):
    """IPythonRenderer with HTML shown as text, no harmful links, and no picture from elsewhere."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, attachments=attachments)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture of the notebook's own; of another only its words."""
        if url.startswith(("attachment:", "data:image/")):
            return str(super().image(text, url, title))
        return f"[{text}]"  # the words are escaped already


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """In the place of nbconvert's filter `markdown2html`."""
    cell = context.get("cell", {})
    grading = cell.get("metadata", {}).get("nbgrader", {})
    if grading.get("locked") and grading.get("grade_id"):  # nbgrader takes the id from a cell that the author has not
        return str(HTMLExporter().markdown2html(context, source))
    return str(MarkdownWithMath(renderer=WaryRenderer(cell.get("attachments", {}))).render(source))
