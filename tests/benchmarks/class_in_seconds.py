"""A class in seconds: the kit beside stock nbgrader, and beside the floor, in one run on one machine.

    PYTHONPATH=. python tests/benchmarks/class_in_seconds.py --submissions 1000 --plot class_in_seconds.png

Four ways to grade the same class (tests/benchmarks/courses.py: right, partly wrong, unfinished and empty notebooks):

    stock     `nbgrader autograde` without the kit, with the kit's checks as hidden asserts in its test cells
    grade     `autograder grade`, in the sandbox
    plugged   `nbgrader autograde` with the kit's engine
    floor     the same checks in one process that has torch already, without a sandbox: no fork, wire or pytest,
              no second try with the reference's help, no search for misconceptions (tests/benchmarks/floor.py)

They take turns, so that a drift of the machine hits all alike. Each is run with one notebook as well: what that
costs is its start-up, and the rest, divided by the other notebooks, is the cost of one more. (The misconceptions of
an exercise are examined once, when a student first makes a mistake in it, and answers that come for the first
time are judged by the checks themselves: a class of fewer than some hundred notebooks pays much for that.) Then each
runs once with its memory watched, untimed. stock and plugged grade the first notebooks of the class only, as they
are slow.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.trusted.cores import available_cores
from autograder.trusted.results.outcomes import MISSING
from autograder.trusted.results.store import read_results
from tests.benchmarks.courses import hand_in_class, make_course, with_hidden_asserts, without_the_engine
from tests.benchmarks.meter import Cost, Memory, measured

if TYPE_CHECKING:
    from collections.abc import Callable

    from autograder.trusted.assignment.course import Course

STOCK, GRADE, PLUGGED, FLOOR = "stock", "grade", "plugged", "floor"
TITLES = {
    STOCK: "stock nbgrader autograde",
    GRADE: "autograder grade",
    PLUGGED: "nbgrader autograde with the engine",
    FLOOR: "the floor: no sandbox",
}
MIB = 2**20
MANY = 1_000  # notebooks, from which start-up counts for little
TARGET_THROUGHPUT, TARGET_CPU = {False: 200, True: 300}, {False: 3, True: 1.8}  # of few notebooks, and of MANY
TARGET_PRIVATE_MIB, TARGET_FIRST, TARGET_HELP, TARGET_PLUGGED = 60, 1.5, 0.3, 0.05


@dataclass
class Way:
    """One way to grade, and what it was seen to cost.

    `grade(watch memory?)` grades `notebooks` notebooks, `grade_one()` one.
    """

    notebooks: int
    grade: Callable[[bool], Cost]
    grade_one: Callable[[], Cost] | None
    whole: list[Cost] = field(default_factory=list)
    one: list[Cost] = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)

    def repeat(self) -> None:
        """Once more."""
        self.whole.append(self.grade(False))
        if self.grade_one is not None:
            self.one.append(self.grade_one())

    def seconds(self) -> list[float]:
        """Seconds a notebook as run, start-up included, of each repeat."""
        return [cost.seconds / self.notebooks for cost in self.whole]

    def cpu(self) -> list[float]:
        """As `seconds`, of processor time."""
        return [cost.cpu / self.notebooks for cost in self.whole]

    def seconds_of_one_more(self) -> list[float]:
        """Seconds a notebook without start-up."""
        return self._more(self.seconds(), lambda cost: cost.seconds)

    def cpu_of_one_more(self) -> list[float]:
        """As `seconds_of_one_more`, of processor time."""
        return self._more(self.cpu(), lambda cost: cost.cpu)

    def _more(self, as_run: list[float], of: Callable[[Cost], float]) -> list[float]:
        if self.notebooks == 1 or not self.one:
            return as_run
        pairs = zip(self.whole, self.one, strict=True)
        return [(of(whole) - of(one)) / (self.notebooks - 1) for whole, one in pairs]


def grade_by_kit(course: Course, folder: Path, jobs: int, memory: bool = False) -> Cost:
    """`autograder grade`, from the beginning; the time of its first record is taken."""
    output = Path(tempfile.mkdtemp(dir=folder)) / "graded"
    command = [sys.executable, "-m", "autograder", "grade", "--jobs", str(jobs), "--output", output]
    cost = measured(command, course.root, watch=output / "results.jsonl", memory=memory)
    graded = sum(record.status != MISSING for record in read_results(output / "results.jsonl"))
    if graded != count(course):
        sys.exit(f"{graded} of {count(course)} notebooks have a record:\n{cost.output[-2000:]}")
    return cost


def grade_by_nbgrader(course: Course, folder: Path, memory: bool = False) -> Cost:
    """`nbgrader autograde`, from the beginning."""
    for name in ("graded", "autograded"):
        shutil.rmtree(course.root / name, ignore_errors=True)
    shutil.copy(course.root / "gradebook.empty", course.root / "gradebook.db")
    cost = measured([sys.executable, "-m", "nbgrader", "autograde", course.assignment], course.root, memory=memory)
    graded = len(list(course.root.glob(f"autograded/*/{course.assignment}/*.ipynb")))
    if graded != count(course):
        sys.exit(f"nbgrader has graded {graded} of {count(course)} notebooks:\n{cost.output[-2000:]}")
    return cost


def examine_by_floor(course: Course, memory: bool = False) -> Cost:
    """The floor; its seconds are those of its loop, without any start-up."""
    cost = measured([sys.executable, Path(__file__).with_name("floor.py"), course.root], course.root, memory=memory)
    said = json.loads(cost.output)
    return Cost(said["seconds"], said["cpu"], None, cost.output, cost.memory)


def count(course: Course) -> int:
    """How many notebooks have been handed in."""
    return len(list(course.submitted.glob(f"*/{course.assignment}/*.ipynb")))


def class_of(root: Path, notebooks: int, *, solved: bool, nbgrader: bool = False, stock: bool = False) -> Course:
    """A course with a class of so many notebooks; ready for nbgrader if it is to grade it."""
    course = make_course(root)
    hand_in_class(course, notebooks, solved=solved)
    if stock:
        without_the_engine(course)
        with_hidden_asserts(course)
    if nbgrader:
        assign = [sys.executable, "-m", "nbgrader", "generate_assignment", course.assignment, "--force"]
        measured(assign, course.root)
        (course.root / "gradebook.db").rename(course.root / "gradebook.empty")
    return course


def ways(folder: Path, options: argparse.Namespace) -> dict[str, Way]:
    """The four ways, each with courses of its own."""

    def make(name: str, notebooks: int, **kind: bool) -> tuple[Course, Course]:
        return (
            class_of(folder / name, notebooks, solved=options.solved, **kind),
            class_of(folder / f"{name}-one", 1, solved=options.solved, **kind),
        )

    ours, our_one = make("ours", options.submissions)
    plugged, plugged_one = make("plugged", min(options.plugged, options.submissions), nbgrader=True)
    stock, stock_one = make("stock", min(options.stock, options.submissions), nbgrader=True, stock=True)
    kit = partial(grade_by_kit, folder=folder, jobs=options.jobs)
    by_nbgrader = partial(grade_by_nbgrader, folder=folder)
    return {
        STOCK: Way(count(stock), lambda memory: by_nbgrader(stock, memory=memory), lambda: by_nbgrader(stock_one)),
        GRADE: Way(count(ours), lambda memory: kit(ours, memory=memory), lambda: kit(our_one)),
        PLUGGED: Way(
            count(plugged), lambda memory: by_nbgrader(plugged, memory=memory), lambda: by_nbgrader(plugged_one)
        ),
        FLOOR: Way(count(ours), lambda memory: examine_by_floor(ours, memory), None),
    }


def agreement(floor: Cost, records: Path) -> str:
    """How many checks the floor and the kit judge alike: it shows that both did the same work."""
    verdicts = json.loads(floor.output)["verdicts"]
    tally: dict[tuple[bool, bool], int] = defaultdict(int)
    for record in read_results(records):
        if record.status == MISSING:
            continue
        for exercise in record.exercises.values():
            for check in exercise.checks:
                tally[check.outcome == "passed", verdicts[f"{record.student}/{record.notebook}"][check.name]] += 1
    alike = tally[True, True] + tally[False, False]
    return (
        f"Of {sum(tally.values()):,} checks, the floor and `autograder grade` judge {alike:,} alike "
        f"({tally[True, True]:,} passed); {tally[True, False]:,} pass only in the kit, with the reference's help; "
        f"{tally[False, True]:,} only in the floor."
    )


def middle(values: list[float]) -> str:
    """Median, least and most, of seconds."""
    return f"{statistics.median(values):8.4f} ({min(values):.4f} to {max(values):.4f})"


def report(measures: dict[str, Way], helps: list[float]) -> str:
    """The figures and the targets, as text."""
    lines = [f"{'as run, start-up included':36s} notebooks   seconds a notebook             CPU seconds a notebook"]
    for name, way in measures.items():
        lines.append(f"  {TITLES[name]:34s} {way.notebooks:8d}   {middle(way.seconds())}   {middle(way.cpu())}")
    lines.append("\nwithout start-up")
    for name, way in measures.items():
        more = f"{middle(way.seconds_of_one_more())}   {middle(way.cpu_of_one_more())}"
        lines.append(f"  {TITLES[name]:34s} {'':8s}   {more}")
    lines.append("\nstart-up: the run with one notebook")
    for name, way in measures.items():
        if way.one:
            one = f"{middle([cost.seconds for cost in way.one])}   {middle([cost.cpu for cost in way.one])}"
            lines.append(f"  {TITLES[name]:34s} {1:8d}   {one}")
    lines.append(
        "\nmemory, MiB: all processes together (shared pages once); private pages of the largest process of each role"
    )
    for name, way in measures.items():
        roles = ", ".join(f"{role} {size / MIB:.0f}" for role, size in sorted(way.memory.private.items()))
        hidden = f"; {way.memory.unreadable} looks were refused: be root for all" if way.memory.unreadable else ""
        lines.append(f"  {TITLES[name]:34s} {way.memory.whole / MIB:8.0f}   {roles}{hidden}")
    lines.append("\nprocessor, ms a notebook by role, of the run whose memory was watched; a role's start-up included")
    for name, way in measures.items():
        seconds = sorted(way.memory.processor.by_role().items(), key=lambda each: -each[1])
        lines.append(
            f"  {TITLES[name]:34s} {', '.join(f'{role} {1000 * s / way.notebooks:.1f}' for role, s in seconds)}"
        )
    return "\n".join([*lines, "", *targets(measures, helps)])


def targets(measures: dict[str, Way], helps: list[float]) -> list[str]:
    """What was to be reached, and how far it is. Stock has the benefit of its start-up being left out."""
    stock = statistics.median(measures[STOCK].seconds_of_one_more())
    floor = statistics.median(measures[FLOOR].cpu())
    grade, plugged = measures[GRADE], measures[PLUGGED]
    lines = []

    def say(what: str, value: float, target: float, unit: str, *, least: bool = False) -> None:
        good = value >= target if least else value <= target
        bound = "at least" if least else "at most"
        lines.append(f"  {'met   ' if good else 'MISSED'} {what}: {value:.3g}{unit} ({bound} {target:g}{unit})")

    lines.append("targets (medians; stock without its start-up, the kit with its own)")
    as_run, one_more = statistics.median(grade.seconds()), statistics.median(grade.seconds_of_one_more())
    throughput, cpu = TARGET_THROUGHPUT[grade.notebooks >= MANY], TARGET_CPU[grade.notebooks >= MANY]
    say("throughput of `autograder grade` to stock's", stock / as_run, throughput, " times", least=True)
    say("  and without its own start-up", stock / one_more, throughput, " times", least=True)
    say("CPU of `autograder grade` to the floor's", statistics.median(grade.cpu()) / floor, cpu, " times")
    say("  and without its own start-up", statistics.median(grade.cpu_of_one_more()) / floor, cpu, " times")
    if "worker" in grade.memory.dirty:
        say("private memory of a worker", grade.memory.dirty["worker"] / MIB, TARGET_PRIVATE_MIB, " MiB")
    first = [cost.first for cost in [*grade.whole, *grade.one] if cost.first is not None]
    say("first result of `autograder grade`", statistics.median(first), TARGET_FIRST, " s")
    say("`autograder --help`", statistics.median(helps), TARGET_HELP, " s")
    more = statistics.median(plugged.seconds_of_one_more())
    say("a notebook more of nbgrader's with the engine", more, TARGET_PLUGGED, " s")
    ratio = stock / more
    lines.append(f"  `nbgrader autograde` with the engine: {ratio:.3g} times stock's throughput, both without start-up")
    return lines


def plot(measures: dict[str, Way], path: Path, machine: str) -> None:
    """The same as a picture: throughput, processor time and memory, a bar for each way."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    names = list(measures)[::-1]
    colours = {STOCK: "#8A8A8A", GRADE: "#0072B2", PLUGGED: "#56B4E9", FLOOR: "#222222"}
    stock = statistics.median(measures[STOCK].seconds_of_one_more())
    panels = (
        ("Notebooks a minute", lambda way: [60 / s for s in way.seconds()], "{:,.0f}", True),
        ("CPU milliseconds a notebook", lambda way: [1000 * s for s in way.cpu()], "{:,.0f}", True),
        ("Memory of all processes, MiB", lambda way: [way.memory.whole / MIB], "{:,.0f}", False),
    )
    figure, axes = plt.subplots(1, 3, figsize=(13, 3.4), sharey=True, layout="constrained")
    for axis, (title, values, shown, logarithmic) in zip(axes, panels, strict=True):
        for place, name in enumerate(names):
            all_values = values(measures[name])
            value = statistics.median(all_values)
            axis.barh(place, value, color=colours[name], height=0.62)
            axis.plot([min(all_values), max(all_values)], [place, place], color="#D55E00", linewidth=2)
            label = shown.format(value)
            if logarithmic and name != STOCK and title.startswith("Notebooks"):
                label += f"  ({stock / (60 / value):,.0f}×)"
            axis.annotate(label, (max(all_values), place), (5, 0), textcoords="offset points", va="center", fontsize=9)
        axis.set_title(title, fontsize=11, loc="left")
        axis.spines[["top", "right"]].set_visible(False)
        if logarithmic:
            axis.set_xscale("log")
        low, high = axis.get_xlim()
        axis.set_xlim(low / 2 if logarithmic else low, high * 6 if logarithmic else high * 1.2)
    axes[0].set_yticks(range(len(names)), [TITLES[name] for name in names])
    figure.supxlabel(f"{machine}; as run, start-up included (× stock without its own)", fontsize=9, color="#555555")
    figure.savefig(path, dpi=150)


def main() -> None:
    """Make the classes, let the four ways take turns, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--submissions", type=int, default=1000, help="notebooks for grade and the floor (1000: 250 students)"
    )
    parser.add_argument("--stock", type=int, default=8, help="notebooks for stock nbgrader (8)")
    parser.add_argument("--plugged", type=int, default=40, help="notebooks for nbgrader with the engine (40)")
    parser.add_argument("--repeats", type=int, default=3, help="how often each takes its turn (3)")
    parser.add_argument("--jobs", type=int, default=available_cores(), help="graders of autograder grade (all cores)")
    parser.add_argument("--solved", action="store_true", help="a class in which every notebook is right")
    parser.add_argument("--plot", type=Path, help="draw the figures into this file (PNG or SVG)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="autograder-benchmark-") as name:
        folder = Path(name)
        measures = ways(folder, options)
        helps = []
        for turn in range(options.repeats):
            for way in measures.values():
                way.repeat()
            helps.append(measured([sys.executable, "-m", "autograder", "--help"], folder).seconds)
            print(f"turn {turn + 1} of {options.repeats} is done", file=sys.stderr, flush=True)
        for way in measures.values():
            way.memory = way.grade(True).memory
        results = max(folder.glob("*/graded/results.jsonl"), key=lambda path: path.stat().st_size)
        same = agreement(measures[FLOOR].whole[-1], results)
    machine = f"{available_cores()} cores, load {os.getloadavg()[0]:.1f}, {options.jobs} graders"
    print(f"{machine}; median (least to most) of {options.repeats}\n\n{report(measures, helps)}\n\n{same}")
    if options.plot:
        plot(measures, options.plot, machine)


if __name__ == "__main__":
    main()
