"""A student's text cells in feedback and formgrader."""

import pytest

from autograder.faces.nbgrader.markdown import markdown_to_html

PICTURE = "iVBORw0KGgo="


def shown(source: str, *, locked: bool = False, grade_id: str = "intro", attachments: dict | None = None) -> str:
    grading = {"locked": locked, **({"grade_id": grade_id} if grade_id else {})}
    cell = {"metadata": {"nbgrader": grading}, "attachments": attachments or {}}
    return markdown_to_html({"cell": cell}, source)


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
                if name in ("src", "href") and not value.startswith(("#", "data:image/"))
            ]
            found.extend([tag] * (tag in ("script", "svg", "iframe", "object", "embed", "style", "form")) + live)

    Live().feed(shown(source))
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
