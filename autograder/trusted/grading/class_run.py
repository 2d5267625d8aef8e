"""A class, graded: submissions are dealt to graders, one a core, and their records come back.

    this process                 a grader (forked)              template (own program)
    deals submissions   ----->   pytest session     ----->      forks sandboxed workers
    writes records      <-----   trusted, no student code

A grader that dies takes one submission with it; the run goes on, says so, and fails at its end.
"""

from __future__ import annotations

import functools
import gc
import multiprocessing
import os
from collections import defaultdict, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from autograder.errors import CheckBroken, KitError, TemplateLost
from autograder.trusted.execution.template_process import SANDBOX, TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.trusted.grading.settings import settings_fingerprint
from autograder.trusted.submissions.reader import the_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.execution.outputs import CellOutputs
    from autograder.trusted.grading.figures import Figure
    from autograder.trusted.grading.grader import Grader
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import NotebookRecord
    from autograder.trusted.submissions.find import Submission


@dataclass(frozen=True)
class Task:
    """What a grader is to do with a submission: grade it, run it for what its cells show, plot its figure."""

    submission: Submission
    grade: bool = True
    show: bool = False
    demonstrations: bool = False
    plot: bool = False


@dataclass(frozen=True)
class Done:
    """What came of a task: the record, what each cell shows by its place, the figure; `fault` where the kit failed."""

    task: Task
    record: NotebookRecord | None = None
    shown: dict[int, CellOutputs] = field(default_factory=dict)
    fault: str = ""
    figure: Figure | None = None


class TaskQueue:
    """Tasks to be dealt, so that a grader mostly meets one notebook: what it learns of its exercises is then used.

    Args:
        tasks: all of them; those of one notebook are taken in this order.
    """

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._left: dict[str, deque[Task]] = defaultdict(deque)
        self._latest: dict[Hashable, str] = {}
        for task in tasks:
            self._left[task.submission.notebook].append(task)

    def take(self, grader: Hashable) -> Task | None:
        """The next task for a grader, of the notebook that it had before; None when nothing is left.

        If that notebook is done, it is one that no other grader has, or the one with the most left.
        """
        had = self._latest.pop(grader, None)
        left = [notebook for notebook, tasks in self._left.items() if tasks]
        if not left:
            return None
        taken = self._latest.values()
        notebook = max(left, key=lambda each: (each == had, each not in taken, len(self._left[each])))
        self._latest[grader] = notebook
        return self._left[notebook].popleft()

    def left(self) -> list[Task]:
        """What nobody has taken."""
        return [task for tasks in self._left.values() for task in tasks]


@dataclass
class ClassRun:
    """How a class is to be graded.

    Attributes:
        jobs: how many graders work side by side.
        isolation: "sandbox", or "process" for code that is trusted.
        template: the template, where it is on its way already; it serves as many graders as `jobs`.
        gpu_required: whether a GPU that sandboxed workers cannot use stops the run.
        faults: what failed of the kit itself, a sentence each; empty after a good run.
    """

    course: Course
    settings: Settings
    jobs: int
    isolation: str = SANDBOX
    gpu_required: bool = False
    template: TemplateProcess | None = None
    faults: list[str] = field(default_factory=list)

    @functools.cached_property
    def fingerprint(self) -> bytes:
        """All that decides a grade besides the notebook."""
        return settings_fingerprint(self.course, self.settings)

    def grade(self, submissions: Sequence[Submission], record: Callable[[NotebookRecord], None]) -> None:
        """Grade every submission; `record` is called with each record as it comes.

        Raises:
            SandboxUnavailable: this machine cannot set up the sandbox.
            KitError: no grader could work.
        """
        for done in self.work([Task(submission) for submission in submissions]):
            if done.record is not None:
                record(done.record)

    def work(self, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Do every task; yields what came of each, as it comes. Raises as `grade` does."""
        waiting = TaskQueue(tasks)
        with self.graders(min(self.jobs, max(1, len(tasks)))) as graders:
            busy: dict[Connection, Task | None] = {connection: None for connection in graders}
            while busy:
                for connection in _ready(busy):
                    task = busy.pop(connection)
                    try:
                        said = connection.recv()
                    except (EOFError, ConnectionError):
                        if task is None:
                            self.faults.append("A grader process ended before it had graded anything.")
                        else:
                            yield self._fault(Done(task, fault="its grader process ended"))
                        continue
                    if isinstance(said, KitError):
                        raise said  # it could not even begin
                    following = waiting.take(connection)
                    if following is not None:
                        busy[connection] = following
                    with suppress(ConnectionError):  # a grader that has died is noticed when it should answer
                        connection.send(following)
                    if said is not None:
                        yield self._fault(said)
            for task in waiting.left():
                yield self._fault(Done(task, fault="no grader is left"))

    def _fault(self, done: Done) -> Done:
        if done.fault:
            whose = f"{done.task.submission.student}'s {done.task.submission.notebook}"
            self.faults.append(f"{whose} was not graded as it should be: {done.fault}")
        return done

    @contextmanager
    def graders(self, count: int) -> Iterator[list[Connection]]:
        """Start the template and `count` graders; yields a connection to each.

        A grader says None when it is ready (or the KitError that stops it), then answers each Task that it
        is sent with what it has Done, until it is sent None.
        """
        template = self.template or TemplateProcess(count, self.course.secrets, self.isolation)
        self.template = None  # it serves once
        fingerprint = self.fingerprint  # computed before the graders are forked
        fork = multiprocessing.get_context("fork")
        pipes = [fork.Pipe() for _ in range(count)]
        graders = [
            fork.Process(target=_be_a_grader, args=(self, fingerprint, template, number, pipes))
            for number in range(count)
        ]
        try:
            for grader in graders:
                grader.start()
            template.hang_up()
            for _, theirs in pipes:
                theirs.close()
            yield [ours for ours, _ in pipes]
        finally:
            for ours, _ in pipes:
                ours.close()
            for grader in graders:
                grader.join()
            template.stop()


def _do(task: Task, grader: Grader, fingerprint: bytes) -> Done:
    record, figure, shown, fault = None, None, {}, ""
    try:
        record = grader.grade(task.submission, fingerprint) if task.grade else None
        figure = grader.plot(task.submission) if task.plot else None
    except CheckBroken as broken:
        record, fault = broken.record, str(broken)
    except TemplateLost:
        raise
    except KitError as broken:
        return Done(task, fault=str(broken))
    if task.show:
        shown = grader.show(task.submission, demonstrations=task.demonstrations)
    return Done(task, record, shown, fault, figure)


def _ready(connections: Iterable[Connection]) -> list[Connection]:
    return wait(list(connections))  # type: ignore[return-value]  # it returns some of what it is given


def _be_a_grader(
    run: ClassRun,
    fingerprint: bytes,
    template: TemplateProcess,
    number: int,
    pipes: list[tuple[Connection, Connection]],
) -> None:
    """The life of one grader: report readiness (None) or why not, then a record for each submission."""
    from autograder.trusted.grading.devices import usable
    from autograder.trusted.grading.escape_test import require_no_escape
    from autograder.trusted.grading.grader import Grader
    from autograder.trusted.grading.pytest_session import collect_checks

    dealer = pipes[number][1]
    for connection in (end for pipe in pipes for end in pipe if end is not dealer):
        connection.close()  # so that the end of any process is noticed by the others
    the_reader().start()  # while the checks are collected
    import torch

    torch.set_num_threads(1)
    # A first gradient imports five hundred modules. A student whose function is substituted must not wait for them.
    one = torch.ones(1, requires_grad=True)
    torch.autograd.grad(one.sum(), one)

    try:
        workers = Workers(template.control(number), template.home)
        if number == 0 and run.isolation == SANDBOX:
            require_no_escape(workers)
        settings = usable(run.settings, workers, required=run.gpu_required)
        grader = Grader(run.course, workers, collect_checks(run.course), settings)
        gc.freeze()  # what is there now stays: the garbage collector need not go through it for each submission
        _serve(dealer, grader, fingerprint)
    except (ConnectionError, KeyboardInterrupt):
        os._exit(1)  # the dealer is gone, or the user stopped the run
    except KitError as fault:
        with suppress(ConnectionError):
            dealer.send(fault)


def _serve(dealer: Connection, grader: Grader, fingerprint: bytes) -> None:
    """Do what the dealer sends until it sends None; a lost template ends it, as no other submission can be graded."""
    said: Done | None = None
    while True:
        try:
            dealer.send(said)
            task = dealer.recv()
        except (EOFError, ConnectionError):
            return  # the dealer is gone: nobody waits for a grade
        if task is None:
            return
        said = _do(task, grader, fingerprint)
