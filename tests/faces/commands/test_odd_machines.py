"""Machines that are not as most are: the kit grades there as everywhere, or says in one sentence why it does not."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.author.samples import copy_assignment
from autograder.trusted.assignment.course import KIT, Course
from tests.attacks.as_someone import command_as, missing_for

NOTEBOOK = "chain_rule"
MARK = 25.0
ORDINARY = "an ordinary user"


@dataclass(frozen=True)
class Machine:
    """How a machine is odd.

    Attributes:
        words: what the command is started with.
        mounts: shell commands that root runs before, in a mount namespace of their own; "$T" is the folder for
            temporary files, "$K" that of the kit.
        person: who grades.
        variables: of the environment; None unsets one.
        kit: where the kit lies, below a folder of the test's own; "" for this checkout.
        said: a part of the one sentence that is said; "" where it grades.
    """

    words: tuple[str, ...] = ()
    mounts: str = ""
    person: str = "root"
    variables: dict[str, str | None] = field(default_factory=dict)
    kit: str = ""
    said: str = ""


def limited(**limits: int) -> tuple[str, ...]:
    return ("prlimit", *(f"--{name}={most}" for name, most in limits.items()))


GRADES = {
    "1.6 GB of addresses": Machine(limited(**{"as": 1_620_000_000})),
    "32 open files": Machine(limited(nofile=32)),
    "256 open files, 300 processes": Machine(limited(nofile=256, nproc=300), person=ORDINARY),
    "files of 2 MB": Machine(limited(fsize=2_000_000)),
    "100 s of processor time": Machine(limited(cpu=100)),
    "a noexec /tmp": Machine(mounts='mount -t tmpfs -o noexec,mode=1777 none "$T"'),
    "a full folder for temporary files, where another has room": Machine(
        mounts='mount -t tmpfs -o nr_inodes=1 none "$T"'
    ),
    "no home, LANG=C, umask 077": Machine(
        ("sh", "-c", 'umask 077; exec "$@"', "sh"), variables={"HOME": None, "LANG": "C", "LC_ALL": "C"}
    ),
    "no home, LANG=C, umask 077, an ordinary user": Machine(
        ("sh", "-c", 'umask 077; exec "$@"', "sh"), person=ORDINARY, variables={"HOME": None, "LANG": "C"}
    ),
    "a path with spaces and other alphabets": Machine(kit="Кафедра стат/kit π"),
    "such a path, LANG=C, an ordinary user": Machine(
        kit="Кафедра стат/kit π", person=ORDINARY, variables={"LANG": "C", "LC_ALL": None}
    ),
    "a read-only checkout": Machine(kit="kit", mounts='mount --bind -o ro "$K" "$K"'),
}
EVERY_DAY = ("200 MB of addresses", "10 open files", "a /tmp with a page of space")
REFUSES = {
    "200 MB of addresses": Machine(limited(**{"as": 200_000_000}), said="address space (ulimit -v)"),
    "200 MB of data": Machine(limited(data=200_000_000), said="data (ulimit -d)"),
    "10 open files": Machine(limited(nofile=10), said="open files (ulimit -n)"),
    "files of 1 kB": Machine(limited(fsize=1_000), said="bytes of a file (ulimit -f)"),
    "2 s of processor time": Machine(limited(cpu=2), said="processor seconds (ulimit -t)"),
    "no process more": Machine(limited(nproc=1), person=ORDINARY, said="no process can be started"),
    "a /tmp with a page of space": Machine(
        mounts='mount -t tmpfs -o size=12k,mode=1777 none "$T"; dd if=/dev/zero of="$T/full" bs=4k count=2 status=none',
        said="is full: free space there, or set TMPDIR",
    ),
    "a /tmp with a few files left": Machine(
        mounts='mount -t tmpfs -o nr_inodes=5,mode=1777 none "$T"', said="is full: free space there, or set TMPDIR"
    ),
    "no libseccomp": Machine(mounts="mount --bind /dev/null /etc/ld.so.cache", said="Install the package libseccomp2"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder that everybody may enter, on the way to which nobody is kept out."""
    folder = Path(subprocess.check_output(["mktemp", "--directory"], text=True).strip())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(folder):
    """A course with one student, who has solved one notebook."""
    course = copy_assignment(Course(KIT), folder / "course")
    handed_in = course.submitted / "s01" / course.assignment
    handed_in.mkdir(parents=True)
    shutil.copy(course.source / f"{NOTEBOOK}.ipynb", handed_in)
    return course


def python_with_kit(kit: Path, folder: Path) -> str:
    """A Python whose kit is a copy of this one, in `kit`."""
    shutil.copytree(KIT / "autograder", kit / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", environment], check=True)
    packages = next(environment.glob("lib/python*/site-packages"))
    (packages / "kit.pth").write_text(f"{kit}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return str(environment / "bin/python")


@pytest.fixture
def graded_on(course, folder, tmp_path):
    """Grade the course on an odd machine; what came of it, and where the results are."""

    def graded_on(machine: Machine) -> tuple[subprocess.CompletedProcess[str], Path]:
        unable = missing_for(machine.person) or (missing_for(ORDINARY) if machine.mounts else "")
        if unable:
            pytest.skip(unable)
        own = folder / tmp_path.name
        own.mkdir()
        for name in ("tmp", "results"):
            (own / name).mkdir()
            (own / name).chmod(0o777)
        kit = own / machine.kit if machine.kit else KIT
        python = python_with_kit(kit, own) if machine.kit else sys.executable
        grade = [python, "-B", "-m", "autograder", "grade", str(course.submitted), "--output", str(own / "results")]
        command = command_as(machine.person, [*machine.words, *grade, "--jobs", "2"], own / "python")
        if machine.mounts:
            command = ["unshare", "--mount", "sh", "-c", f'set -e; {machine.mounts}; exec "$@"', "sh", *command]
        variables = {"TMPDIR": str(own / "tmp"), "T": str(own / "tmp"), "K": str(kit), **machine.variables}
        environment = {name: value for name, value in (os.environ | variables).items() if value is not None}
        done = subprocess.run(
            command, cwd=course.root, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return done, own / "results/results.jsonl"

    return graded_on


@pytest.mark.thorough
@pytest.mark.parametrize("machine", GRADES.values(), ids=GRADES)
def test_it_grades_as_everywhere(graded_on, machine):
    done, results = graded_on(machine)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    records = [json.loads(line) for line in results.read_text().splitlines()]
    assert {record["notebook"]: record["earned"] for record in records if record["status"] != "missing"} == {
        NOTEBOOK: MARK
    }


@pytest.mark.parametrize(
    "machine",
    [
        pytest.param(machine, id=name, marks=() if name in EVERY_DAY else pytest.mark.thorough)
        for name, machine in REFUSES.items()
    ],
)
def test_it_is_refused_in_one_sentence(graded_on, machine):
    done, results = graded_on(machine)
    assert done.returncode == 1, done.stdout + done.stderr
    assert machine.said in done.stderr
    assert done.stderr.startswith("autograder: ")
    assert done.stderr.count("\n") == 1
    assert not results.exists() or not results.read_text()
