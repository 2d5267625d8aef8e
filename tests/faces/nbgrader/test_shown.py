"""A student's text cells in feedback and formgrader."""

import pytest

from autograder.faces.nbgrader.markdown import markdown_to_html

PICTURE = "iVBORw0KGgo="
ATTACHED = {
    "drawing": {"image/svg+xml": "<svg onload=alert(1)>"},
    "quoted": {"image/png": 'x" onerror="alert(1)'},
    "page": {"text/html": "PHNjcmlwdD4="},
}


def shown(
    text: str,
    *,
    locked: bool = False,
    grade_id: str = "intro",
    attachments: dict | None = None,
    kind: str = "markdown",
    source: str | None = None,
) -> str:
    grading = {"locked": locked, **({"grade_id": grade_id} if grade_id else {})}
    cell = {"cell_type": kind, "metadata": {"nbgrader": grading}, "attachments": attachments or {}}
    return markdown_to_html({"cell": cell | {"source": text if source is None else source}}, text)


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "a <img src=x onerror=alert(1)> b",
        "<svg onload=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        "<javascript:alert(1)>",
        "![x](http://203.0.113.1/x.png)",
        "![x](//203.0.113.1/x.png)",
        "![x](javascript:alert(1))",
        '![x](data:image/png;base64," onerror="alert(1))',
        "```<script>\nalert(1)\n</script>```",
        "<iframe src=//203.0.113.1></iframe>",
        "$<script>alert(1)</script>$",
        "$$<img src=x onerror=alert(1)>$$",
        "| a |\n| - |\n| <script>alert(1)</script> |",
        "```mermaid\n<img src=x onerror=alert(1)>\n```",
        "```mermaid\n</pre><script>alert(1)</script>\n```",
        "![x](data:image/svg+xml;base64,PHN2Zy8+)",
        "![x](attachment:gone.png)",
        "![x](attachment:drawing)",
        "![x](attachment:quoted)",
        "![x](attachment:page)",
    ],
)
def test_nothing_in_a_students_text_is_live(source):
    from html.parser import HTMLParser

    found = []

    class Live(HTMLParser):
        def handle_starttag(self, tag, attributes):
            live = [f"{name}={value}" for name, value in attributes if name.startswith("on")]
            live += [
                value
                for name, value in attributes
                if name in ("src", "href") and not value.startswith(("#", "data:image/png", "data:image/jpeg"))
            ]
            found.extend([tag] * (tag in ("script", "svg", "iframe", "object", "embed", "style", "form")) + live)

    Live().feed(shown(source, attachments=ATTACHED))
    assert found == []


def test_formatting_formulas_and_own_pictures_stay():
    html = shown(
        "# Title\n\n**bold**, `code`, $a < b$\n\n![mine](attachment:a.png)",
        attachments={"a.png": {"image/png": PICTURE}},
    )
    assert "<strong>bold</strong>" in html
    assert "<code>code</code>" in html
    assert "$a &lt; b$" in html
    assert f'src="data:image/png;base64,{PICTURE}"' in html


def test_the_authors_locked_text_is_shown_as_it_was_written():
    assert '<div class="alert">' in shown('<div class="alert">note</div>', locked=True)


def test_a_students_cell_that_calls_itself_locked_is_a_students_cell():
    assert "<script>" not in shown("<script>alert(1)</script>", locked=True, grade_id="")


@pytest.mark.parametrize("kind", ["code", "markdown"])
def test_what_a_locked_cell_shows_is_not_the_authors_text(kind):
    html = shown("<script>alert(1)</script>[x](javascript:alert(1))", locked=True, kind=kind, source="x = 1")
    assert "<script>" not in html
    assert 'href="javascript' not in html


def test_a_code_cell_whose_source_equals_what_it_shows_is_not_the_authors_text():
    assert "<script>" not in shown("<script>alert(1)</script>", locked=True, kind="code")
