"""What a student's code raises, as plain data: class, text, and the student's own lines."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

from autograder.wire.messages import Line, Problem

if TYPE_CHECKING:
    from types import TracebackType

MAX_MESSAGE_CHARACTERS = 500
MAX_LINES = 10


def cell_file(index: int) -> str:
    """The file name under which cell `index` is compiled."""
    return f"<cell {index}>"


def problem_of(error: BaseException) -> Problem:
    """An exception as plain data: class, bases, short text, and the student's own lines."""
    lines, own = _student_lines(error.__traceback__)
    kind = type(error)
    return Problem(
        kind.__name__[:80],
        tuple(base.__name__[:80] for base in kind.__mro__[:10]),
        safe_text(error),
        tuple(lines[-MAX_LINES:]),
        own,
    )


def syntax_problem(error: SyntaxError, index: int) -> Problem:
    """A cell that is no Python; `index` is the cell's."""
    where = Line(index, error.lineno or 0, "", (error.text or "").strip()[:200])
    bases = tuple(base.__name__ for base in type(error).__mro__[:10])
    return Problem(type(error).__name__, bases, str(error.msg)[:MAX_MESSAGE_CHARACTERS], (where,), True)


def _student_lines(traceback: TracebackType | None) -> tuple[list[Line], bool]:
    lines: list[Line] = []
    own = False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        own = code.co_filename.startswith("<cell ")
        if own:
            index = int(code.co_filename[len("<cell ") : -1])
            text = linecache.getline(code.co_filename, traceback.tb_lineno).strip()[:200]
            lines.append(Line(index, traceback.tb_lineno, code.co_name[:80], text))
        traceback = traceback.tb_next
    return lines, own


def safe_text(error: BaseException) -> str:
    """The text of an exception whose own `__str__` may raise, lie about its type, or be endless."""
    try:
        text = str(error)
        return str.__str__(text)[:MAX_MESSAGE_CHARACTERS].encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001  # the student's __str__ may raise anything at all
        return "(the exception's text could not be read)"
