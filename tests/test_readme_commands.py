"""Every command of the README is run in a fresh clone, in the README's order; why one is not run is said here.

A command is a line of an indented block, or a span between backticks that begins with a program. The clone has an
environment of its own, in which this one's packages are there and the kit is the clone.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from autograder.trusted.assignment.course import KIT
from tests.faces.nbgrader.desks import GradingClient, hand_in, solved

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.thorough

README = (KIT / "README.md").read_text(encoding="utf-8")
PROGRAM = (
    r"(?:autograder|nbgrader|pytest|jupyter|python3?|pip|dask|lint-imports|PYTHONPATH=\S+|tests/\S+|\.venv/bin/\S+)"
)
NAMES = ("chain_rule", "logistic_regression", "perceptron", "tensor_ops")
ALL_TESTS = "the tests run themselves: .ci/run has it"
A_NETWORK = "it installs from a package index; the environment of the tests was made so"
A_SERVER = "it serves until it is stopped: tests/faces/nbgrader/test_browser.py starts it"
A_TEST = "these tests are part of the tests"
A_MACHINE = "it needs an emulated machine, a container engine or a GPU"
ONLY_MENTIONED = "it needs more words, with which it is run"
AN_HOUR = "it runs for minutes or hours: only its --help is asked for"

NOT_RUN = {
    "python3 -m venv .venv": A_NETWORK,
    ".venv/bin/pip install -e '.[test]'": A_NETWORK,
    "pip install torch numpy matplotlib jupyterlab ipywidgets": A_NETWORK,
    "pip install -e '.[torch,dask]'": A_NETWORK,
    "pip install comp90051-autograder": A_NETWORK,
    ".venv/bin/python -m pytest": ALL_TESTS,
    "jupyter lab": A_SERVER,
    "autograder grade --dask tcp://HOST:8786": "tests/cluster has a scheduler and workers",
    "dask worker tcp://HOST:8786 --nthreads N": "tests/cluster has a scheduler and workers",
    "autograder export": ONLY_MENTIONED,
    "autograder new": ONLY_MENTIONED,
    "nbgrader zip_collect week06": "it needs a download of an LMS: tests/faces/nbgrader/test_cycle.py has one",
    "pytest -m thorough tests/attacks": A_TEST,
    "pytest -m exhaustive": "it takes longer than CI may",
    "pytest tests/worker/sandbox/test_layers.py": A_TEST,
    "pytest tests/worker/sandbox/test_protection.py": A_TEST,
    "pytest -m thorough tests/worker/sandbox": A_TEST,
    "pytest -m thorough tests/content/test_leaks.py": A_TEST,
    "tests/kernels/boot KERNEL.deb python tests/kernels/inside.py": A_MACHINE,
    "tests/kernels/arm64_root FOLDER": A_MACHINE,
    "python tests/containers/run.py": A_MACHINE,
    "python tests/containers/image.py": A_MACHINE,
    "tests/gpu/carry wheels": A_MACHINE,
    "tests/gpu/run wheels": A_MACHINE,
    "PYTHONPATH=. python tests/damage/against_nbgrader.py": AN_HOUR,
    "PYTHONPATH=. python tests/attacks/table.py": AN_HOUR,
    "PYTHONPATH=. python tests/attacks/kills.py": AN_HOUR,
    "PYTHONPATH=. python tests/wire/fuzz.py": AN_HOUR,
    "PYTHONPATH=. python tests/damage/fuzz.py --grade 300": AN_HOUR,
    "PYTHONPATH=. python tests/benchmarks/class_in_seconds.py": AN_HOUR,
    "PYTHONPATH=. python tests/benchmarks/linear.py": AN_HOUR,
    "PYTHONPATH=. python tests/benchmarks/slow_students.py": AN_HOUR,
    "PYTHONPATH=. python tests/benchmarks/after_grading.py": AN_HOUR,
    "PYTHONPATH=. python tests/benchmarks/dask_overhead.py": AN_HOUR,
}


def commands() -> list[str]:
    """The README's commands in its order, each once.

    What stands in a block is not counted where prose has it as well, and a span of prose that only begins another
    command of nbgrader's or pip's is a mention of that.
    """
    found = re.finditer(rf"^    ({PROGRAM}(?: .*)?)$|`({PROGRAM}(?: [^`]*)?)`", README, re.MULTILINE)
    said = [(each[1].split("  #")[0], True) if each[1] else (each[2], False) for each in found]
    parts = [(" ".join(part.split()), in_block) for text, in_block in said for part in text.split("&&")]
    in_blocks = {part for part, in_block in parts if in_block}
    each_once = list(dict.fromkeys(part for part, in_block in parts if in_block or part not in in_blocks))
    ours = tuple(each for each in each_once if each.startswith("autograder"))
    return [one for one in each_once if one in ours or not any(other.startswith(f"{one} ") for other in each_once)]


COMMANDS = commands()


class Clone:
    """A fresh clone, and what has to be there before some of the commands."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root  # where the next command is typed

    def run(self, command: str) -> None:
        """Type a command; it has to end with 0."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST"))}
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=environment
            | {
                "HOME": str(self.root.parent / "home"),
                "PATH": f"{self.root}/.venv/bin{os.pathsep}{os.environ['PATH']}",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"`{command}` ended with {done.returncode}:\n{done.stdout[-3000:]}"

    def submissions(self) -> None:
        """The tutor is in the clone, and two students have handed in."""
        self.folder = self.root
        for student, edits in {"s01": {}, "ada": {"update": "def update(w, x, y, eta=1.0):\n    return w"}}.items():
            hand_in(
                self.root / "submitted" / student / "week06",
                {name: solved(name, edits if name == "perceptron" else {}) for name in NAMES},
            )

    def downloads(self) -> None:
        """Somebody else's work lies in a folder."""
        place = self.root / "downloads"
        place.mkdir()
        (place / "eve_perceptron.ipynb").write_text(solved("perceptron"), encoding="utf-8")

    def graded_anew(self) -> None:
        """A mark has moved."""
        hand_in(self.root / "submitted" / "ada" / "week06", {"perceptron": solved("perceptron")})
        self.run("autograder grade")

    def exchange(self) -> None:
        """The course has an exchange, and all work will come by it."""
        self.folder = self.root
        shutil.rmtree(self.root / "submitted")
        place = self.root.parent / "exchange"
        place.mkdir(mode=0o777)
        place.chmod(0o777)
        settings = f"\nc.Exchange.root = {str(place)!r}\nc.ExchangeCollect.check_owner = False\n"
        with (self.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(settings)
        self.settings = f"c = get_config()\nc.CourseDirectory.course_id = 'comp90051'\n{settings}"

    def students_submit(self) -> None:
        """A student has fetched, solved and submitted."""
        folder = self.root.parent / "bob"
        folder.mkdir()
        (folder / "nbgrader_config.py").write_text(self.settings, encoding="utf-8")
        bob = GradingClient("bob", folder)
        bob.nbgrader("fetch_assignment", "week06", "--course", "comp90051")
        hand_in(folder / "week06", {"perceptron": solved("perceptron")})
        bob.nbgrader("submit", "week06", "--course", "comp90051")

    def solved_perceptron(self) -> None:
        """A student's own folder, with a solved notebook."""
        self.folder = self.root.parent / "student"
        hand_in(self.folder, {"perceptron": solved("perceptron")})

    def elsewhere(self) -> None:
        """An author stands outside of any course."""
        self.folder = self.root.parent / "courses"
        self.folder.mkdir()

    def in_the_new_course(self) -> None:
        """`cd stats101`, as the comment says."""
        self.folder = self.root.parent / "courses" / "stats101"

    def in_the_clone(self) -> None:
        """An author is back."""
        self.folder = self.root


BEFORE: dict[str, Callable[[Clone], None]] = {
    "jupyter nbconvert --to python perceptron.ipynb": Clone.solved_perceptron,
    "autograder grade": Clone.submissions,
    "autograder grade downloads/": Clone.downloads,
    "autograder compare": Clone.graded_anew,
    "nbgrader generate_assignment week06 --create --force": Clone.exchange,
    "nbgrader collect week06": Clone.students_submit,
    "pytest autograder/checks/week06 --submission submitted/s01/week06": Clone.submissions,
    "autograder new course stats101": Clone.elsewhere,
    "autograder new assignment lab1": Clone.in_the_new_course,
    "autograder build --from": Clone.in_the_clone,
}
ENDED = {"autograder build --from": "autograder build --from script"}  # a command that README leaves open, to its end


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Clone:
    root = tmp_path_factory.mktemp("fresh") / "clone"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", KIT, root], check=True)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", root / ".venv"], check=True)
    (packages,) = root.glob(".venv/lib/python*/site-packages")
    (packages / "here.pth").write_text(f"{root}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    for folder in ("share", "etc"):  # what Jupyter looks for beside a Python
        if (there := Path(sys.prefix, folder)).is_dir() and not (root / ".venv" / folder).exists():
            (root / ".venv" / folder).symlink_to(there)
    for program in Path(sys.executable).parent.iterdir():
        place = root / ".venv" / "bin" / program.name
        if program.is_file() and not place.exists() and program.read_bytes()[:2] == b"#!":
            first, _, rest = program.read_text(encoding="utf-8").partition("\n")
            if "python" in first:
                place.write_text(f"#!{root}/.venv/bin/python\n{rest}", encoding="utf-8")
                place.chmod(0o755)
    return Clone(root)


def test_the_clone_runs_its_own_kit(clone):
    told = subprocess.run(
        [clone.root / ".venv" / "bin" / "python", "-c", "import autograder; print(autograder.__file__)"],
        cwd=clone.root.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(told.stdout.strip()).is_relative_to(clone.root)


@pytest.mark.parametrize("command", [each for each in COMMANDS if each not in NOT_RUN])
def test_a_command_of_the_readme_does_what_it_should(clone, command):
    if command in BEFORE:
        BEFORE[command](clone)
    clone.run(ENDED.get(command, command))


def test_each_command_that_is_not_run_stands_there_and_can_be_run():
    assert [command for command in NOT_RUN if command not in COMMANDS] == []
    assert [command for command in BEFORE if command not in COMMANDS] == []
    for command, why in NOT_RUN.items():
        places = re.findall(r"\btests/[\w/.]*\w", command)
        assert [place for place in places if not (KIT / place).exists()] == []
        if why == AN_HOUR:
            program = [sys.executable, *places, "--help"]
            subprocess.run(program, cwd=KIT, env=os.environ | {"PYTHONPATH": "."}, check=True, capture_output=True)


def test_what_a_student_installs_is_all_that_the_notebooks_import():
    (line,) = re.findall(r"^    pip install (.*)$", README, re.MULTILINE)
    assert [name for name in line.split() if importlib.util.find_spec(name) is None] == []


def test_ci_runs_what_the_readme_says():
    ci = (KIT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^\.venv/bin/pip install (--quiet )?-e '\.\[test\]'$", ci, re.MULTILINE)
    assert re.search(r"^\.venv/bin/python -m pytest$", ci, re.MULTILINE)
