"""What Dask costs: the same class by `autograder grade --jobs N`, and by `--dask` on a cluster of N threads, here.

    PYTHONPATH=. python tests/benchmarks/dask_overhead.py --submissions 1000 --workers 2

The cluster is Dask's LocalCluster: a scheduler, and WORKERS workers that share N threads. Both ways have the same
seed, and take turns, so that a drift of the machine hits both alike. Every turn also grades the class of one student,
which gives each grader something to do: what that costs is start-up, and the rest, divided by the other notebooks, is
the cost of one more. The records of both must be the same, word for word, except for their seconds.

Start-up is told as well: with Dask, that of a scheduler and of the workers, of a template and of torch in each worker;
and that of the command alone, on a cluster which is there already but has never graded this class.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from msgspec import structs

from autograder.trusted.assignment.course import Course
from autograder.trusted.cores import available_cores
from autograder.trusted.results.records import NotebookRecord
from autograder.trusted.results.store import read_results
from tests.benchmarks import on_cluster
from tests.benchmarks.courses import hand_in_class, make_course
from tests.benchmarks.meter import Cost, measured

SEED = "90051"
TARGET = 0.10  # more than without Dask
CALM = ("DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED=False", "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL=1s")


@dataclass
class Way:
    """One way to grade, and what it cost in each turn: the whole class, and a class of one student.

    Attributes:
        more: arguments of `autograder grade`.
        cluster: workers and threads of each, if a cluster is started first.
        calm: whether that cluster has the two settings of README by which it watches itself less.
    """

    title: str
    more: list[str]
    cluster: tuple[int, int] | None = None
    calm: bool = False
    whole: list[Cost] = field(default_factory=list)
    few: list[Cost] = field(default_factory=list)

    def grade(self, course: Course, output: Path) -> Cost:
        """Grade the class of a course, from the beginning; a cluster is started for it, and stopped."""
        words = [sys.executable, "-m", "autograder", "grade", "--seed", SEED, "--output", str(output), *self.more]
        if self.cluster:
            settings = ["env", *CALM] if self.calm else []
            words = [*settings, sys.executable, on_cluster.__file__, *map(str, self.cluster), *words]
        return measured(words, course.root)

    def seconds(self, cost: Cost) -> float:
        """Seconds of the command alone, without the start and the end of the cluster."""
        return float(cost.output.rpartition(on_cluster.COMMAND_ALONE)[2]) if self.cluster else cost.seconds


def recorded(output: Path) -> list[NotebookRecord]:
    """The records of a run in a fixed order, without their seconds."""
    records = [structs.replace(record, seconds=0.0) for record in read_results(output / "results.jsonl")]
    return sorted(records, key=lambda record: (record.student, record.notebook))


def report(alone: Way, dask: Way, notebooks: int, few: int) -> str:
    """The figures of both ways, and by how much the second exceeds the first, as text."""
    lines = [f"{'':44s} {alone.title:>14s} {dask.title:>14s}   Dask's overhead (least to most)"]

    def say(what: str, of: Callable[[Way, int], float], unit: str, each: int = 1) -> float:
        pairs = [(of(alone, turn) / each, of(dask, turn) / each) for turn in range(len(alone.whole))]
        more = [theirs / ours - 1 for ours, theirs in pairs]
        ours, theirs = (statistics.median(values) for values in zip(*pairs, strict=True))
        spread = f"{statistics.median(more):+6.1%} ({min(more):+.1%} to {max(more):+.1%})"
        lines.append(f"{what:44s} {ours:11.4g} {unit:2s} {theirs:11.4g} {unit:2s}   {spread}")
        return statistics.median(more)

    def rest(of: Callable[[Way, Cost], float]) -> Callable[[Way, int], float]:
        return lambda way, turn: 1000 * (of(way, way.whole[turn]) - of(way, way.few[turn]))

    seconds = say("one more notebook, seconds", rest(Way.seconds), "ms", notebooks - few)
    cpu = say("one more notebook, CPU of all processes", rest(lambda _, cost: cost.cpu), "ms", notebooks - few)
    say("the class, command alone", lambda way, turn: way.seconds(way.whole[turn]), "s")
    say("the class, with the cluster's start and end", lambda way, turn: way.whole[turn].seconds, "s")
    say("the class, CPU of all processes", lambda way, turn: way.whole[turn].cpu, "s")
    say("one student, command alone", lambda way, turn: way.seconds(way.few[turn]), "s")
    say("one student, CPU of all processes", lambda way, turn: way.few[turn].cpu, "s")
    for what, more in (("seconds", seconds), ("CPU", cpu)):
        lines.append(
            f"  {'met   ' if more <= TARGET else 'MISSED'} {what} of one more: {more:+.1%} (at most +{TARGET:.0%})"
        )
    return "\n".join(lines)


def main() -> None:
    """Grade the class again and again, by the one and by the other, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=200, help="notebooks (200)")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each (3)")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="graders, and threads (all cores)")
    parser.add_argument("--workers", type=int, default=2, help="Dask workers that share the threads (2)")
    parser.add_argument(
        "--calm", action="store_true", help="with README's two settings, by which Dask does less beside"
    )
    options = parser.parse_args()
    if options.jobs % options.workers:
        parser.error("the workers share the threads evenly: --jobs is a multiple of --workers")
    alone = Way("one machine", ["--jobs", str(options.jobs)])
    threads = options.jobs // options.workers
    dask = Way(f"Dask, {options.workers} x {threads}", [], (options.workers, threads), options.calm)
    with tempfile.TemporaryDirectory(prefix="autograder-dask-") as folder:
        Path(folder).chmod(0o755)
        course, small = make_course(Path(folder, "course")), make_course(Path(folder, "small"))
        hand_in_class(course, options.submissions)
        few = len(hand_in_class(small, len(small.notebooks)))
        for turn in range(options.repeats):
            for way in (alone, dask):
                output = Path(folder, f"{turn}-{way.title}")
                way.whole.append(way.grade(course, output))
                way.few.append(way.grade(small, Path(f"{output}, few")))
                if recorded(output) != recorded(Path(folder, f"{turn}-{alone.title}")):
                    sys.exit("The records of the two ways differ.")
            print(f"turn {turn + 1} of {options.repeats} is done", file=sys.stderr, flush=True)
    machine = f"{available_cores()} cores, load {os.getloadavg()[0]:.1f}, {options.jobs} graders"
    print(f"{options.submissions} notebooks; {machine}; median of {options.repeats}\n")
    print(report(alone, dask, options.submissions, few))


if __name__ == "__main__":
    main()
