"""Frames: whatever bytes come, the trusted side gets a message, a refusal or a time limit, and never blocks."""

from __future__ import annotations

import socket
import threading
import tracemalloc

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.frames import HEADER, MAX_FRAME_BYTES, Channel, Deadline, FrameError
from autograder.wire.messages import Reply, Returned, WorkerReady


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    yield Channel(ours), theirs
    ours.close()
    theirs.close()


def test_a_message_arrives_as_it_was_sent(ends):
    channel, other = ends
    Channel(other).send(Returned(1.5))
    assert channel.receive(Reply, Deadline(1)) == Returned(1.5)


def test_a_message_comes_with_the_number_it_was_sent_under(ends):
    channel, other = ends
    Channel(other).send(Returned(1.5), number=7)
    channel.receive(Reply, Deadline(1))
    assert channel.number == 7


def test_equal_messages_are_equal_bytes_whatever_their_number(ends):
    channel, other = ends
    for number in (7, 8):
        Channel(other).send(Returned(1.5), number=number)
    first, second = (channel.receive_body(Deadline(1)) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("length", [MAX_FRAME_BYTES + 1, 2**32 - 1])
def test_a_length_beyond_the_limit_is_refused_before_anything_is_stored(ends, length):
    channel, other = ends
    other.sendall(HEADER.pack(length, 1))
    with pytest.raises(FrameError, match="claims"):
        channel.receive(Reply, Deadline(1))


def test_a_claim_takes_no_memory_until_its_bytes_come(ends):
    channel, other = ends
    other.sendall(HEADER.pack(MAX_FRAME_BYTES, 1) + b"a few bytes")
    other.close()
    tracemalloc.start()
    try:
        with pytest.raises(EOFError):
            channel.receive(Reply, Deadline(5))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MAX_FRAME_BYTES / 16


def test_two_messages_in_one_go_are_two_messages(ends):
    channel, other = ends
    sender = Channel(other)
    sender.send(Returned(1.0))
    sender.send(Returned(2.0))
    assert [channel.receive(Reply, Deadline(1)).value for _ in range(2)] == [1.0, 2.0]


def test_a_message_that_comes_byte_by_byte_within_the_deadline_arrives(ends):
    channel, other = ends
    body = msgspec.msgpack.encode(Returned("slowly"))
    frame = HEADER.pack(len(body), 1) + body
    thread = threading.Thread(target=lambda: [other.send(frame[k : k + 1]) for k in range(len(frame))])
    thread.start()
    assert channel.receive(Reply, Deadline(5)) == Returned("slowly")
    thread.join()


def test_half_a_frame_runs_into_the_deadline(ends):
    channel, other = ends
    other.sendall(HEADER.pack(16, 1) + b"half")
    with pytest.raises(TimeoutError):
        channel.receive(Reply, Deadline(0.05))


def test_bytes_that_trickle_in_run_into_the_same_deadline(ends):
    channel, other = ends
    stop = threading.Event()

    def trickle():
        other.sendall(HEADER.pack(0xFFFF, 1))
        while not stop.wait(0.01):
            other.sendall(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    with pytest.raises(TimeoutError):
        channel.receive(Reply, Deadline(0.1))
    stop.set()
    thread.join()


@pytest.mark.parametrize("sent", [b"", b"\0\0", HEADER.pack(16, 1), HEADER.pack(16, 1) + b"half"])
def test_an_end_that_closes_within_a_frame_is_the_end_of_the_file(ends, sent):
    channel, other = ends
    other.sendall(sent)
    other.close()
    with pytest.raises(EOFError):
        channel.receive(Reply, Deadline(1))


def test_an_end_that_is_closed_on_an_unread_message_is_the_end_of_the_file(ends):
    channel, other = ends
    channel.send(WorkerReady())
    other.close()
    with pytest.raises(EOFError):
        channel.receive(Reply, Deadline(1))


def test_closing_a_channel_is_the_end_of_the_file_for_the_other_end(ends):
    channel, other = ends
    channel.close()
    with pytest.raises(EOFError):
        Channel(other).receive(Reply, Deadline(1))


def test_sending_to_a_closed_end_is_an_error_of_the_connection(ends):
    channel, other = ends
    other.close()
    with pytest.raises(OSError):  # noqa: PT011  # which one is the system's choice
        channel.send(WorkerReady(), Deadline(1))


def test_an_empty_frame_is_refused():
    assert offered(b"") is FrameError


def test_bytes_after_a_message_within_its_frame_are_refused():
    assert offered(msgspec.msgpack.encode(Returned()) + b"\xc0") is FrameError


def test_a_message_of_another_type_is_refused(ends):
    channel, other = ends
    Channel(other).send(WorkerReady())
    with pytest.raises(FrameError, match="no such message"):
        channel.receive(Reply, Deadline(1))


def test_a_reader_that_does_not_read_cannot_block_the_sender(ends):
    channel, _ = ends
    with pytest.raises(TimeoutError):
        channel.send(Returned("x" * 20 * 2**20), Deadline(0.1))


def test_a_message_that_is_too_large_is_not_sent(ends):
    channel, _ = ends
    with pytest.raises(FrameError, match="larger"):
        channel.send(Returned("x" * (MAX_FRAME_BYTES + 1)), Deadline(0.1))


def test_a_deadline_that_has_passed_stays_passed():
    with pytest.raises(TimeoutError):
        Deadline(0).remaining()
    assert Deadline(None).remaining() is None


def offered(body: bytes) -> object:
    """What receiving this frame gives, or the kind of refusal."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(HEADER.pack(len(body), 1) + body)
        theirs.shutdown(socket.SHUT_WR)
        try:
            return Channel(ours).receive(Reply, Deadline(5))
        except (FrameError, EOFError) as refusal:
            return type(refusal)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else(body):
    assert offered(body) is FrameError


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=8)
    | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(JSON, st.sampled_from(["returned", "raised", "described", "cell-ran", "ask", "no-such"]))
def test_any_packed_value_is_a_reply_or_refused(value, tag):
    body = value | {"type": tag, "number": 1} if isinstance(value, dict) else value
    got = offered(msgspec.msgpack.encode(body))
    assert got is FrameError or isinstance(got, Reply)


def test_nesting_without_end_is_refused():
    assert offered(b"\x91" * 100_000 + b"\xc0") is FrameError
