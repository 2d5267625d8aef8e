"""Kill -9 at random moments: the grader, one of its graders, the template, a worker, a reader; then run again.

    PYTHONPATH=. python tests/attacks/kills.py --kills 200

After each kill: no process is left, every record that is on disk is right, whole and there once, and no
record that was there is graded again. A class that is complete is taken away, and the next one begins.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from autograder.trusted.results.records import NotebookRecord
from tests.attacks.class_under_attack import INNOCENT_MARKS, hand_in_for, make_course
from tests.attacks.processes import adopting, families

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.attacks.processes import Orphans

SECONDS_TO_END = 60
LONGEST = 3.5  # seconds from the start of a run to a kill: about as long as one takes
OLD = 0.3  # seconds; a worker that lives longer is most likely the reference's: a student's is done in half of it
TIME_LEFT = re.compile(r"^About .+ for \d+ notebooks? more\.\n", re.MULTILINE)  # said on a slow machine only
VICTIMS = ("dealer", "grader", "template", "inner template", "worker", "reference's worker", "reader")


class Killed:
    """A class that is graded again and again while something of the grader's is killed."""

    def __init__(self, folder: Path, students: int) -> None:
        self.course = make_course(folder / "course")
        self.marks = {f"s{number:03}": INNOCENT_MARKS[number % 2] for number in range(students)}
        self._temporary = folder / "tmp"
        self._temporary.mkdir()
        self._seen: dict[str, bytes] = {}
        for student, mark in self.marks.items():
            hand_in_for(self.course, student, mark)

    @property
    def results(self) -> Path:
        """The results file."""
        return self.course.graded / "results.jsonl"

    def start(self) -> subprocess.Popen[str]:
        """The real `autograder grade`, in the background."""
        return subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", "--jobs", "2"],
            cwd=self.course.root,
            env=os.environ | {"TMPDIR": str(self._temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ended(self, run: subprocess.Popen[str], orphans: Orphans) -> str:
        """Wait for the end of a run and of all that it has started; what it said on stderr, but for the time left."""
        _, said = run.communicate(timeout=SECONDS_TO_END)
        orphans.wait()
        return TIME_LEFT.sub("", said)

    def wait_for_records(self, run: subprocess.Popen[str], more: int) -> None:
        """Until so many more records are on disk than when they were last looked at, or the run has ended."""
        enough = len(self._seen) + more
        while not self.results.exists() or self.results.read_bytes().count(b'"perceptron"') < enough:
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(0.01)
                return

    def kill_one(self, run: subprocess.Popen[str], who: str) -> bool:
        """Kill the first of such processes that there is; False if the run has ended before there was one."""
        while not kill(run.pid, who):
            if run.poll() is not None:
                return False
        return True

    def faults(self) -> list[str]:
        """What is wrong with the results as they lie on disk."""
        faults, now = [], {}
        lines = self.results.read_bytes().split(b"\n") if self.results.exists() else [b""]
        for line in lines[:-1]:
            record = msgspec.json.decode(line, type=NotebookRecord)
            if record.notebook != "perceptron":
                continue
            if record.student in now:
                faults.append(f"{record.student} is there twice")
            if record.status != "graded" or record.earned != self.marks[record.student]:
                faults.append(f"{record.student} is {record.status} with {record.earned}: {record.reason}")
            now[record.student] = line
        faults += [
            f"{student} was lost or graded again" for student in self._seen if self._seen[student] != now.get(student)
        ]
        self._seen = now
        return faults

    @property
    def graded(self) -> int:
        """How many students had a record when last looked at."""
        return len(self._seen)

    @property
    def complete(self) -> bool:
        """Whether every student has a record."""
        return self.graded == len(self.marks)

    def begin_anew(self) -> None:
        """Take the graded class away."""
        shutil.rmtree(self.course.graded)
        self._seen = {}


def processes(dealer: int) -> dict[str, set[int]]:
    """The processes of a running `autograder grade`, by what they are."""
    children = families()
    templates = {pid for pid in children[dealer] if b"autograder.worker.template.start" in _command(pid)}
    inner = {child for pid in templates for child in children[pid] if _is_first_of_its_namespace(child)}
    workers = {child for pid in inner or templates for child in children[pid]}
    family = {dealer} | children[dealer]
    readers = {child for pid in family for child in children[pid] if b"autograder.reading.start" in _command(child)}
    return {
        "dealer": {dealer},
        "grader": children[dealer] - templates - readers,
        "template": templates,
        "inner template": inner,
        "worker": workers,
        "reference's worker": {pid for pid in workers if _age(pid) > OLD},
        "reader": readers,
    }


def _age(pid: int) -> float:
    """The seconds that a process has lived; 0 if it has ended."""
    try:
        started = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])
    except OSError:
        return 0.0
    return float(Path("/proc/uptime").read_text().split()[0]) - started / os.sysconf("SC_CLK_TCK")


def _is_first_of_its_namespace(pid: int) -> bool:
    try:
        return re.search(r"^NSpid:\t\d+\t1$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE) is not None
    except OSError:
        return False


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def kill(dealer: int, who: str) -> bool:
    """Kill one of those processes; False if there is none now."""
    for pid in processes(dealer)[who]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return True
    return False


def campaign(folder: Path, kills: int, seed: int) -> Counter[str]:
    """Kill so often at random moments, or as soon after as there is one; how often each was hit. Stops at a fault."""
    rng = random.Random(seed)
    killed = Killed(folder, students=24)
    hits: Counter[str] = Counter()
    with adopting() as orphans:
        while sum(hits.values()) < kills:
            run, who = killed.start(), rng.choice(VICTIMS)
            try:
                run.wait(rng.uniform(0.0, LONGEST))
            except subprocess.TimeoutExpired:
                hits[who] += killed.kill_one(run, who)
            said = killed.ended(run, orphans)
            faults = killed.faults()
            if faults:
                raise SystemExit(f"after {dict(hits)}, {who} last: {faults}\n{said}")
            sys.stdout.write(f"\r{sum(hits.values())} kills, {killed.graded} of {len(killed.marks)} graded ")
            sys.stdout.flush()
            if killed.complete:
                killed.begin_anew()
        run = killed.start()
        said = killed.ended(run, orphans)
    if run.returncode != 0 or killed.faults() or not killed.complete:
        raise SystemExit(f"the last run did not complete the class: {said}")
    return hits


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        hits = campaign(Path(folder), options.kills, options.seed)
    print(
        f"\n{sum(hits.values())} kills {dict(hits)}: nothing was lost, doubled or left over, and the class is complete."
    )


if __name__ == "__main__":
    main()
