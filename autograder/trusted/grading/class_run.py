"""A class, graded: submissions are dealt to graders, one a core, and their records come back.

    this process                 a grader (forked)              template (own program)
    deals submissions   ----->   pytest session     ----->      forks sandboxed workers
    writes records      <-----   trusted, no student code

Whatever goes wrong over one submission is told in that submission's own record (see containment.py). A grader that
dies leaves the others its work, and its submission is tried once more, when nobody else works, so that it costs nobody
else anything if it is the cause. Where the template or the last grader has died, a new template and new graders go on,
also where none had begun: what ended them may have been the machine's.
"""

from __future__ import annotations

import functools
import gc
import importlib
import multiprocessing
import os
import signal
import sys
from collections import defaultdict, deque
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from autograder.errors import KitError, NotebookUnreadable, TemplateLost
from autograder.later import import_later
from autograder.trusted.cores import claimed_core
from autograder.trusted.execution.template_process import SANDBOX, TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.trusted.grading.containment import Fault, contained, faulty_record
from autograder.trusted.grading.settings import settings_fingerprint
from autograder.trusted.lasting_imports import imports_that_last
from autograder.trusted.similarity.files import work_of
from autograder.trusted.submissions.reader import outline, the_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

    from autograder.trusted.assignment.course import Course
    from autograder.trusted.checking.check import Check
    from autograder.trusted.execution.safe_outputs import CellOutputs
    from autograder.trusted.grading.grader import Grader
    from autograder.trusted.grading.settings import Settings
    from autograder.trusted.results.records import FigureRecord, NotebookRecord
    from autograder.trusted.results.works import Work
    from autograder.trusted.submissions.submission import Submission


LONG_RUN = 25  # tasks for each grader; what a shorter run could win is less than it takes, or than others lose
MAX_STARTS = 3  # in a row, in which no grader comes to begin
MAX_BARREN_ROUNDS = 100  # in a row, in which graders only die: then it is none of the submissions
_TWICE = "Its grader process ended over it twice"


_OF_GRADERS = (
    "autograder.trusted.grading.escape_test",
    "autograder.trusted.grading.grader",
    "autograder.trusted.grading.pytest_session",
)


class GraderLost(KitError):
    """A grader process has ended; what it was doing can be done by another."""


@dataclass(frozen=True)
class Task:
    """What a grader is to do with a submission: grade it, run it for what its cells show, plot its figure.

    A figure of what is graded as well is plotted in the same worker, and stays with the record. To `compare` it later
    with others' is to tell what is in the file.
    """

    submission: Submission
    grade: bool = True
    show: bool = False
    demonstrations: bool = False
    plot: bool = False
    compare: bool = False


@dataclass(frozen=True)
class Done:
    """What came of a task: the record, what each cell shows by its place, the figure where nothing was graded.

    `work` is what is in the file, where it is to be compared. `fault` is a sentence for the tutor where the kit failed
    over it; a record says so, too.
    """

    task: Task
    record: NotebookRecord | None = None
    shown: dict[int, CellOutputs] = field(default_factory=dict)
    fault: str = ""
    figure: FigureRecord | None = None
    work: Work | None = None


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


class _Tries:
    """The tasks of a run, through all its rounds: what is left, and what is to be tried once more, alone."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.queue = TaskQueue(tasks)
        self._once_more: deque[Task] = deque()
        self._tried: set[Task] = set()

    def take(self, grader: Hashable, *, alone: bool) -> Task | None:
        """The next task for a grader; one that is tried once more only for a grader that works alone."""
        task = self.queue.take(grader)
        return self._once_more.popleft() if task is None and alone and self._once_more else task

    def lost(self, task: Task) -> bool:
        """Note that a grader was lost over a task; whether that was the second time, and it is given up."""
        if task in self._tried:
            return True
        self._tried.add(task)
        self._once_more.append(task)
        return False

    def left(self) -> int:
        """How many tasks are not done."""
        return len(self.queue.left()) + len(self._once_more)


@dataclass
class ClassRun:
    """How a class is to be graded.

    Attributes:
        jobs: how many graders work side by side.
        isolation: "sandbox", or "process" for code that is trusted.
        template: the template, where it is on its way already; it serves as many graders as `jobs`.
        figures: whether the records keep what the feedback draws, which then runs no notebook again.
        works: takes what is in the files that were graded, where anybody is to compare them.
        gpu_required: whether a GPU that sandboxed workers cannot use stops the run.
        faults: what failed of the kit itself over single submissions, a sentence each, whose records say it as well.
    """

    course: Course
    settings: Settings
    jobs: int
    isolation: str = SANDBOX
    gpu_required: bool = False
    template: TemplateProcess | None = None
    figures: bool = False
    works: Callable[[Work], None] | None = None
    faults: list[str] = field(default_factory=list)

    @functools.cached_property
    def fingerprint(self) -> bytes:
        """All that decides a grade besides the notebook."""
        return settings_fingerprint(self.course, self.settings)

    @functools.cached_property
    def checks(self) -> list[Check]:
        """The hidden checks: collected once, for all graders. Raises KitError where they cannot be used."""
        from autograder.trusted.grading.pytest_session import collect_checks

        return collect_checks(self.course)

    def grade(self, submissions: Sequence[Submission], record: Callable[[NotebookRecord], None]) -> None:
        """Grade every submission; `record` is called with each record as it comes.

        Raises:
            SandboxUnavailable: this machine cannot set up the sandbox.
            TemplateLost: the template cannot be started.
            KitError: no grader could work.
        """
        compare = self.works is not None
        for done in self.work([Task(each, plot=self.figures, compare=compare) for each in submissions]):
            if done.record is not None:
                record(done.record)
            if done.work is not None and self.works is not None:
                self.works(done.work)

    def work(self, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Do every task; yields what came of each, as it comes. Raises as `grade` does."""
        tries, barren, failed = _Tries(tasks), 0, 0
        while True:
            before = tries.left()
            try:
                for done in self._round(tries):
                    if done.fault:
                        whose = f"{done.task.submission.student}'s {done.task.submission.notebook}"
                        self.faults.append(f"{whose} was not graded as it should be: {done.fault}")
                    yield done
            except (GraderLost, TemplateLost):
                failed += 1
                if failed == MAX_STARTS:
                    raise
                continue
            if not tries.left():
                return
            failed = 0
            barren = barren + 1 if tries.left() == before else 0
            if barren == MAX_BARREN_ROUNDS:
                raise KitError("No grader lives long enough to grade anything; run `autograder doctor` to see why.")

    def _round(self, tries: _Tries) -> Iterator[Done]:
        """Work with one template until nothing is left to do, or nobody to do it.

        Raises GraderLost or TemplateLost where no grader came to begin; what was to be done is then left as it was.
        """
        left = len(tries.queue.left())
        count = min(self.jobs, max(1, left))
        with self.graders(count, long_run=left >= LONG_RUN * count) as graders:
            busy: dict[Connection, Task | None] = {connection: None for connection in graders}
            ready, lost = False, KitError("No grader could begin.")
            while busy:
                for connection in _ready(busy):
                    task = busy.pop(connection)
                    try:
                        said = connection.recv()
                    except (EOFError, ConnectionError):
                        said = _ended(graders[connection])
                    if isinstance(said, KitError):
                        if task is None and not isinstance(said, GraderLost | TemplateLost):
                            raise said  # it could not even begin
                        lost = said
                        if task is not None and tries.lost(task):
                            yield self._given_up(task)
                        continue
                    ready = True
                    following = tries.take(connection, alone=not busy)
                    if following is not None:
                        busy[connection] = following
                    with suppress(ConnectionError):  # a grader that has died is noticed when it should answer
                        connection.send(following)
                    if said is not None:
                        yield said
            if not ready and tries.left():
                raise lost

    def _given_up(self, task: Task) -> Done:
        """What came of a task over which a grader was lost twice."""
        if not task.grade:
            return Done(task, fault=_TWICE)
        record = faulty_record(self.course, task.submission, self.settings.seed, f"{_TWICE}; look at it yourself.")
        return Done(task, record, fault=_TWICE)

    @contextmanager
    def graders(self, count: int, *, long_run: bool = False) -> Iterator[dict[Connection, BaseProcess]]:
        """Start the template and `count` graders; yields a connection to each, and its process.

        A grader says None when it is ready (or the KitError that stops it), then answers each Task that it is sent
        with what it has Done, until it is sent None. In a `long_run` each keeps to one core, if there
        are enough, and the template takes large pages.
        """
        start = functools.partial(
            TemplateProcess, count, self.course.secrets, self.isolation, preload=self.course.preload
        )
        template = self.template or start()
        self.template = None  # it serves once
        gpu_template = start(with_gpu=True) if self.settings.gpu else None
        templates = [template] if gpu_template is None else [template, gpu_template]
        fingerprint = self.fingerprint  # computed before the graders are forked
        fork = multiprocessing.get_context("fork")
        pipes = [fork.Pipe() for _ in range(count)]
        graders = [
            fork.Process(target=_be_a_grader, args=(self, fingerprint, templates, number, pipes, long_run))
            for number in range(count)
        ]
        try:
            self._prepare()
            for grader in graders:
                grader.start()
            for each in templates:
                each.hang_up()
            for _, theirs in pipes:
                theirs.close()
            yield {ours: grader for (ours, _), grader in zip(pipes, graders, strict=True)}
        finally:
            for ours, _ in pipes:
                ours.close()
            for grader in graders:
                if grader.pid is not None:  # it was started
                    grader.join()
            for each in templates:
                each.stop()

    def _prepare(self) -> None:
        """Have at hand what every grader needs, while the template starts: their forks share it."""
        _import_for_graders(with_torch=self.course.uses_torch)
        self.checks  # noqa: B018  # it is kept
        for plan in self.course.notebooks.values():
            outline(plan, self.course.released(plan.name).stubs)


def _do(task: Task, grader: Grader, course: Course, fingerprint: bytes) -> Done:
    """Do a task; what goes wrong over its submission is its own fault alone. Raises TemplateLost."""
    submission, faults = task.submission, []
    record = grader.grade(submission, fingerprint, plot=task.plot) if task.grade else None
    figure = contained(lambda: grader.plot(submission)) if task.plot and not task.grade else None
    shown = contained(lambda: grader.show(submission, demonstrations=task.demonstrations)) if task.show else {}
    if isinstance(figure, Fault):
        faults.append(str(figure))
        figure = None
    if isinstance(shown, Fault):
        faults.append(str(shown))
        shown = {}
    if record is not None:
        faults += grader.faults
    work = contained(lambda: _work(course, submission)) if task.compare else None
    if isinstance(work, Fault):
        work = None  # it costs no mark: the report reads the file itself, and says what is wrong
    return Done(task, record, shown, " ".join(faults), figure, work)


def _work(course: Course, submission: Submission) -> Work | None:
    plan = course.notebooks[submission.notebook]
    with suppress(NotebookUnreadable):
        return work_of(submission, plan, course.released(plan.name).stubs)
    return None


def _ended(grader: BaseProcess) -> GraderLost:
    """What is to be said of a grader that has hung up: how it ended."""
    grader.join()
    status = grader.exitcode or 0
    how = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
    if status == -signal.SIGKILL:
        how += ", most likely for lack of memory"
    return GraderLost(f"A grader process was ended before it had graded anything: {how}.")


def _ready(connections: Iterable[Connection]) -> list[Connection]:
    return wait(list(connections))  # type: ignore[return-value]  # it returns some of what it is given


def _import_for_graders(*, with_torch: bool) -> None:
    """Import what every grader needs; it starts no thread, which a fork would not take along."""
    missing = [name for name in (*_OF_GRADERS, *(["torch"] if with_torch else [])) if name not in sys.modules]
    if missing:
        with imports_that_last():
            for name in missing:
                importlib.import_module(name)
            if with_torch:
                import_later()


def _be_a_grader(
    run: ClassRun,
    fingerprint: bytes,
    templates: Sequence[TemplateProcess],
    number: int,
    pipes: list[tuple[Connection, Connection]],
    long_run: bool,
) -> None:
    """The life of one grader: report readiness (None) or why not, then a record for each submission."""
    from autograder.trusted.grading.devices import usable
    from autograder.trusted.grading.escape_test import require_no_escape
    from autograder.trusted.grading.grader import Grader

    gc.freeze()  # what the parent has left to its garbage collector is the parent's to close, never this process's
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        # At once: to leave in good order it would ask the template, whose answer may be the one that was interrupted.
        signal.signal(signal.SIGINT, lambda *_: os._exit(1))
    dealer = pipes[number][1]
    for connection in (end for pipe in pipes for end in pipe if end is not dealer):
        connection.close()  # so that the end of any process is noticed by the others
    try:
        the_reader().start()
        if run.course.uses_torch:
            _warm_up_torch()
        workers, *more = (Workers(template.control(number), template.home) for template in templates)
        gpu_workers = more[0] if more else None
        if number == 0 and run.isolation == SANDBOX:
            require_no_escape(workers, with_torch=run.course.uses_torch)
        settings = usable(run.settings, gpu_workers, required=run.gpu_required)
        grader = Grader(run.course, workers, run.checks, settings, gpu_workers)
        core = claimed_core() if long_run else None
        workers.core = core.number if core is not None else None
        workers.long_run = long_run
        gc.freeze()  # what is there now stays: the garbage collector need not go through it for each submission
        _serve(dealer, grader, run.course, fingerprint)
    except ConnectionError:
        os._exit(1)  # the dealer is gone
    except KitError as fault:
        with suppress(ConnectionError):
            dealer.send(fault)
    except Exception as fault:
        with suppress(ConnectionError):
            dealer.send(GraderLost(f"A grader process failed: {type(fault).__name__}: {fault}"))
        raise  # to the terminal, whole


def _warm_up_torch() -> None:
    """Import torch and take a first gradient, so that no student waits for either."""
    import torch

    torch.set_num_threads(1)
    one = torch.ones(1, requires_grad=True)
    torch.autograd.grad(one.sum(), one)


def _serve(dealer: Connection, grader: Grader, course: Course, fingerprint: bytes) -> None:
    """Do what the dealer sends until it sends None. Raises TemplateLost, as it can grade no other submission then."""
    said: Done | None = None
    while True:
        try:
            dealer.send(said)
            task = dealer.recv()
        except (EOFError, ConnectionError):
            return  # the dealer is gone: nobody waits for a grade
        if task is None:
            return
        said = _do(task, grader, course, fingerprint)
