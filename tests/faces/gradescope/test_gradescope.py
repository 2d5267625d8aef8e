"""The archive for Gradescope, and its run_autograder in the folders that Gradescope documents."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

from autograder.errors import SandboxUnavailable, UsageError
from autograder.faces.commands.main import main
from autograder.faces.gradescope import container
from autograder.faces.gradescope.archive import constraints, write_archive
from autograder.faces.gradescope.container import ContainerOrder, find_handed_in
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.records import NotebookRecord

COURSE = Course(KIT)
RELEASED_TORCH = version("torch").partition("+")[0]
SOLVED = COURSE.source / "perceptron.ipynb"


class Container:
    """Gradescope's folders below `root` in the place of /autograder, made as its documentation says."""

    def __init__(self, root: Path, order: ContainerOrder) -> None:
        self.root = root
        for name in ("source", "submission", "results"):
            (root / name).mkdir(parents=True)
        archive = root / "autograder.zip"
        write_archive(COURSE, order, archive)
        with zipfile.ZipFile(archive) as whole:
            whole.extractall(root / "source")
        self.script = root / "run_autograder"
        self.script.write_bytes((root / "source" / "run_autograder").read_bytes())
        self.script.chmod(0o755)

    def hand_in(self, name: str, content: str | bytes) -> None:
        path = self.root / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def run(self, python: str = sys.executable) -> tuple[dict, str]:
        """What results.json says, and what was printed for instructors."""
        (self.root / "results" / "results.json").unlink(missing_ok=True)
        environment = os.environ | {"AUTOGRADER_ROOT": str(self.root), "AUTOGRADER_PYTHON": python}
        done = subprocess.run(
            [self.script], cwd=self.root, env=environment, capture_output=True, text=True, timeout=300
        )
        return json.loads((self.root / "results" / "results.json").read_text()), done.stdout + done.stderr


def program(path: Path, script: str) -> str:
    """A program that is called in Python's place."""
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


@pytest.fixture(scope="module")
def graded_container(tmp_path_factory) -> Container:
    """A submission as a zip file with a folder leaves it, graded: one notebook solved, one cut off, two forgotten."""
    here = Container(
        tmp_path_factory.mktemp("gradescope") / "autograder", ContainerOrder("week06", 1, visibility="after_due_date")
    )
    here.hand_in("my work/perceptron (1).ipynb", SOLVED.read_bytes())
    here.hand_in("my work/tensor_ops.ipynb", (COURSE.source / "tensor_ops.ipynb").read_bytes()[:4000])
    here.hand_in("__MACOSX/chain_rule.ipynb", b"\0\0")
    _, printed = here.run()
    assert "Traceback" not in printed
    return here


@pytest.fixture
def graded(graded_container) -> dict:
    return json.loads((graded_container.root / "results" / "results.json").read_text())


def test_run_autograder_grades_a_submission_and_writes_results(graded):
    perceptron = [test for test in graded["tests"] if test["name"].startswith("perceptron / ")]
    assert sum(test["score"] for test in perceptron) == sum(test["max_score"] for test in perceptron) == 25
    assert graded["score"] == 25
    assert {test["visibility"] for test in perceptron} == {"after_due_date"}
    assert graded["extra_data"] == {"isolation": "sandbox"}


def test_a_notebook_that_is_missing_or_unreadable_tells_the_student_what_to_do(graded):
    told = {test["name"]: test for test in graded["tests"] if test["name"] in COURSE.notebooks}
    assert set(told) == {"chain_rule", "logistic_regression", "tensor_ops"}
    assert {test["visibility"] for test in told.values()} == {"visible"}
    assert told["chain_rule"]["output"].startswith("chain_rule.ipynb was not handed in. Submit it")
    assert "tensor_ops.ipynb cannot be read: it is not a whole notebook" in told["tensor_ops"]["output"]
    assert "submit it again" in graded["output"]


def test_results_and_source_are_closed_to_other_users(graded_container):
    for name in ("source", "results"):
        assert stat.S_IMODE((graded_container.root / name).stat().st_mode) & 0o077 == 0


@pytest.fixture
def here(tmp_path) -> Container:
    return Container(tmp_path / "autograder", ContainerOrder("week06", 1))


def test_nothing_handed_in_and_nothing_of_use_are_told_apart(here):
    told = container.grade_container(here.root).output
    assert told.startswith("No file was handed in. Submit your notebooks: chain_rule.ipynb, ")
    here.hand_in("report\x1b[2J.pdf", b"%PDF")
    results = container.grade_container(here.root)
    assert results.score == 0
    assert results.output.startswith("None of your files is a notebook of this assignment (report[2J.pdf). Submit")


def test_a_kit_that_fails_says_so_to_the_student_and_why_to_instructors(here, monkeypatch, capsys):
    (here.root / "source" / "gradescope.json").write_text('{"assignment": "week99", "seed": 1}')
    monkeypatch.setattr(sys, "argv", ["container", str(here.root)])
    container.main()
    results = json.loads((here.root / "results" / "results.json").read_text())
    assert results["score"] == 0
    assert results["output"].startswith("The autograder itself failed; that is no fault of your work.")
    assert "week99" in capsys.readouterr().out
    assert "week99" not in results["output"]


def test_a_python_that_does_not_even_start_leaves_results(here):
    results, _ = here.run(python=str(here.root / "venv" / "bin" / "python"))
    assert results["output"].startswith("The autograder itself failed")
    results, _ = here.run(python=program(here.root / "crash", "kill -SEGV $$"))
    assert results["output"].startswith("The autograder itself failed")


def test_what_was_graded_before_a_crash_stands(here):
    written = here.root / "results" / "results.json"
    results, _ = here.run(
        program(here.root / "crash", f'echo \'{{"score": 3, "tests": []}}\' > {written}; kill -SEGV $$')
    )
    assert results["score"] == 3


def test_a_script_that_is_killed_leaves_results(here):
    results, _ = here.run(python=program(here.root / "killer", "kill -KILL $PPID"))
    assert results["output"].startswith("Grading was stopped before it had come to an end. Please submit again")


class FakeRun:
    """A class run on a machine without Landlock."""

    def __init__(self, *_: object) -> None:
        self.isolation = _[-1]
        self.faults: list[str] = []

    def grade(self, submissions, record):
        if self.isolation == "sandbox":
            raise SandboxUnavailable("This machine cannot put student code into a sandbox.")
        for each in submissions:
            if each.path is not None:
                record(NotebookRecord("submission", "week06", each.notebook, "graded", 3.0, 25.0, 0.1))


def test_where_there_is_no_landlock_the_archive_decides_whether_to_go_on(here, monkeypatch, capsys):
    monkeypatch.setattr(container, "ClassRun", FakeRun)
    here.hand_in("perceptron.ipynb", SOLVED.read_bytes())
    results = container.grade_container(here.root)
    assert (results.score, results.extra_data) == (3.0, {"isolation": "process"})
    assert "cannot put student code into a sandbox" in capsys.readouterr().out
    (here.root / "source" / "gradescope.json").write_text('{"assignment": "week06", "seed": 1, "isolation": "sealed"}')
    with pytest.raises(SandboxUnavailable):
        container.grade_container(here.root)


def test_a_notebook_over_which_the_kit_failed_is_named(here, monkeypatch):
    class Failing(FakeRun):
        def grade(self, submissions, record):
            self.faults.append("its grader process ended")

    monkeypatch.setattr(container, "ClassRun", Failing)
    here.hand_in("perceptron.ipynb", SOLVED.read_bytes())
    assert "perceptron was not graded: the autograder failed over it" in (container.grade_container(here.root).output)


def test_a_container_that_is_stopped_half_way_has_said_how_far_it_came(here, monkeypatch):
    class Stopped(FakeRun):
        def grade(self, submissions, record):
            record(NotebookRecord("submission", "week06", "perceptron", "graded", 3.0, 25.0, 0.1))
            raise KeyboardInterrupt

    monkeypatch.setattr(container, "ClassRun", Stopped)
    for name in ("perceptron", "tensor_ops"):
        here.hand_in(f"{name}.ipynb", (COURSE.source / f"{name}.ipynb").read_bytes())
    with pytest.raises(KeyboardInterrupt):
        container.grade_container(here.root)
    results = json.loads((here.root / "results" / "results.json").read_text())
    assert results["score"] == 3
    assert "tensor_ops was not graded" in results["output"]
    assert "perceptron was not" not in results["output"]


def test_the_upper_of_two_files_counts_and_links_are_not_followed(tmp_path):
    for name in ("perceptron.ipynb", "older/perceptron.ipynb", "older/tensor_ops.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(SOLVED.read_bytes())
    (tmp_path / "link").symlink_to(COURSE.source)
    found = {each.notebook: each.path for each in find_handed_in(tmp_path, COURSE)}
    assert found == {
        "chain_rule": None,
        "logistic_regression": None,
        "perceptron": tmp_path / "perceptron.ipynb",
        "tensor_ops": tmp_path / "older" / "tensor_ops.ipynb",
    }


def test_the_archive_holds_scripts_kit_checks_and_solutions_at_its_root(tmp_path):
    done = CliRunner().invoke(main, ["gradescope", "--output", str(tmp_path / "a.zip"), "--isolation", "sealed"])
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        names = set(archive.namelist())
        order = json.loads(archive.read("gradescope.json"))
        wanted = archive.read("requirements.txt").decode().splitlines()
        held = archive.read("constraints.txt").decode().split()
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert {
        "setup.sh",
        "run_autograder",
        "nbgrader_config.py",
        "source/week06/perceptron.ipynb",
        "release/week06/perceptron.ipynb",
        "solutions/week06/perceptron.py",
        "autograder/checks/week06/test_perceptron.py",
        "autograder/checks/week06/misconceptions/perceptron.py",
        "autograder/worker/template/start.py",
    } <= names
    assert [name for name in names if "__pycache__" in name or name.startswith(("/", ".."))] == []
    assert {name for name, mode in modes.items() if mode & 0o111} == {"setup.sh", "run_autograder"}
    assert order["isolation"] == "sandbox"
    packages = {Requirement(each).name: Requirement(each).specifier for each in wanted}
    assert version("torch") in packages["torch"]
    assert held == ["--extra-index-url", "https://download.pytorch.org/whl/cpu", f"torch=={RELEASED_TORCH}+cpu"]
    assert not {"jupyter", "nbgrader", "ruff"} & packages.keys()


def test_the_same_course_gives_the_same_bytes(tmp_path):
    for name in ("one.zip", "two.zip"):
        write_archive(COURSE, ContainerOrder("week06", 1), tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


@pytest.mark.parametrize(
    ("installed", "held"),
    [
        ("2.13.0", ["torch==2.13.0+cpu"]),
        ("2.12.1+cu130", ["torch==2.12.1+cpu"]),
        ("2.14.0a0+gitdeadbee", []),
        ("2.14.0.dev20260101", []),
    ],
)
def test_torch_is_held_to_the_cpu_build_of_a_version_that_was_released(installed, held):
    assert constraints(installed).splitlines()[1:] == held


@pytest.mark.parametrize("script", ["setup.sh", "run_autograder"])
def test_the_scripts_are_bash_and_begin_as_gradescope_asks(script):
    path = KIT / "autograder" / "faces" / "gradescope" / script
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", path], check=True)


def test_setup_takes_the_newest_python_that_fits_installs_what_is_wanted_and_leads_to_the_kit(here, tmp_path):
    """On a machine of stand-ins, that has Python 3.10 and whose apt-get knows 3.12 only."""
    tools, said = tmp_path / "tools", tmp_path / "said"
    tools.mkdir()
    venv = here.root / "venv"
    packages = venv / "lib" / "site-packages"
    program(tools / "python3.10", "exit 1")
    (tmp_path / "bin").mkdir()
    for tool in ("bash", "sh", "mkdir", "ln", "cp"):  # and no Python of this machine's
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    stand_in = (
        f'mkdir -p "$3/bin" {packages}; ln -s {tools}/pip "$3/bin/pip"; ln -s {tools}/venv-python "$3/bin/python"'
    )
    program(tools / "pip", f'echo "pip $@" >> {said}')
    program(tools / "venv-python", f'case "$2" in *sysconfig*) echo {packages};; *) echo "python $@" >> {said};; esac')
    program(tools / "template", stand_in)
    known = f"cp {tools}/template {tools}/python3.12"
    program(tools / "apt-get", f'case "$3" in python3.12) {known};; python3.1?) exit 100;; esac')
    environment = {"PATH": f"{tools}:{tmp_path / 'bin'}", "AUTOGRADER_ROOT": str(here.root)}
    subprocess.run(["bash", here.root / "source" / "setup.sh"], env=environment, check=True, capture_output=True)
    source = f"{here.root}/source"
    install = (
        f"pip install --no-cache-dir --requirement {source}/requirements.txt --constraint {source}/constraints.txt"
    )
    assert install in said.read_text()
    assert (packages / "autograder.pth").read_text() == f"{here.root}/source\n"
    assert said.read_text().splitlines()[-2:] == [
        "python -c import autograder.faces.gradescope.container",
        "python -c import torch",
    ]


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        write_archive(COURSE, ContainerOrder("week06", 1), tmp_path / "no" / "where.zip")
