"""A reader's loop: one request after another, each answered by what it asks for or by why that cannot be read.

What it computes for a request is limited by a timer in the kernel, which no text can talk out of it: SIGPROF ends the
process. A load on the machine does not count.
"""

from __future__ import annotations

import functools
import gc
import signal
from typing import TYPE_CHECKING

import msgspec

from autograder.errors import NotebookUnreadable
from autograder.reading.definitions import Definitions
from autograder.reading.fingerprints import fingerprints_of_answers, fingerprints_of_notebook
from autograder.reading.notebook import read_notebook, repair_cells
from autograder.reading.read import read_cells
from autograder.reading.repair import defines
from autograder.reading.syntax import forget_sources
from autograder.wire.reading import (
    Answered,
    AskText,
    CellsRepaired,
    FindDefined,
    Fingerprinted,
    NamesFound,
    NotebookRead,
    Outline,
    ReadCells,
    ReaderReady,
    ReadingReply,
    ReadingRequest,
    ReadNotebook,
    RepairCells,
    TakeFingerprints,
    Unreadable,
)

if TYPE_CHECKING:
    from autograder.wire.frames import Channel

CPU_SECONDS = 5.0  # for one request
FIND_SECONDS = 1.0  # for a file that is only looked into

_OUTLINE = msgspec.msgpack.Decoder(Outline)


def serve(channel: Channel) -> None:
    """Answer requests until the other end is closed.

    Raises whatever a text provokes that nobody foresaw, a MemoryError or RecursionError too: the process is to end.
    """
    channel.send(ReaderReady())
    gc.freeze()  # what is there now stays
    while True:
        try:
            request = channel.receive(ReadingRequest)
        except EOFError:
            return
        number = channel.number
        seconds = FIND_SECONDS if isinstance(request, FindDefined) else CPU_SECONDS
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            reply = _answer(request)
        except NotebookUnreadable as why:
            reply = Unreadable(str(why))
        signal.setitimer(signal.ITIMER_PROF, 0)
        channel.send(reply, number=number)
        del request, reply


def _answer(request: ReadingRequest) -> ReadingReply:
    match request:
        case ReadNotebook():
            return _notebook(request.content, bytes(request.outline), request.demonstrations)
        case ReadCells():
            return read_cells(request.content)
        case RepairCells():
            return CellsRepaired(tuple(repair_cells(request.cells, _outline(request.outline)).cells))
        case FindDefined():
            forget_sources()
            sources = [cell.source for cell in read_cells(request.content).cells]
            found = (name for name in request.names if any(defines(source, name) for source in sources))
            return NamesFound(frozenset(found))
        case AskText():
            said = getattr(_definitions(request.sources), request.method)(*request.arguments)
            return Answered(frozenset(said) if isinstance(said, set | frozenset) else bool(said))
        case TakeFingerprints():
            submitted = _notebook(request.content, bytes(request.outline), False)
            return fingerprints_of_notebook(submitted, _outline(request.outline), request.characters)
        case _:
            forget_sources()
            return Fingerprinted(fingerprints_of_answers(request.answers, request.exercises))


def _outline(encoded: msgspec.Raw) -> Outline:
    return _decoded_outline(bytes(encoded))


@functools.lru_cache(64)  # an assignment has a few, and they are the author's
def _decoded_outline(encoded: bytes) -> Outline:
    return _OUTLINE.decode(encoded)


@functools.lru_cache(1)  # the fingerprints of what is graded are taken afterwards
def _notebook(content: bytes, outline: bytes, demonstrations: bool) -> NotebookRead:
    return read_notebook(content, _decoded_outline(outline), demonstrations=demonstrations)


@functools.lru_cache(1)  # a check asks about one notebook
def _definitions(sources: tuple[str, ...]) -> Definitions:
    return Definitions(sources)
