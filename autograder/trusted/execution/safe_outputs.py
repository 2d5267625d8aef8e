"""What a student's code has shown, as nbformat outputs that a notebook may hold.

A worker belongs to the student's code, so its outputs are only shaped like outputs once they have
been checked here: known kinds, texts where texts belong, known media, bounded in size. Whatever cell an output
stands in, it is the student's, so none is kept as Markdown or LaTeX, which a page would format like the author's text.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

CellOutputs = list[dict[str, Any]]

MAX_TEXT = 200_000
MAX_IMAGE = 4 * 2**20
PLAIN, HTML = "text/plain", "text/html"
IMAGES = ("image/png", "image/jpeg")
_FORMATTED = ("text/markdown", "text/latex")  # said as plain text, word for word


def checked_outputs(raw: Iterable[Any]) -> CellOutputs:
    """The outputs among `raw` that are what nbformat says, with what can be shown of each."""
    return [output for each in raw if isinstance(each, dict) and (output := _checked(each)) is not None]


def _checked(raw: dict[str, Any]) -> dict[str, Any] | None:
    kind = raw.get("output_type")
    if kind == "stream":
        name = "stderr" if raw.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": safe_output_text(raw.get("text"))}
    if kind == "error":
        traceback = raw.get("traceback")
        lines = [safe_output_text(line) for line in traceback[:200]] if isinstance(traceback, list | tuple) else []
        return {
            "output_type": "error",
            "ename": safe_output_text(raw.get("ename"))[:80],
            "evalue": safe_output_text(raw.get("evalue")),
            "traceback": lines,
        }
    if kind in ("display_data", "execute_result") and isinstance(raw.get("data"), dict):
        shown = {"output_type": kind, "data": _media(raw["data"]), "metadata": {}}
        return shown | {"execution_count": None} if kind == "execute_result" else shown
    return None


def _media(data: dict[Any, Any]) -> dict[str, str]:
    texts = {kind: safe_output_text(data[kind]) for kind in (PLAIN, HTML) if isinstance(data.get(kind), str)}
    images = {kind: data[kind] for kind in IMAGES if is_image(data.get(kind))}
    formatted = next((data[kind] for kind in _FORMATTED if isinstance(data.get(kind), str)), None)
    if formatted is not None and HTML not in texts and not images:
        texts[PLAIN] = safe_output_text(formatted)
    return texts | images


def is_image(value: Any) -> bool:
    """Whether this can be a picture's bytes in base64."""
    if not isinstance(value, str) or len(value) > MAX_IMAGE:
        return False
    try:
        base64.b64decode(value.replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def safe_output_text(value: Any) -> str:
    """A text without what no notebook may hold: lone surrogates, and control characters but those of a terminal."""
    text = value[:MAX_TEXT].encode("utf-8", "replace").decode() if isinstance(value, str) else ""
    return "".join(character for character in text if character >= " " or character in "\n\r\t\x1b")
