"""The sentences of checks: capitals, and nouns and verbs that agree in number.

`what` names an answer, with its article: "the new weights", "The loss of two examples", "f(s)", "What train returns,".
"""

from __future__ import annotations

import re

_WORD = re.compile(r"[a-z]{2,}\b(?![(/.])")
_ARTICLE = re.compile(r"(The|A|An|What|One|Each|Every|After) ")
_HEAD_ENDS = re.compile(r" (?:of|for|after|before|in|at|on|with|without|to|that|from|beside|when)\b|[,(`]")
_SINGULAR = re.compile(r"(?:ss|us|is|bias)$")


def start(what: str) -> str:
    """`what` at the start of a sentence: a word is capitalised, a symbol such as f(s) or dL/dv is not."""
    return what[:1].upper() + what[1:] if _WORD.match(what) else what


def within(what: str) -> str:
    """`what` inside a sentence: "The list" becomes "the list", and a symbol stays."""
    return what[:1].lower() + what[1:] if _ARTICLE.match(what) else what


def is_plural(what: str) -> bool:
    """Whether `what` names several things by its head: "the weights after one pass", but "the loss of two examples"."""
    if what[:5].lower() == "what ":
        return False
    head = _HEAD_ENDS.split(what, maxsplit=1)[0].split()
    return bool(head) and head[-1].endswith("s") and not _SINGULAR.search(head[-1])


def is_or_are(what: str) -> str:
    """The verb for `what`."""
    return "are" if is_plural(what) else "is"


def several(count: int, one: str, many: str = "") -> str:
    """How many there are, in words: "1 item", "2 items", or with another plural "2 passes"."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def sentences(*parts: str) -> str:
    """Several sentences as one text; empty ones are left out."""
    return " ".join(part for part in parts if part)
