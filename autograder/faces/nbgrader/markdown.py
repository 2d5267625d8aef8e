"""Render a student's text cells for feedback and formgrader, without live HTML, scripts or remote images.

nbconvert renders markdown with all HTML, scripts and links in it. That is right for the author's locked cells;
but a student's text must not run scripts in the tutor's browser, nor load anything from elsewhere.
"""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath


class WaryRenderer(IPythonRenderer):
    """An IPythonRenderer that shows HTML as text, and omits harmful links and pictures from elsewhere."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, attachments=attachments)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture that is in the notebook; for any other, only its text."""
        if url.startswith(("attachment:", "data:image/")):
            return str(super().image(text, url, title))
        return f"[{text}]"  # the text is escaped already


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """Replaces nbconvert's filter `markdown2html`."""
    cell = context.get("cell", {})
    grading = cell.get("metadata", {}).get("nbgrader", {})
    if grading.get("locked") and grading.get("grade_id"):  # nbgrader removes the id of cells that are not the author's
        return str(HTMLExporter().markdown2html(context, source))
    return str(MarkdownWithMath(renderer=WaryRenderer(cell.get("attachments", {}))).render(source))
