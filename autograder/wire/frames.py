"""Messages as frames on a stream socket: four bytes of length, four bytes of a frame number, then msgpack.

A frame that is too long is refused before a byte of it is stored. A message is decoded into one of the
types of `autograder.wire.messages`; it is never evaluated or unpickled.

A reply repeats the frame number of its request. The number stands outside of the message, so that equal messages
are equal bytes.
"""

from __future__ import annotations

import struct
import time
from socket import MSG_DONTWAIT, SO_RCVTIMEO, SO_SNDTIMEO, SOL_SOCKET
from typing import TYPE_CHECKING, Any

import msgspec

from autograder.wire.counting import holds_at_most

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

MAX_FRAME_BYTES = 32 * 2**20
MAX_OBJECTS = 400_000  # in a frame; every number, text, list and so on counts as one
HEADER = struct.Struct(">II")  # the length of the message, and the frame number
_CHUNK_BYTES = 2**18
WATCH_SECONDS = 0.05
_TIME_LIMIT = struct.pack("ll", 0, int(WATCH_SECONDS * 1e6))  # struct timeval: seconds and microseconds

_encoder = msgspec.msgpack.Encoder()
_decoders: dict[int, msgspec.msgpack.Decoder[Any]] = {}  # by the type's address: unions hash slowly


class FrameError(ValueError):
    """The other side sent bytes that are not a message of the expected type."""


class Deadline:
    """A point in time at which a wait ends; `None` seconds mean that it never ends."""

    def __init__(self, seconds: float | None) -> None:
        self._end = None if seconds is None else time.monotonic() + seconds

    def remaining(self) -> float | None:
        """Seconds left, or None for no limit. Raises TimeoutError once they are used up."""
        if self._end is None:
            return None
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline has passed")
        return left


def encode_message(message: msgspec.Struct) -> bytes:
    """A message as the body of a frame."""
    return _encoder.encode(message)


def decode_message(expected: Any, body: bytes) -> Any:
    """Decode a body as the type `expected`. Raises FrameError: it has too many objects, or is not of that type."""
    if len(body) > MAX_OBJECTS and not holds_at_most(body, MAX_OBJECTS):
        raise FrameError(f"a frame holds more than {MAX_OBJECTS} objects")
    decoder = _decoders.get(id(expected))
    if decoder is None:
        decoder = _decoders[id(expected)] = msgspec.msgpack.Decoder(expected)
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise FrameError(f"a frame holds no such message: {error}") from error


class Channel:
    """One end of a connected stream socket that carries messages.

    Every system call that waits returns after WATCH_SECONDS, so a deadline is noticed at most that much late.
    A time limit for each call would cost more system calls than the message itself.

    Args:
        connection: the socket.
        most_sent: bytes of a message that goes; most_received: of one that comes.

    Attributes:
        number: the frame number of the frame that was received last.
    """

    def __init__(
        self, connection: socket.socket, *, most_sent: int = MAX_FRAME_BYTES, most_received: int = MAX_FRAME_BYTES
    ) -> None:
        connection.setblocking(True)
        for option in (SO_RCVTIMEO, SO_SNDTIMEO):
            connection.setsockopt(SOL_SOCKET, option, _TIME_LIMIT)
        self._socket = connection
        self._most_sent, self._most_received = most_sent, most_received
        self._received = bytearray()  # bytes that `receive` has not returned yet
        self.number = 0

    def send(self, message: msgspec.Struct, deadline: Deadline | None = None, number: int = 0) -> None:
        """Send one message. Raises as `send_body`."""
        self.send_body(encode_message(message), deadline, number)

    def send_body(self, body: bytes, deadline: Deadline | None = None, number: int = 0) -> None:
        """Send one encoded message. Raises TimeoutError, FrameError (too large) or OSError (other end gone)."""
        if len(body) > self._most_sent:
            raise FrameError(f"a message of {len(body)} bytes is larger than {self._most_sent}")
        left = memoryview(HEADER.pack(len(body), number) + body)
        while left:
            if deadline is not None:
                deadline.remaining()
            try:
                left = left[self._socket.send(left) :]
            except BlockingIOError:
                continue  # WATCH_SECONDS have passed: check the deadline

    def receive(self, expected: Any, deadline: Deadline | None = None, watch: Callable[[], None] | None = None) -> Any:
        """Wait for one message of the type `expected`. Raises as `receive_body` and `decode_message`."""
        return decode_message(expected, self.receive_body(deadline, watch))

    def receive_body(self, deadline: Deadline | None = None, watch: Callable[[], None] | None = None) -> bytes:
        """Wait for one message, and return it encoded; call `watch` at least every WATCH_SECONDS.

        Raises:
            whatever `watch` raises: the message is then lost, and the channel must not be used any more.
            TimeoutError: the deadline passed before the whole message had come.
            EOFError: the other end is closed.
            FrameError: the message has too many bytes.
        """
        received = self._received
        self._receive(HEADER.size, deadline, watch)
        length, self.number = HEADER.unpack_from(received)
        if length > self._most_received:
            raise FrameError(f"a frame claims {length} bytes, more than {self._most_received}")
        end = HEADER.size + length
        self._receive(end, deadline, watch)
        body = bytes(received[HEADER.size : end])
        del received[:end]
        return body

    def close(self) -> None:
        """Close this end; the other end then reads EOFError."""
        self._socket.close()

    def _receive(self, count: int, deadline: Deadline | None, watch: Callable[[], None] | None) -> None:
        """Wait until `count` bytes are there, or more.

        What has come in time is taken, however late this process looks: a busy machine may have kept it waiting.
        """
        received = self._received
        late: TimeoutError | None = None
        while len(received) < count:
            if watch is not None:
                watch()
            try:
                chunk = self._socket.recv(_CHUNK_BYTES, 0 if late is None else MSG_DONTWAIT)
            except BlockingIOError:
                if late is not None:
                    raise late from None
            except ConnectionResetError as error:
                raise EOFError("the other end is closed") from error
            else:
                if not chunk:
                    raise EOFError("the other end is closed")
                received += chunk
            if deadline is not None and late is None:
                try:
                    deadline.remaining()
                except TimeoutError as over:
                    late = over
