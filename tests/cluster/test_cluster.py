"""A class graded by a Dask cluster: the same records, whatever happens to its workers."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec import structs

from autograder.author.samples import edited
from autograder.cluster import on_worker
from autograder.cluster.messages import BatchResult, HandedIn
from autograder.cluster.parcel import packed, unpacked
from autograder.cluster.run import ClusterRun
from autograder.errors import KitError, SandboxUnavailable, UsageError
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.grading.settings import Settings, settings_fingerprint
from autograder.trusted.results.store import read_results

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


def test_a_worker_that_is_killed_half_way_costs_nothing(tmp_path, grade):
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    submitted, output = handed_in(tmp_path), tmp_path / "graded"
    with (
        distributed.LocalCluster(2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        ThreadPoolExecutor() as pool,
    ):
        for nanny in cluster.workers.values():
            nanny.auto_restart = False  # as if a machine had gone
        words = ["grade", str(submitted), "--dask", cluster.scheduler_address, "--output", str(output)]
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


def test_how_many_graders_a_dask_worker_has_is_its_own_affair():
    said = CliRunner().invoke(main, ["grade", "--dask", "tcp://127.0.0.1:9", "--jobs", "2"])
    assert said.exit_code == 2
    assert "a Dask worker has as many graders as threads" in said.output


def test_an_address_where_nobody_answers_is_named_in_one_sentence(monkeypatch):
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    monkeypatch.setattr("autograder.cluster.run.CONNECT_SECONDS", 0.2)
    with pytest.raises(UsageError, match=r"Nobody answers as a Dask scheduler at tcp://127\.0\.0\.1:9: start one"):
        ClusterRun(Course(KIT), Settings(), "tcp://127.0.0.1:9").grade([], print)


def test_without_dask_the_option_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="pip install distributed"):
        ClusterRun(Course(KIT), Settings(), "tcp://127.0.0.1:9").grade([], print)


def test_a_kit_that_would_grade_in_another_way_is_refused(tmp_path):
    course, settings = Course(KIT), Settings()
    parcel = packed(course, settings, "sandbox", settings_fingerprint(course, settings))
    assert unpacked(parcel, tmp_path).notebooks.keys() == Course(KIT).notebooks.keys()
    with pytest.raises(KitError, match="install this very version there"):
        unpacked(structs.replace(parcel, fingerprint=b"of another version"), tmp_path)


class WithoutSandbox:
    """The graders of a machine without Landlock."""

    def seat(self):
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
