"""The template's line to a grader: what comes in pieces is understood when it is whole, and nobody is waited for."""

from __future__ import annotations

import os
import signal
import socket
import time

import pytest

from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.template_process import TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.wire.frames import HEADER, Channel, Deadline, FrameError, encode_message
from autograder.wire.messages import Exited, Fork, Forked, Kill, TemplateReady, TemplateReply
from autograder.worker.template.grader_line import GraderLine


@pytest.fixture
def ends():
    grader, control = socket.socketpair()
    line = GraderLine(control)
    yield grader, line
    grader.close()
    line.close()


def frame(message) -> bytes:
    body = encode_message(message)
    return HEADER.pack(len(body), 0) + body


def wire() -> int:
    """A descriptor to be handed over."""
    return os.open(os.devnull, os.O_RDONLY)


def test_a_request_that_comes_byte_by_byte_is_there_with_its_last(ends):
    grader, line = ends
    content, descriptor = frame(Fork("/tmp/x")), wire()
    socket.send_fds(grader, [content[:1]], [descriptor])
    os.close(descriptor)
    for k in range(1, len(content)):
        assert list(line.requests()) == []
        grader.send(content[k : k + 1])
    ((request, received),) = line.requests()
    assert request == Fork("/tmp/x")
    os.fstat(received)
    os.close(received)


def test_several_requests_at_once_are_told_apart_with_their_descriptors(ends):
    grader, line = ends
    descriptors = [wire(), os.open("/dev/zero", os.O_RDONLY)]
    for name, descriptor in zip("ab", descriptors, strict=True):
        socket.send_fds(grader, [frame(Fork(name))], [descriptor])
        grader.send(frame(Kill(7)))
    found = []
    while len(found) < 4:
        found += line.requests()
    forks = [each for each in found if not isinstance(each, Kill)]
    assert [request.scratch for request, _ in forks] == ["a", "b"]
    assert [os.fstat(got).st_rdev for _, got in forks] == [os.fstat(sent).st_rdev for sent in descriptors]
    for descriptor in [*descriptors, *(got for _, got in forks)]:
        os.close(descriptor)


def test_a_grader_that_does_not_read_is_sent_the_rest_later(ends):
    grader, line = ends
    messages = [Exited(number, 0) for number in range(20_000)]
    for message in messages:
        line.send(message)
    assert line.has_unsent
    channel = Channel(grader)
    received = []
    while len(received) < len(messages):
        line.flush()
        received.append(channel.receive(TemplateReply, Deadline(5)))
    assert received == messages
    assert not line.has_unsent


def test_the_end_of_a_grader_within_a_request_is_its_end(ends):
    grader, line = ends
    grader.sendall(frame(Kill(1))[:5])
    grader.close()
    assert list(line.requests()) == []
    with pytest.raises(EOFError):
        list(line.requests())


@pytest.mark.parametrize("sent", [HEADER.pack(2**32 - 1, 0), HEADER.pack(1, 0) + b"\xc0", frame(Fork("/tmp/x"))])
def test_what_is_no_request_is_refused(ends, sent):
    grader, line = ends
    grader.sendall(sent)
    with pytest.raises(FrameError):
        list(line.requests())


@pytest.mark.thorough
def test_a_grader_off_its_processor_within_a_request_is_answered_later_and_the_others_now():
    template = TemplateProcess(2, [KIT], preload=["torch"])
    try:
        slow, other = template.control(0), Workers(template.control(1), template.home)
        channel = Channel(slow)
        channel.receive(TemplateReady, Deadline(60))
        scratch = template.home / "slow"
        scratch.mkdir()
        content = frame(Fork(str(scratch)))
        ours, theirs = socket.socketpair()
        with ours, theirs:
            socket.send_fds(slow, [content[: HEADER.size]], [theirs.fileno()])
            time.sleep(0.2)  # four times as long as any socket waits
            other.open().close()
            slow.sendall(content[HEADER.size :])
            forked = channel.receive(Forked, Deadline(60))
            slow.sendall(frame(Kill(forked.pid)))
            ended = channel.receive(Exited, Deadline(60))
        assert os.WTERMSIG(ended.status) == signal.SIGKILL
    finally:
        template.stop()
