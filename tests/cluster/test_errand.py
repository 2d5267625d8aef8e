"""A Dask worker with another kit than the tutor's machine is refused by name."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

import autograder
from autograder.author.samples import edited
from autograder.cluster import on_worker
from autograder.cluster.errand import errand, kit_here
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.store import read_results
from tests.cluster.live import scheduler, worker

ADDRESS = "tcp://10.0.0.7:4"
VERSION = autograder.__version__
STUDENTS = 12


@pytest.fixture
def answer(monkeypatch):
    """What a Dask worker with this kit answers to a tutor's machine with that one."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    here = type("Worker", (), {"address": ADDRESS})()
    monkeypatch.setattr(distributed, "get_worker", lambda: here)
    monkeypatch.setattr(on_worker, "grade_batch", lambda parcel, batch: b"graded")
    return lambda kit: errand()(kit, b"", b"")


def test_a_worker_with_the_same_kit_grades(answer):
    assert answer(kit_here()) == b"graded"


def test_a_worker_with_another_version_is_refused_with_its_address_and_both_versions(answer):
    _, files = json.loads(kit_here())
    assert answer(json.dumps(["9.9.9", files]).encode()) == (
        f"The Dask worker at {ADDRESS} has version {VERSION} of the kit, and this machine has version 9.9.9, so its "
        "marks could differ: install version 9.9.9 there, and restart the worker."
    )


@pytest.mark.parametrize(
    "room", ["errors.py", "cluster/messages.py", "reading/", "trusted/grading/", "worker/", "wire/"]
)
def test_a_worker_of_the_same_version_with_another_file_is_refused_and_the_file_is_named(answer, room):
    version, files = json.loads(kit_here())
    file = next(name for name in files if name.startswith(f"autograder/{room}"))
    said = answer(json.dumps([version, files | {file: "of another checkout"}]).encode())
    assert f"worker at {ADDRESS} has another kit than this machine: both are version {VERSION}, only their" in said
    assert f"files differ ({file})" in said


def test_a_file_that_only_one_of_the_two_has_is_a_difference(answer):
    version, files = json.loads(kit_here())
    more = {f"autograder/{name}.py": "new" for name in ("a", "b")}
    assert "(autograder/a.py and 1 more)" in answer(json.dumps([version, files | more]).encode())


def test_a_worker_without_the_kit_is_told_to_install_it(answer, monkeypatch):
    kit = kit_here()
    monkeypatch.setitem(sys.modules, "autograder", None)
    assert answer(kit).startswith(f"The Dask worker at {ADDRESS} cannot run the kit (")


def test_a_folder_that_is_called_as_the_kit_is_no_kit(answer, monkeypatch):
    kit = kit_here()
    monkeypatch.setitem(sys.modules, "autograder", type(sys)("autograder"))
    assert f"has version without a number of the kit, and this machine has version {VERSION}" in answer(kit)


def copy_of_the_kit(folder: Path, file: str, old: str, new: str) -> Path:
    """A folder with the kit, in which one text of a file is another."""
    shutil.copytree(KIT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("checks", "__pycache__"))
    text = (folder / "autograder" / file).read_text(encoding="utf-8")
    assert old in text
    (folder / "autograder" / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


@pytest.mark.thorough
def test_workers_with_other_kits_are_refused_on_a_live_cluster_and_the_others_records_stay(tmp_path):
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    newer = copy_of_the_kit(tmp_path / "newer", "__init__.py", f'"{VERSION}"', '"9.9.9"')
    kinder = copy_of_the_kit(
        tmp_path / "kinder", "trusted/comparing/compare.py", "from __future__", "\nfrom __future__"
    )
    course, submitted, output = Course(KIT), tmp_path / "submitted", tmp_path / "graded"
    for number in range(STUDENTS):
        place = submitted / f"s{number:02d}" / course.assignment
        place.mkdir(parents=True)
        (place / "perceptron.ipynb").write_text(edited(course.source / "perceptron.ipynb", {}), encoding="utf-8")
    with ExitStack() as others, scheduler() as address, worker(address):
        refused = [others.enter_context(worker(address, kit=kit)) for kit in (newer, kinder)]
        words = ["grade", str(submitted), "--dask", address, "--output", str(output), "--seed", "7"]
        said = CliRunner().invoke(main, words)
        assert said.exit_code == 1
        assert (
            f"worker at {refused[0]} has version 9.9.9 of the kit, and this machine has version {VERSION}"
            in said.output
        )
        assert f"worker at {refused[1]} has another kit than this machine: both are version {VERSION}" in said.output
        assert "only their files differ (autograder/trusted/comparing/compare.py)" in said.output
        assert "run the same command again to go on" in said.output
        first = read_results(output / "results.jsonl")
        assert 0 < len(first) < 4 * STUDENTS
        others.close()
        said = CliRunner().invoke(main, words)
    assert said.exit_code == 0, said.output
    graded = {(record.student, record.notebook): record for record in read_results(output / "results.jsonl")}
    assert len(graded) == 4 * STUDENTS
    assert [record.earned for key, record in graded.items() if "perceptron" in key] == STUDENTS * [25]
    assert all(graded[record.student, record.notebook] == record for record in first)
