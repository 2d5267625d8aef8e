"""What a student's code raises, as plain data: class, text, and the student's own lines."""

from __future__ import annotations

import linecache
from typing import TYPE_CHECKING

from autograder.wire.messages import ErrorReport, ReportedFrame

if TYPE_CHECKING:
    from types import TracebackType

MAX_MESSAGE_CHARACTERS = 500
MAX_FRAMES = 10
CELL_FILES = "<cell "  # how the file name of every cell begins


def cell_file(index: int) -> str:
    """The file name under which cell `index` is compiled."""
    return f"{CELL_FILES}{index}>"


def report_of(error: BaseException) -> ErrorReport:
    """An exception as plain data: class, bases, short text, and the student's own lines."""
    frames, own = _student_frames(error.__traceback__)
    kind = type(error)
    return ErrorReport(
        kind.__name__[:80],
        tuple(base.__name__[:80] for base in kind.__mro__[:10]),
        safe_text(error),
        tuple(frames[-MAX_FRAMES:]),
        own,
    )


def syntax_report(error: SyntaxError, index: int) -> ErrorReport:
    """A cell that is no Python; `index` is the cell's."""
    where = ReportedFrame(index, error.lineno or 0, "", (error.text or "").strip()[:200])
    bases = tuple(base.__name__ for base in type(error).__mro__[:10])
    return ErrorReport(type(error).__name__, bases, str(error.msg)[:MAX_MESSAGE_CHARACTERS], (where,), True)


def _student_frames(traceback: TracebackType | None) -> tuple[list[ReportedFrame], bool]:
    frames: list[ReportedFrame] = []
    own = False
    while traceback is not None:
        code = traceback.tb_frame.f_code
        own = code.co_filename.startswith(CELL_FILES)
        if own:
            index = int(code.co_filename[len(CELL_FILES) : -1])
            text = linecache.getline(code.co_filename, traceback.tb_lineno).strip()[:200]
            frames.append(ReportedFrame(index, traceback.tb_lineno, code.co_name[:80], text))
        traceback = traceback.tb_next
    return frames, own


def safe_text(error: BaseException) -> str:
    """The text of an exception whose own `__str__` may raise, lie about its type, or be endless."""
    try:
        text = str(error)
        return str.__str__(text)[:MAX_MESSAGE_CHARACTERS].encode("utf-8", "replace").decode()
    except BaseException:  # noqa: BLE001  # the student's __str__ may raise anything at all
        return "(the exception's text could not be read)"
