"""The template's line to one grader: it never waits, neither for the rest of a request nor for a reader.

A grader on a busy machine may lose the processor between two bytes. What it has sent is kept until the request is
whole; what it does not read is kept until it does; the other graders are answered meanwhile.
"""

from __future__ import annotations

import os
import socket
from collections import deque
from typing import TYPE_CHECKING

from autograder.wire.frames import HEADER, MAX_FRAME_BYTES, FrameError, decode_message, encode_message
from autograder.wire.messages import Fork, Kill, TemplateRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from msgspec import Struct

_CHUNK_BYTES = 2**16
_MAX_DESCRIPTORS = 16  # that one call of the kernel's may hand over


class GraderLine:
    """One grader's control socket, with what has come and not been understood, and what is still to be sent."""

    def __init__(self, control: socket.socket) -> None:
        control.setblocking(False)
        self._socket = control
        self._received = bytearray()
        self._descriptors: deque[int] = deque()  # of the Forks whose bytes are on the way, in order
        self._unsent = bytearray()

    def fileno(self) -> int:
        """The socket, for a selector."""
        return self._socket.fileno()

    @property
    def has_unsent(self) -> bool:
        """Whether the grader has not taken all that was sent."""
        return bool(self._unsent)

    def requests(self) -> Iterator[Kill | tuple[Fork, int]]:
        """Every request that is whole by now; a Fork with the socket that came with it, which is then the caller's.

        Raises:
            EOFError: the grader has hung up.
            FrameError: it sent what is no request.
        """
        try:
            chunk, descriptors, _, _ = socket.recv_fds(self._socket, _CHUNK_BYTES, _MAX_DESCRIPTORS)
        except BlockingIOError:
            return
        except ConnectionResetError as error:
            raise EOFError("the grader has hung up") from error
        self._descriptors += descriptors
        if not chunk:
            raise EOFError("the grader has hung up")
        self._received += chunk
        while (body := self._next_body()) is not None:
            request = decode_message(TemplateRequest, body)
            if isinstance(request, Kill):
                yield request
            elif self._descriptors:
                yield request, self._descriptors.popleft()
            else:
                raise FrameError("a grader wants a worker without a socket for it")

    def send(self, message: Struct) -> None:
        """Send a message as far as the grader takes it; `flush` sends the rest. Raises OSError: the grader is gone."""
        body = encode_message(message)
        self._unsent += HEADER.pack(len(body), 0) + body
        self.flush()

    def flush(self) -> None:
        """Send what is unsent, as far as the grader takes it. Raises OSError: the grader is gone."""
        while self._unsent:
            try:
                del self._unsent[: self._socket.send(self._unsent)]
            except BlockingIOError:
                return

    def close(self) -> None:
        """Hang up."""
        self._socket.close()
        while self._descriptors:
            os.close(self._descriptors.popleft())

    def _next_body(self) -> bytes | None:
        if len(self._received) < HEADER.size:
            return None
        length, _ = HEADER.unpack_from(self._received)
        if length > MAX_FRAME_BYTES:
            raise FrameError(f"a grader's request claims {length} bytes")
        end = HEADER.size + length
        if len(self._received) < end:
            return None
        body = bytes(self._received[HEADER.size : end])
        del self._received[:end]
        return body
