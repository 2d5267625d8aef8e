"""A student's text as feedback and formgrader show it: formatted, but nothing in it is live.

nbconvert renders Markdown with whatever HTML, scripts and links stand in it. For the author's locked cells
that is right; a student's text may not reach the tutor's browser, nor call home from it.
"""

from __future__ import annotations

from typing import Any

from jinja2 import pass_context
from markupsafe import escape
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from autograder.trusted.execution.safe_outputs import IMAGES, is_image

_ATTACHED = "attachment:"


class WaryRenderer(IPythonRenderer):
    """An IPythonRenderer that shows HTML as text, and omits harmful links and pictures from elsewhere."""

    def __init__(self, attachments: dict[str, dict[str, str]]) -> None:
        super().__init__(escape=True, allow_harmful_protocols=False, attachments=pictures_attached(attachments))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        """A picture of the notebook's own; of another only its words."""
        there = url.removeprefix(_ATTACHED) in self.attachments if url.startswith(_ATTACHED) else _is_a_picture(url)
        if there:
            return str(super().image(text, url, title))
        return f"[{text}]"  # the text is escaped already

    def block_mermaidjs(self, code: str) -> str:
        """The text of a diagram; nbconvert would put it into the page as it stands."""
        return f"<pre><code>{escape(code)}</code></pre>\n"


@pass_context
def markdown_to_html(context: Any, source: str) -> str:
    """In the place of nbconvert's filter `markdown2html`.

    Only the source of a locked Markdown cell is the author's. What a cell shows is rendered with that cell at hand,
    too, and so are a tutor's comments: these are not trusted, whatever cell they stand in.
    """
    cell = context.get("cell", {})
    grading = cell.get("metadata", {}).get("nbgrader", {})
    locked = grading.get("locked") and grading.get("grade_id")  # nbgrader takes the id from a cell that is not its own
    if locked and cell.get("cell_type") == "markdown" and cell.get("source") == source:
        return str(HTMLExporter().markdown2html(context, source))
    return str(MarkdownWithMath(renderer=WaryRenderer(cell.get("attachments", {}))).render(source))


def pictures_attached(attachments: Any) -> dict[str, dict[str, str]]:
    """Those of a cell's attachments that are pictures which no browser runs: an SVG may hold a script."""
    if not isinstance(attachments, dict):
        return {}
    found = {
        name: {kind: data[kind] for kind in IMAGES if is_image(data.get(kind))}
        for name, data in attachments.items()
        if isinstance(name, str) and isinstance(data, dict)
    }
    return {name: pictures for name, pictures in found.items() if pictures}


def _is_a_picture(url: str) -> bool:
    kind, _, data = url.removeprefix("data:").partition(";base64,")
    return url.startswith("data:") and kind in IMAGES and is_image(data)
