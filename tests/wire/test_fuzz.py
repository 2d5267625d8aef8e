"""What a hostile worker sends is taken or refused, at once and within bounds."""

import socket
import threading

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.wire.counting import holds_at_most
from autograder.wire.frames import HEADER, MAX_FRAME_BYTES, MAX_OBJECTS, Channel, Deadline, FrameError
from autograder.wire.messages import Reply
from autograder.wire.values import MAX_ITEMS
from tests.wire.fuzz import MEMORY_MIB, SECONDS_EACH, fuzz
from tests.wire.test_frames import JSON


@pytest.mark.parametrize("seed", [1, 2])
def test_mutated_random_and_truncated_frames_never_get_through(tmp_path, seed):
    ended, longest, gained = fuzz(4_000, seed, tmp_path)
    assert set(ended) >= {"WorkerCrashed", "answered", "StudentError", "described", "ran"}
    assert longest < 10 * SECONDS_EACH
    assert gained < MEMORY_MIB


def objects_in(thing) -> int:
    if isinstance(thing, dict):
        return 1 + sum(objects_in(key) + objects_in(value) for key, value in thing.items())
    return 1 + sum(map(objects_in, thing)) if isinstance(thing, list) else 1


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_objects_are_counted_as_msgpack_has_them(thing):
    body, count = msgspec.msgpack.encode(thing), objects_in(thing)
    assert holds_at_most(body, count)
    assert not holds_at_most(body, count - 1)


@pytest.mark.parametrize(
    "text", ["x" * 20, "x" * 200, "x" * 70_000, bytes(10), bytes(300), bytes(70_000), [1] * 70_000]
)
def test_a_long_object_is_counted_once_and_what_follows_it_is_seen(text):
    body = msgspec.msgpack.encode([text, 1, 2])
    assert holds_at_most(body, 4 if not isinstance(text, list) else 70_004)
    assert not holds_at_most(body, 3 if not isinstance(text, list) else 70_003)


@given(st.binary(max_size=100))
def test_any_bytes_can_be_counted(body):
    assert holds_at_most(body, len(body))


def offered(body: bytes) -> object:
    """What comes of a frame that may be larger than a socket's buffer: the reply, or why it is refused."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=theirs.sendall, args=(HEADER.pack(len(body), 1) + body,))
        sender.start()
        try:
            return Channel(ours).receive(Reply, Deadline(10))
        except FrameError as error:
            return str(error)
        finally:
            sender.join()


@pytest.mark.parametrize("empty", [b"\x90", b"\x80", b"\xa0", b"\xc0"])
def test_a_frame_of_nothing_but_empty_things_is_refused_before_they_are_made(empty):
    begun = msgspec.msgpack.encode({"type": "cell-ran", "index": 0, "outputs": []}).removesuffix(b"\x90")
    many = MAX_FRAME_BYTES - 100
    body = begun + b"\xdd" + many.to_bytes(4, "big") + empty * many
    assert offered(body) == f"a frame holds more than {MAX_OBJECTS} objects"


def test_as_many_numbers_as_a_list_may_have_are_taken():
    reply = {"type": "returned", "value": ["l", [1.5] * MAX_ITEMS]}
    assert offered(msgspec.msgpack.encode(reply)).value.items == (1.5,) * MAX_ITEMS
