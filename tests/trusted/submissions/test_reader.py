"""A reader can be lost without loss: what a text does to it is that text's own problem."""

from __future__ import annotations

import json
import multiprocessing
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.errors import KitError, NotebookUnreadable, ReaderLost
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.hidden_layers import HIDDEN_LAYERS
from autograder.trusted.submissions import reader as module
from autograder.trusted.submissions.definitions import Definitions
from autograder.trusted.submissions.find import find_submissions
from autograder.trusted.submissions.finding.candidates import LOSS, MAX_LOOKS
from autograder.trusted.submissions.notebook import read_cells, read_notebook
from autograder.trusted.submissions.reader import WORTH_A_READER, Reader, side_by_side, the_reader
from autograder.wire.reading import CellsRead, FindDefined, NamesFound, ReadCells
from tests.attacks.processes import adopting

HONEST = b"def f():\n    return 1\n"
# One reading takes longer than a second, and there is more than one, as Python then finds a mistake.
ENDLESS = b"import torch\n" + b"a;" * 260_000 + b"\ndef (:\n"
COURSE = Course(KIT)


def names(reader: Reader, content: bytes) -> frozenset[str]:
    return reader.ask(FindDefined(content, ("f", "g")), NamesFound).names


@pytest.fixture
def reader():
    made = Reader()
    yield made
    made.close()


def pid_of(reader: Reader) -> int:
    assert reader._process is not None
    return reader._process.pid


def test_a_reader_answers_and_serves_many(reader):
    assert names(reader, HONEST) == {"f"}
    first = pid_of(reader)
    assert names(reader, b"def g(): pass\n") == {"g"}
    assert pid_of(reader) == first


@pytest.mark.thorough
def test_a_reader_that_a_large_process_starts_is_not_taken_for_a_large_one(reader):
    held = b"\1" * (module.GROWN_BYTES + 2**26)
    names(reader, HONEST)
    first = pid_of(reader)
    del held
    names(reader, HONEST)
    assert pid_of(reader) == first


def test_a_reader_that_has_grown_answers_and_is_replaced(reader, monkeypatch):
    names(reader, HONEST)
    first = pid_of(reader)
    monkeypatch.setattr(module, "GROWN_BYTES", 1)
    assert names(reader, HONEST) == {"f"}
    monkeypatch.undo()
    assert names(reader, HONEST) == {"f"}
    assert pid_of(reader) != first


def test_a_text_that_takes_too_much_computing_loses_its_reader_and_the_next_is_read(reader):
    names(reader, HONEST)
    first = pid_of(reader)
    with pytest.raises(ReaderLost, match="took too long"):
        names(reader, ENDLESS)
    assert names(reader, HONEST) == {"f"}
    assert pid_of(reader) != first


def test_a_reader_that_is_killed_costs_nothing_but_time(reader):
    names(reader, HONEST)
    os.kill(pid_of(reader), signal.SIGKILL)
    assert names(reader, HONEST) == {"f"}


def test_readers_that_are_lost_before_they_meet_a_text_are_not_lost_over_it(reader, monkeypatch):
    names(reader, HONEST)
    os.kill(pid_of(reader), signal.SIGKILL)
    killed = []
    start = Reader._start

    def killed_while_it_starts(self):
        fresh = self._channel is None
        channel = start(self)
        if fresh and len(killed) < module.STARTS - 1:
            killed.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
        return channel

    monkeypatch.setattr(Reader, "_start", killed_while_it_starts)
    assert names(reader, HONEST) == {"f"}
    assert len(killed) == module.STARTS - 1


def test_a_text_that_ends_every_reader_is_given_up(reader, monkeypatch):
    started = []
    start = Reader._start

    def start_and_kill(self):
        fresh = self._channel is None
        channel = start(self)
        if fresh:
            assert self._is_ready(channel)
            started.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
        return channel

    monkeypatch.setattr(Reader, "_start", start_and_kill)
    with pytest.raises(ReaderLost, match="ended the process"):
        names(reader, HONEST)
    assert len(started) == module.TRIES


@pytest.mark.thorough
def test_a_reader_that_is_stopped_is_replaced_when_its_time_is_over(reader, monkeypatch):
    monkeypatch.setattr(module, "SECONDS", 1.0)
    names(reader, HONEST)
    os.kill(pid_of(reader), signal.SIGSTOP)
    assert names(reader, HONEST) == {"f"}


def test_an_answer_of_another_kind_is_not_believed(reader):
    with pytest.raises(ReaderLost, match="went wrong"):
        reader.ask(FindDefined(HONEST, ("f",)), CellsRead)


def test_where_no_reader_can_be_started_one_sentence_says_so(reader, monkeypatch):
    monkeypatch.setattr(module.sys, "executable", "/bin/false")
    with pytest.raises(KitError, match="cannot be started"):
        names(reader, HONEST)


def test_a_reader_ends_when_its_user_does():
    script = (
        "from autograder.trusted.submissions.notebook import read_cells\n"
        "from autograder.trusted.submissions.reader import the_reader\n"
        "import os\n"
        "read_cells(b'def f(): pass')\n"
        "print(the_reader()._process.pid, flush=True)\n"
        "os._exit(0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    try:
        ended = os.pidfd_open(int(done.stdout))
    except ProcessLookupError:
        return
    try:
        assert select.select([ended], [], [], 20.0)[0]
    finally:
        os.close(ended)


def test_a_grader_that_ends_leaves_no_reader():
    with adopting() as orphans:
        grader = multiprocessing.get_context("fork").Process(target=read_cells, args=(HONEST,))
        grader.start()
        grader.join()
        left = orphans.now()
        orphans.wait()
    assert grader.exitcode == 0
    assert left == set()


def test_a_reader_is_in_the_workers_sandbox(reader):
    names(reader, HONEST)
    status = Path(f"/proc/{pid_of(reader)}/status").read_text()
    assert "Seccomp:\t2" in status
    assert "NoNewPrivs:\t1" in status
    if os.geteuid() == 0:
        assert "Uid:\t0" not in status


# In the place of what a reader does with a text: it tries what a flaw in the parser would let a text do.
TRY = """
import json, os, sys
from autograder.reading import start

def tried(what, *arguments):
    try:
        what(*arguments)
    except (OSError, MemoryError) as error:
        return type(error).__name__
    return "done"

def serve(channel):
    found = {path: tried(open, path) for path in json.loads(os.environ["FILES"])}
    found["half"] = tried(bytearray, start.MEMORY_BYTES // 2)
    found["more"] = tried(bytearray, start.MEMORY_BYTES + 2**26)
    found["write"] = tried(os.open, "left", os.O_CREAT | os.O_WRONLY)
    found["fork"] = tried(os.fork)
    os.write(int(sys.argv[1]), json.dumps(found).encode())

start.serve = serve
start.main()
"""


def tried_in_a_reader(files: list[Path]) -> dict[str, str]:
    """What comes of each of these attempts where a reader reads: to open a file, to take memory, and more."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        subprocess.run(
            [sys.executable, "-I", "-B", "-c", TRY, str(theirs.fileno()), str(KIT / "autograder")],
            pass_fds=[theirs.fileno()],
            env={"FILES": json.dumps(list(map(str, files)))},
            cwd="/",
            check=True,
            timeout=60,
        )
        return json.loads(ours.recv(2**20))


def test_no_file_of_the_course_nor_of_the_machines_opens_in_a_reader():
    folders = (COURSE.source, COURSE.checks, KIT / "solutions", KIT / "release", KIT / "tests" / "attacks")
    files = [path for folder in folders for path in folder.rglob("*") if path.suffix in (".py", ".ipynb")]
    files += [KIT / "README.md", Path("/etc/passwd")]
    assert len(files) > 30
    assert all(path.read_bytes() for path in files if path.name != "__init__.py")
    found = tried_in_a_reader(files)
    assert {str(path): found[str(path)] for path in files if found[str(path)] != "PermissionError"} == {}
    assert found["write"] == found["fork"] == "PermissionError"


def test_a_reader_has_so_much_memory_and_no_more():
    found = tried_in_a_reader([])
    assert (found["half"], found["more"]) == ("done", "MemoryError")


def test_a_reader_starts_without_torch():
    script = "import sys, autograder.reading.start; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_no_solution_is_told_to_a_reader():
    plan = COURSE.notebooks["perceptron"]
    told = bytes(module.outline(plan, COURSE.released("perceptron").stubs))
    solutions = [cell.source for cell in plan.cells if cell.solution]
    assert len(solutions) > 3
    for source in solutions:
        assert source.splitlines()[-1].strip().encode() not in told or "NotImplementedError" in source


def test_locked_cells_come_from_the_source_whatever_a_reader_says():
    plan = COURSE.notebooks["perceptron"]
    content = (COURSE.source / "perceptron.ipynb").read_bytes()
    read = read_notebook(content, plan, COURSE.released("perceptron").stubs)
    assert {cell.name: cell.source for cell in read.cells}["imports"] == plan.locked["imports"].source


def test_files_over_which_readers_are_lost_are_looked_into_a_few_times_only(tmp_path, monkeypatch):
    folder = tmp_path / "ada" / "week06"
    folder.mkdir(parents=True)
    for number in range(20):
        (folder / f"a{number}.py").write_bytes(HONEST)
    (folder / "perceptron.ipynb").write_bytes((COURSE.source / "perceptron.ipynb").read_bytes())
    asked = []

    def lost(self, request, expected):
        asked.append(request)
        raise ReaderLost("over it")

    monkeypatch.setattr(Reader, "ask", lost)
    found = find_submissions([tmp_path], "week06", COURSE.notebooks)
    assert [each.notebook for each in found if each.path] == ["perceptron"]
    assert len(asked) == MAX_LOOKS // LOSS


def test_a_text_that_cannot_be_looked_through_is_said_to_be_so():
    text = "def f():\n    return [" + ",".join(f"name{number}" for number in range(20_000)) + "]\n"
    with pytest.raises(NotebookUnreadable, match="more names than can be looked through"):
        Definitions([text]).names_used("f")
    assert Definitions([text]).has_loop("f") is False


def test_the_cells_of_a_large_notebook_come_across():
    cells = [{"cell_type": "code", "metadata": {}, "source": "x = 1", "outputs": []}] * 1_000
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 45_000_000}
    cells[0] = cells[0] | {"outputs": [output]}
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()
    assert len(read_cells(content)) == 1_000
    assert isinstance(the_reader().ask(ReadCells(content), CellsRead), CellsRead)


@pytest.mark.skipif(os.geteuid() != 0, reason="it takes root to look at another process's root")
def test_without_landlock_a_reader_has_a_root_in_which_nothing_else_is(reader, monkeypatch):
    monkeypatch.setenv(HIDDEN_LAYERS, "Landlock 1")
    assert names(reader, HONEST) == {"f"}
    root = Path(f"/proc/{pid_of(reader)}/root")
    assert (root / Path(os.__file__).relative_to("/")).exists()
    for place in ("/etc/passwd", "/proc/self", COURSE.source, KIT / "autograder"):
        assert Path(place).exists()
        assert not (root / Path(place).relative_to("/")).exists()
    assert os.statvfs(root).f_flag & os.ST_RDONLY


def test_with_neither_landlock_nor_namespaces_a_reader_reads_nevertheless(reader, monkeypatch):
    monkeypatch.setenv(HIDDEN_LAYERS, "Landlock 1,mount")
    assert names(reader, HONEST) == {"f"}


def test_many_texts_are_read_side_by_side_and_come_in_their_order():
    texts = [f"def {'fg'[number % 2]}(): return {number}\n".encode() for number in range(2 * WORTH_A_READER)]
    readers = set()

    def read(text: bytes) -> frozenset[str]:
        readers.add(the_reader())
        return names(the_reader(), text)

    assert list(side_by_side(read, texts, 2)) == [frozenset("fg"[number % 2]) for number in range(len(texts))]
    assert len(readers) == 2
    assert the_reader() not in readers
    assert [reader._process for reader in readers] == [None, None]


def test_few_texts_are_read_by_one_reader():
    assert len(set(side_by_side(lambda _: the_reader(), range(3), 8))) == 1


def test_what_reading_raises_comes_in_its_turn_and_every_reader_ends():
    readers = []

    def read(number: int) -> int:
        readers.append(the_reader())
        names(the_reader(), HONEST)
        if number == 1:
            raise KitError("no more")
        return number

    made = side_by_side(read, range(4 * WORTH_A_READER), 2)
    assert next(made) == 0
    with pytest.raises(KitError, match="no more"):
        next(made)
    assert {reader._process for reader in readers} == {None}
