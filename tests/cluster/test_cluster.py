"""A class graded by a Dask cluster: the same records, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec import structs

from autograder import __version__
from autograder.author.samples import edited
from autograder.cluster import on_worker
from autograder.cluster.dealing import BatchQueue
from autograder.cluster.graders import _passed_on
from autograder.cluster.messages import BatchResult, GradedInBatch, HandedIn, Placed
from autograder.cluster.parcel import packed, read_parcel, unpacked
from autograder.cluster.run import ClusterRun
from autograder.errors import KitError, SandboxUnavailable
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.settings import FIXED_SEED, Settings, settings_fingerprint
from autograder.trusted.results.store import read_results
from autograder.trusted.submissions.beside import FilesBeside
from autograder.trusted.submissions.submission import Submission
from tests.attacks.processes import families

WRONG = {
    "perceptron": {"activation": "def activation(s):\n    return torch.sign(s)\n"},
    "tensor_ops": {"one_hot": "def one_hot(labels, num_classes)\n    return\n"},
}
STUDENTS = 6
WITHOUT = "s2"  # hands in one notebook less


def handed_in(folder: Path) -> Path:
    """A class in submitted/: every other student solved everything, the others have mistakes in two notebooks."""
    course = Course(KIT)
    for number in range(STUDENTS):
        place = folder / "submitted" / f"s{number}" / course.assignment
        place.mkdir(parents=True)
        for name in course.notebooks:
            edits = WRONG.get(name, {}) if number % 2 else {}
            (place / f"{name}.ipynb").write_text(edited(course.source / f"{name}.ipynb", edits), encoding="utf-8")
    (folder / "submitted" / WITHOUT / course.assignment / "chain_rule.ipynb").unlink()
    (folder / "submitted" / WITHOUT / course.assignment / "tensor_ops.ipynb").write_text('{"cells": [')
    return folder / "submitted"


@pytest.mark.thorough
def test_a_worker_that_is_killed_half_way_costs_nothing(tmp_path, grade):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    submitted, output = handed_in(tmp_path), tmp_path / "graded"
    with (
        distributed.LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=":0") as cluster,
        ThreadPoolExecutor() as pool,
    ):
        for nanny in cluster.workers.values():
            nanny.auto_restart = False  # as if a machine had gone
        words = ["grade", str(submitted), "--dask", cluster.scheduler_address, "--output", str(output)]
        words += ["--seed", os.environ.get("AUTOGRADER_SEED", str(FIXED_SEED))]  # that of `grade`
        run = pool.submit(main, words, standalone_mode=False)
        while not (wait([run], 0.02).done or (output.exists() and read_results(output / "results.jsonl"))):
            pass
        at_work = [
            each for each in cluster.workers.values() if cluster.scheduler.workers[each.worker_address].processing
        ]
        os.kill(at_work[0].pid, signal.SIGKILL)
        run.result(timeout=120)
    graded = read_results(output / "results.jsonl")
    assert len(graded) == 4 * STUDENTS
    for record in graded:
        path = submitted / record.student / "week06" / f"{record.notebook}.ipynb"
        alone = grade.file(path if path.exists() else None, record.notebook)
        assert record == structs.replace(alone, student=record.student, seconds=record.seconds)


def test_the_files_beside_a_notebook_travel_with_it(tmp_path):
    (tmp_path / "s1").mkdir()
    notebook = tmp_path / "s1" / "perceptron.ipynb"
    notebook.write_bytes((Course(KIT).source / "perceptron.ipynb").read_bytes())
    (tmp_path / "s1" / "helpers.py").write_text("two = 2\n")
    (tmp_path / "s1" / "link.csv").symlink_to(notebook)
    here = Submission("s1", "perceptron", notebook, own_folder=notebook.parent)
    batch = BatchQueue([here]).take("a grader", 1)
    [sent] = msgspec.msgpack.decode(msgspec.msgpack.encode(batch), type=list[HandedIn])
    task = _passed_on(Placed(sent.student, sent.notebook, "elsewhere", sent.notes, sent.needs_review, sent.beside))
    assert task.submission.beside() == here.beside() == FilesBeside({"helpers.py": b"two = 2\n"}, ("link.csv",))


def test_how_many_graders_a_dask_worker_has_is_its_own_affair():
    said = CliRunner().invoke(main, ["grade", "--dask", "tcp://127.0.0.1:9", "--jobs", "2"])
    assert said.exit_code == 2
    assert "a Dask worker has as many graders as threads" in said.output


def test_a_kit_that_has_changed_since_the_dask_worker_began_is_refused(tmp_path):
    course, settings = Course(KIT), Settings()
    parcel = packed(course, settings, "sandbox", settings_fingerprint(course, settings))
    assert read_parcel(msgspec.msgpack.encode(parcel)) == parcel
    assert unpacked(parcel, tmp_path).notebooks.keys() == course.notebooks.keys()
    with pytest.raises(KitError, match=f"which is version {__version__} now, are not those that it began with"):
        unpacked(structs.replace(parcel, fingerprint=b"of another version"), tmp_path)
    with pytest.raises(KitError, match="install this very kit there, and restart the worker"):
        read_parcel(msgspec.msgpack.encode({"course": "packed by a later version"}))


def test_graders_have_the_kit_of_their_dask_worker_whatever_stands_where_it_runs(tmp_path):
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__init__.py").write_text("raise SystemExit('another kit')")
    program = [sys.executable, "-c", on_worker._PROGRAM.format(sys.path)]
    said = subprocess.run(program, cwd=tmp_path, input=b"", capture_output=True)
    assert (said.returncode, said.stderr) == (
        0,
        b"",
    )  # it has no seat to which it could complain


class WithoutSandbox:
    """The graders of a machine without Landlock."""

    def seat(self, notebook):
        raise SandboxUnavailable("This machine cannot put student code into a sandbox (no Landlock).")


def test_a_machine_that_has_no_sandbox_says_so_with_its_address(monkeypatch):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    worker = type("Worker", (), {"address": "tcp://10.0.0.7:4", "state": type("State", (), {"nthreads": 1})})
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    monkeypatch.setattr(on_worker, "_graders", lambda parcel, count: WithoutSandbox())
    batch = msgspec.msgpack.encode([HandedIn("ada", "perceptron", b"{}")])
    answer = msgspec.msgpack.decode(on_worker.grade_batch(b"", batch), type=BatchResult)
    assert answer == BatchResult(
        refusal="The Dask worker at tcp://10.0.0.7:4 cannot grade: "
        "This machine cannot put student code into a sandbox (no Landlock).",
        no_sandbox=True,
    )


@pytest.fixture
def dask_worker(monkeypatch):
    """This process is a Dask worker with one thread, and has no graders yet."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    worker = type("Worker", (), {"address": "tcp://10.0.0.7:4", "state": type("State", (), {"nthreads": 1})})
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    monkeypatch.setattr(on_worker, "_open", {})


def graded_in_batch(parcel: bytes, *handed_in: HandedIn) -> tuple[GradedInBatch, ...]:
    batch = msgspec.msgpack.encode(handed_in)
    result = msgspec.msgpack.decode(on_worker.grade_batch(parcel, batch), type=BatchResult)
    assert result.refusal == ""
    return result.graded


@pytest.mark.thorough
def test_notebooks_are_graded_right_after_the_program_with_the_graders_has_ended(dask_worker):
    course, settings = Course(KIT), Settings()
    parcel = msgspec.msgpack.encode(packed(course, settings, "sandbox", settings_fingerprint(course, settings)))
    solved = (course.source / "perceptron.ipynb").read_bytes()
    class_ = [HandedIn(student, "perceptron", solved) for student in ("ada", "ben")]
    first = on_worker._graders(parcel, 1)
    os.kill(first._process.pid, signal.SIGKILL)
    graded = graded_in_batch(parcel, *class_)
    assert [(each.record.student, each.record.earned, each.fault) for each in graded] == [
        ("ada", 25, ""),
        ("ben", 25, ""),
    ]
    second = on_worker._open[parcel]
    assert second is not first
    assert first._process.returncode == -signal.SIGKILL
    # The one that graded the first notebook alone has ended.
    programs = {pid for pid in families()[os.getpid()] if b"autograder.cluster.graders" in command_of(pid)}
    assert programs == {second._process.pid}
    second.close()
    assert second._process.returncode == 0


def command_of(pid: int) -> bytes:
    return Path(f"/proc/{pid}/cmdline").read_bytes()


class GradersThatAreLost:
    """Graders that are lost over whoever is called "bad", wherever they begin; alone, they may not even begin."""

    made: list[GradersThatAreLost]
    refusal_alone: KitError | None = None

    def __init__(self, parcel: bytes, count: int) -> None:
        self.closed = False
        self.made.append(self)

    @contextmanager
    def seat(self, notebook):
        if self.refusal_alone is not None and len(self.made) > 1:
            raise self.refusal_alone
        yield self

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def lost_graders(dask_worker, monkeypatch):
    def graded(handed_in, seat, place):
        if handed_in.student == "bad":
            raise on_worker.GradersLost
        return GradedInBatch(None, f"{handed_in.student} was graded")

    made = type("Lost", (GradersThatAreLost,), {"made": []})
    monkeypatch.setattr(on_worker, "Graders", made)
    monkeypatch.setattr(on_worker, "_grade", graded)
    return made


CLASS = [HandedIn(student, "perceptron", b"{}") for student in ("ada", "bad", "cyd")]


def test_a_notebook_over_which_graders_are_lost_twice_is_given_up_and_costs_the_others_nothing(lost_graders):
    faults = [each.fault for each in graded_in_batch(b"", *CLASS)]
    assert faults == ["ada was graded", "Its grader process ended over it twice", "cyd was graded"]
    _, alone, latest = lost_graders.made
    assert alone.closed
    assert on_worker._open == {b"": latest}


def test_where_no_grader_can_begin_alone_the_notebook_says_so(lost_graders):
    lost_graders.refusal_alone = KitError("there is no room.")
    _, fault = graded_in_batch(b"", *CLASS[:2])
    assert fault.fault == "No grader could begin: there is no room."
    assert [each.closed for each in lost_graders.made] == [False, True]


class Future:
    """What a cluster that loses its workers over whoever is called "bad" makes of a batch."""

    def __init__(self, batch: bytes) -> None:
        self.students = [each.student for each in msgspec.msgpack.decode(batch, type=list[HandedIn])]

    def exception(self):
        return RuntimeError("KilledWorker") if "bad" in self.students else None

    def result(self):
        return msgspec.msgpack.encode(BatchResult(tuple(GradedInBatch(None, f"of {each}") for each in self.students)))


class Client:
    """A cluster with one thread."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def nthreads(self):
        return {"tcp://10.0.0.7:4": 1}

    def submit(self, function, *arguments, **where):
        if function is bytes:
            return b""
        future = Future(arguments[-1])
        self.batches.append(future.students)
        return future


def test_a_batch_over_which_the_cluster_gives_up_is_tried_once_more_one_by_one(tmp_path, monkeypatch):
    client = Client()

    @contextmanager
    def connected(address):
        yield client

    monkeypatch.setattr("autograder.cluster.run.connected", connected)
    monkeypatch.setattr("autograder.cluster.run._first_done", lambda client, futures, address: futures[:1])
    notebook = tmp_path / "perceptron.ipynb"
    notebook.write_bytes(b"{}")
    run, records = ClusterRun(Course(KIT), Settings(), "tcp://10.0.0.7:8786"), []
    run.grade([Submission(each.student, "perceptron", notebook) for each in CLASS], records.append)
    assert client.batches == [["ada", "bad"], ["cyd"], ["ada"], ["bad"]]
    assert [record.student for record in records] == ["cyd", "ada", "bad"]
    assert all(record.needs_review for record in records)
    assert [fault for fault in run.faults if "gave it up" in fault] == [
        "bad's perceptron was not graded as it should be: The Dask cluster gave it up (KilledWorker)"
    ]
