"""The shell of a page: hostile text stays text, and nothing but our own styles and scripts may run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from autograder.faces.html.shell import asset, data_block, page
from autograder.trusted.safe_text import visible

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</script></style></title><!--",
    "\x1b[2J\x1b]0;mine\x07",
    "\u202epassed\u202c\u2066x\u2069",
    "a\x00b\ud800\udfff",
    "line\u2028end",
    "{{ 7 * 7 }} {% include 'shell.html' %}",
    "&lt;script&gt; \" ' `",
)


class Elements(HTMLParser):
    """The elements of a page in order, each with its attributes and the text right inside it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict, list[str]]] = []
        self.open = False
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes), []))
        self.open = True

    def handle_endtag(self, tag):
        self.open = False

    def handle_data(self, data):
        if self.open:
            self.found[-1][2].append(data)

    def texts(self, tag):
        return ["".join(text) for name, _, text in self.found if name == tag]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_in_title_body_and_data_stays_text(text):
    harmless = [tag for tag, _, _ in Elements(page("t", Markup("<p></p>") + data_block("d", [""]))).found]
    html = page(text, Markup("<p>{}</p>").format(visible(text)) + data_block("d", [text]))
    elements = Elements(html)
    assert [tag for tag, _, _ in elements.found] == harmless
    assert elements.texts("title") == [visible(text)]
    (data,) = [text for tag, at, text in elements.found if tag == "script" and at.get("id") == "d"]
    assert json.loads("".join(data)) == [visible(text)]


def test_no_character_that_cannot_be_seen_reaches_a_page():
    html = page("".join(HOSTILE), data_block("d", {"".join(HOSTILE): list(HOSTILE)}))
    html.encode()
    assert [character for character in html if not (character.isprintable() or character in "\n\t")] == []


def test_text_for_a_page_keeps_its_lines_and_every_alphabet():
    assert visible("Żółć 李\n\tдва\r\n\x1b[2J") == "Żółć 李\n\tдва\n[2J"


def test_the_policy_allows_the_pages_own_styles_and_scripts_by_hash_and_nothing_else():
    elements = Elements(page("t", Markup("<p>x</p>"), style="p { color: red }", script="console.log(1);"))
    (policy,) = [at["content"] for tag, at, _ in elements.found if at.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
        for text in (*elements.texts("style"), *elements.texts("script"))
    }
    assert set(rules["style-src"].split()) | set(rules["script-src"].split()) == hashes
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data:"
    assert "unsafe" not in policy


def test_a_page_names_no_place_outside_itself():
    html = page("t", Markup("<p>x</p>"))
    assert re.findall(r"(?:https?:)?//[a-z0-9.]+\.[a-z]+|\burl\(|@import", html) == []


def test_a_style_that_would_end_its_element_is_refused():
    with pytest.raises(ValueError, match="must not contain </style"):
        page("t", Markup(""), style="p { content: '</style>' }")


def test_the_shells_own_files_have_no_inline_handlers_or_styles():
    assert re.findall(r"\s(?:on\w+|style)=", asset("shell.html")) == []
