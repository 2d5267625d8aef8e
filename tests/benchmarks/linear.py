"""Linear: a hundred notebooks, a thousand, ten thousand; each costs as much, and the grader's memory stays.

    PYTHONPATH=. python tests/benchmarks/linear.py --sizes 100 1000 10000 --plot linear.png

Grades a class of each size by `autograder grade`. The largest run is killed on the way (SIGKILL to its
process group) and started again: what was recorded before the kill must stand afterwards, its time included, so
that nothing was graded twice; every notebook must have one record, so that nothing was lost; no process may be left.
"""

from __future__ import annotations

import argparse
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec

from autograder.trusted.assignment.course import Course
from autograder.trusted.cores import available_cores
from autograder.trusted.results.outcomes import MISSING
from autograder.trusted.results.records import NotebookRecord
from tests.attacks.processes import Orphans, adopting
from tests.benchmarks.courses import hand_in_class, make_course
from tests.benchmarks.meter import Memory, environment

MIB = 2**20
LOOK_SECONDS = 0.25  # between looks at the memory, which cost a little of everybody's time


@dataclass
class Row:
    """A class of one size, graded: seconds and processor seconds of all its runs, and the memory seen."""

    notebooks: int
    seconds: float
    cpu: float
    memory: Memory
    killed: str = ""


def grade(course: Course, jobs: int, memory: Memory, orphans: Orphans, kill_at: int | None = None) -> str:
    """Run `autograder grade` to its end, or until so many lines are on disk; returns what it printed.

    Ends this program where it fails by itself.
    """
    results = course.graded / "results.jsonl"
    with tempfile.TemporaryFile("w+") as output:
        run = subprocess.Popen(
            [sys.executable, "-m", "autograder", "grade", "--jobs", str(jobs)],
            cwd=course.root,
            env=environment(),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # a process group of its own, to be killed as one
        )
        while run.poll() is None:
            memory.look(run.pid)
            if kill_at is not None and results.exists() and results.read_bytes().count(b"\n") >= kill_at:
                os.killpg(run.pid, signal.SIGKILL)
                break
            time.sleep(LOOK_SECONDS)
        code = run.wait()
        orphans.wait()  # what is left of it ends by itself, or this waits for ever
        output.seek(0)
        said = output.read()
    if code != (0 if kill_at is None else -signal.SIGKILL):
        sys.exit(f"autograder grade ended with {code}{' before it was killed' if kill_at else ''}:\n{said[-2000:]}")
    return said


def recorded(course: Course) -> dict[tuple[str, str], NotebookRecord]:
    """What the whole lines of the results file hold. Ends this program where a notebook is there twice."""
    lines = (course.graded / "results.jsonl").read_bytes().split(b"\n")[:-1]
    records = [msgspec.json.decode(line, type=NotebookRecord) for line in lines]
    twice = [key for key, times in Counter((each.student, each.notebook) for each in records).items() if times > 1]
    if twice:
        sys.exit(f"recorded twice: {twice}")
    return {(each.student, each.notebook): each for each in records if each.status != MISSING}


def measure(folder: Path, size: int, jobs: int, *, kill: bool, stubs: bool) -> Row:
    """Grade a class of `size` notebooks, killed half-way and resumed if it is to be; prove that all is there once."""
    course = make_course(folder / str(size))
    handed_in = {(each.student, each.notebook) for each in hand_in_class(course, size, stubs=stubs)}
    memory, killed = Memory(), ""
    with adopting() as orphans:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        if kill:
            grade(course, jobs, memory, orphans, kill_at=size // 2)
            standing = recorded(course)
            said = grade(course, jobs, memory, orphans)
            killed = prove(standing, recorded(course), said)
        else:
            grade(course, jobs, memory, orphans)
        seconds = time.perf_counter() - start
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lost = handed_in - recorded(course).keys()
    if lost:
        sys.exit(f"{len(lost)} of {size} notebooks have no record: {sorted(lost)[:5]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Row(size, seconds, cpu, memory, killed)


def prove(
    before: dict[tuple[str, str], NotebookRecord], after: dict[tuple[str, str], NotebookRecord], said: str
) -> str:
    """That the resumed run has graded nothing again; ends this program where it has."""
    again = [key for key, record in before.items() if after.get(key) != record]
    if again:
        sys.exit(f"graded again, or lost, after the kill: {again[:5]}")
    if f"{len(before)} of them graded before and unchanged" not in said:
        sys.exit(f"{len(before)} records were on disk, and the resumed run says otherwise:\n{said[-500:]}")
    return f"killed with {len(before):,} records on disk, resumed: each stands, {len(after):,} in all, none twice"


def show(rows: list[Row]) -> None:
    """The figures, a line a size."""
    print(f"{'notebooks':>9s} {'s in all':>9s} {'ms each':>8s} {'CPU ms each':>12s}   MiB: dealer, grader, template")
    for row in rows:
        private = [row.memory.private.get(role, 0) / MIB for role in ("command", "graders", "template")]
        each = f"{1000 * row.seconds / row.notebooks:8.1f} {1000 * row.cpu / row.notebooks:12.1f}"
        print(f"{row.notebooks:9,d} {row.seconds:9.1f} {each}   " + ", ".join(f"{size:.0f}" for size in private))
        if row.killed:
            print(f"{'':9s} {row.killed}")
    if len(rows) > 1:
        small, large = rows[0], rows[-1]
        times = large.notebooks / small.notebooks
        one_more = (large.seconds - small.seconds) / (large.notebooks - small.notebooks)
        print(
            f"{times:g} times the notebooks take {large.seconds / small.seconds:.1f} times as long; "
            f"between these sizes one more costs {1000 * one_more:.1f} ms"
        )


def plot(rows: list[Row], path: Path) -> None:
    """Cost of a notebook, and memory of the trusted processes, by the size of the class."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    sizes = [row.notebooks for row in rows]
    figure, (cost, memory) = plt.subplots(1, 2, figsize=(10, 3.6), layout="constrained")
    cost.plot(sizes, [1000 * row.seconds / row.notebooks for row in rows], "o-", color="#0072B2", label="wall clock")
    cost.plot(
        sizes, [1000 * row.cpu / row.notebooks for row in rows], "s--", color="#D55E00", label="CPU, all processes"
    )
    cost.set_title("Milliseconds a notebook, start-up included", loc="left", fontsize=11)
    for role, title, style, colour in (
        ("command", "deals and records", "o-", "#0072B2"),
        ("graders", "a grader", "s--", "#D55E00"),
    ):
        seen = [row.memory.private.get(role, 0) / MIB for row in rows]
        memory.plot(sizes, seen, style, color=colour, label=title)
    memory.set_title("Private memory of a trusted process, MiB", loc="left", fontsize=11)
    for axis in (cost, memory):
        axis.set_xscale("log")
        axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axis.minorticks_off()
        axis.set_xlabel("notebooks in the class")
        axis.set_ylim(bottom=0)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(frameon=False)
    figure.savefig(path, dpi=150)


def main() -> None:
    """Grade the classes one after the other, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10_000], help="notebooks (100 1000 10000)")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="graders (all cores)")
    parser.add_argument("--stubs", action="store_true", help="notebooks as they were released, for a very large class")
    parser.add_argument("--plot", type=Path, help="draw the figures into this file (PNG or SVG)")
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory(prefix="autograder-linear-") as folder:
        for size in sorted(options.sizes):
            kill = size == max(options.sizes)
            rows.append(measure(Path(folder), size, options.jobs, kill=kill, stubs=options.stubs))
            print(f"{size} notebooks are graded", file=sys.stderr, flush=True)
    show(rows)
    if options.plot:
        plot(rows, options.plot)


if __name__ == "__main__":
    main()
