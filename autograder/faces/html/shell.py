"""The shell of every HTML page: one file that loads nothing, runs only the kit's scripts, and escapes hostile text.

A page is made in two steps: a template in assets/ gives the body, then `page` puts the shell around it:

    from autograder.faces.html.shell import asset, data_block, page, render

    body = render("feedback.html", student="ada", exercises=[...])       # a template in assets/
    html = page("Feedback for ada", body, style=asset("feedback.css"), script=asset("feedback.js"))
    path.write_text(html, encoding="utf-8")

What the shell takes care of:

- *Text.* Jinja2 escapes whatever a template shows, and before that every character that cannot be seen (control, bidi,
  NUL, lone surrogate) is dropped. Only `Markup` goes through as it is: make it with `render`, `data_block` or
  `Markup("...").format(...)`, never from a student's text. Put names and other short foreign text into <bdi>.
- *Data for a script.* `data_block("students", [...])` embeds JSON; in the script,
  `JSON.parse(document.getElementById("students").textContent)`. Show it with textContent: the page's policy refuses
  innerHTML (Trusted Types).
- *Content-Security-Policy.* Nothing is loaded from outside; styles and scripts are allowed by their hash alone. So
  there are no style="..." attributes (use classes, or attributes of SVG) and no onclick="..." (use
  addEventListener). Images are data: URIs or inline SVG.
- *Light, dark, print.* Colours come from the tokens at the top of shell.css (`var(--ink)`, `var(--full)` ...), which
  know light and dark; print is always light.

Ready-made classes: `card`, `tiles` and `tile`, `note`, `hint`, `code`, `bar`, `sr-only`, `screen-only`, `num`, and
`<span class="outcome" data-outcome="passed">passed</span>`, whose colour and sign are set for every outcome and status.
"""

from __future__ import annotations

import base64
import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.trusted.safe_text import visible

if TYPE_CHECKING:
    from collections.abc import Iterable

_ASSETS = Path(__file__).parent / "assets"
_BREAKS_OUT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def page(
    title: str,
    body: Markup,
    *,
    style: str = "",
    script: str = "",
    navigation: Markup | None = None,
    fingerprint: str = "",
) -> str:
    """A whole page: `body` inside the shell.

    Args:
        title: the title of the window and of the page's head; plain text.
        body: the content of <main>, as `render` gives it.
        style: the page's own CSS, after the shell's.
        script: the page's own JavaScript, run when all of the body is there.
        navigation: links to the page's sections, shown at its top.
        fingerprint: that of what the page was made from, by which it is known whether it is old.
    """
    styles = asset("shell.css") + style
    start = asset("shell.js")
    return str(
        render(
            "shell.html",
            title=title,
            body=body,
            navigation=navigation,
            fingerprint=fingerprint,
            policy=_policy((styles,), (start, script)),
            style=_inline(styles, "style"),
            start=_inline(start, "script"),
            script=_inline(script, "script"),
        )
    )


def render(template: str, **values: Any) -> Markup:
    """Fill in a template of this folder; `values` are escaped."""
    return Markup(_templates().get_template(template).render(values))  # noqa: S704  # it is escaped already


@functools.cache  # there are a few
def asset(name: str) -> str:
    """The text of a style sheet or script of this folder."""
    return (_ASSETS / name).read_text(encoding="utf-8")


def data_block(name: str, data: Any) -> Markup:
    """Plain data (what msgspec can write as JSON) for the page's script, in an element with the id `name`."""
    text = msgspec.json.encode(_all_visible(msgspec.to_builtins(data))).decode()
    for character, escape in _BREAKS_OUT.items():
        text = text.replace(character, escape)
    inside = Markup(text)  # noqa: S704  # nothing in it can end the element
    return Markup('<script type="application/json" id="{}">{}</script>').format(name, inside)


@functools.cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_ASSETS),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _all_visible(data: Any) -> Any:
    if isinstance(data, str):
        return visible(data)
    if isinstance(data, dict):
        return {_all_visible(key): _all_visible(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_all_visible(item) for item in data]
    return data


def _inline(text: str, element: str) -> Markup:
    if f"</{element}" in text.lower():
        raise ValueError(f"A page's own {element} must not contain </{element}.")
    return Markup(text)  # noqa: S704  # a file of the kit


@functools.lru_cache(16)  # a kind of page has one
def _policy(styles: tuple[str, ...], scripts: tuple[str, ...]) -> str:
    """The page's Content-Security-Policy (W3C, "Content Security Policy Level 3"): hashes, and nothing from outside."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {_hashes(styles)}",
            f"script-src {_hashes(scripts)}",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hashes(texts: Iterable[str]) -> str:
    digests = (hashlib.sha256(text.encode()).digest() for text in texts if text)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
