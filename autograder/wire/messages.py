"""The messages between the trusted side and a worker, and between a grader and the template.

A worker handles one request at a time. The frame of a reply repeats the frame number of its request, so that the
trusted side notices a reply that comes early, twice, or for another request.
"""

from __future__ import annotations

from typing import Any, Union

from msgspec import Struct

from autograder.wire.values import Value

# --- trusted side to worker ---------------------------------------------------------------------


class RunCells(Struct, tag="run-cells", frozen=True):
    """Run code cells in order in the notebook's namespace; the worker replies with one CellRan for each.

    `skipped` are indices of cells that are not run, because they ended an earlier worker.
    With `keep_outputs`, a reply holds everything that the cell showed, as nbformat outputs.

    Of these `exercises` the last definition counts: where a later cell binds the name to something else, or deletes it,
    it is put back after the last cell. `stubs` are indices of cells that define an exercise as it was released.
    """

    cells: tuple[str, ...]
    skipped: tuple[int, ...] = ()
    keep_outputs: bool = False
    exercises: tuple[str, ...] = ()
    stubs: tuple[int, ...] = ()


class Call(Struct, tag="call", frozen=True):
    """Call the function `name`, or with `target` the method `name` of an object that the worker holds.

    An empty `name` with a `target` calls the object itself. With `backward`, the worker differentiates
    the sum of the result, and returns the arguments with their gradients. It first makes the accelerator
    ready that `device` names. Without `echo`, no argument is returned. With `figures`, the result is a list of the
    figures of pyplot's that are there after the call, whatever it returned.
    """

    name: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = {}
    target: int | None = None
    backward: bool = False
    device: str = "cpu"
    echo: bool = True
    figures: bool = False


class WatchCall(Struct, tag="watch-call", frozen=True):
    """Make a call once more, whatever it comes to, and say which of the functions `among` it goes through.

    They go by torch's own names; see `autograder.worker.notebook.watch`.
    """

    call: Call
    among: tuple[str, ...]


class Inspect(Struct, tag="inspect", frozen=True):
    """Describe the torch.nn.Module that the worker holds as `target`."""

    target: int


class SetParameters(Struct, tag="set-parameters", frozen=True):
    """Copy values into the parameters, by name, of the module that the worker holds as `target`."""

    target: int
    values: dict[str, Value]


class Substitute(Struct, tag="substitute", frozen=True):
    """Put substitutes in the place of these functions and, where they are `modules`, of these classes.

    A substitute holds no code: it asks the trusted side for each result, by a ReferenceCall.
    """

    names: tuple[str, ...]
    modules: tuple[str, ...] = ()


class ReferenceResult(Struct, tag="answer", frozen=True):
    """The reference's answer to a ReferenceCall: `value`, or the exception that it raised.

    `gradients` answers a ReferenceCall with `output_gradient`: by the names of the call's `values`, as far as
    they have one. A single number that is tracked brings those for an output gradient of 1 along.
    """

    value: Value = None
    gradients: dict[str, Value] = {}
    error: str = ""
    message: str = ""


Request = Union[RunCells, Call, WatchCall, Inspect, SetParameters, Substitute]

# --- worker to trusted side ---------------------------------------------------------------------


class ReportedFrame(Struct, frozen=True, array_like=True):
    """A traceback entry in one of the student's cells: cell index, line from 1, function, the line's text."""

    cell: int
    line: int
    function: str
    text: str


class ErrorReport(Struct, frozen=True):
    """An exception: its class name, the names of its bases, its text, and the student's own lines."""

    kind: str
    bases: tuple[str, ...] = ()
    message: str = ""
    frames: tuple[ReportedFrame, ...] = ()
    raised_by_student: bool = False


class CellRan(Struct, tag="cell-ran", frozen=True):
    """Cell `index` has been run; `outputs` are its nbformat outputs, if the request had `keep_outputs`.

    `lacking` are modules that it imports and this machine lacks. In the last cell's reply, `put_back` has what was put
    back in the namespace, with the index of the cell that had bound it to something else, or deleted it.
    """

    index: int
    error: ErrorReport | None = None
    outputs: tuple[dict[str, Any], ...] = ()
    lacking: tuple[str, ...] = ()
    put_back: dict[str, int] = {}


class Returned(Struct, tag="returned", frozen=True):
    """A call's result, its arguments after the call, and torch's default device after the call."""

    value: Value = None
    arguments: tuple[Value, ...] = ()
    default_device: str = "cpu"


class Watched(Struct, tag="watched", frozen=True):
    """The functions that a WatchCall was seen to go through. It may be forged, so it can speak against a call only."""

    seen: tuple[str, ...] = ()


class Raised(Struct, tag="raised", frozen=True):
    """A call raised an exception; `missing` says that the notebook defines nothing of that name."""

    error: ErrorReport
    missing: bool = False


class Described(Struct, tag="described", frozen=True):
    """A module's parameters with their gradients, its buffers, and each submodule's training mode."""

    is_module: bool
    parameters: dict[str, Value] = {}
    buffers: dict[str, Value] = {}
    training: dict[str, bool] = {}


class ReferenceCall(Struct, tag="ask", frozen=True):
    """A substitute was called: ask for the reference's result, or for its gradients.

    `values` are what the substitute was given: its positional arguments under "0", "1" and so on, others under
    their names. Of a module that was made before, `made_with` are the values that it was made with; `values` are
    then those that forward was given, with the module's parameters and buffers under "self." and their names. A
    class that is called without `made_with` answers with its parameters and buffers by name.

    Results that are `tracked` tell by requires_grad whether autograd would track them.
    """

    name: str
    values: dict[str, Value] = {}
    made_with: dict[str, Value] | None = None
    tracked: bool = False
    output_gradient: Value = None


Reply = Union[CellRan, Returned, Watched, Raised, Described, ReferenceCall]

# --- grader and template ------------------------------------------------------------------------


class Fork(Struct, tag="fork", frozen=True):
    """Make a worker that serves the attached socket, with `scratch` as its only writable folder.

    It keeps to the `core` of its grader, if that has one. In a `long_run` many more will be asked for.
    """

    scratch: str
    core: int | None = None
    long_run: bool = False


class Kill(Struct, tag="kill", frozen=True):
    """Kill the worker `pid`, if it still runs."""

    pid: int


TemplateRequest = Union[Fork, Kill]


class TemplateReady(Struct, tag="template-ready", frozen=True):
    """The template has imported everything and is ready to fork.

    Attributes:
        missing: what the sandbox lacks, so that it makes no worker.
        unshared: why the template has no namespaces of its own, or not all.
        layers: of the sandbox, which are in force here.
        refused_by: for each thing that a worker must be refused, the layers that refuse it here, each alone.
        threads_counted: whether the kernel counts a worker's threads; if not, the trusted side does.
    """

    missing: str = ""
    unshared: str = ""
    layers: tuple[str, ...] = ()
    refused_by: dict[str, tuple[str, ...]] = {}
    threads_counted: bool = True


class Forked(Struct, tag="forked", frozen=True):
    """The template has forked a worker, as process `pid`."""

    pid: int


class Exited(Struct, tag="exited", frozen=True):
    """Worker `pid` has ended with the wait status `status`."""

    pid: int
    status: int


TemplateReply = Union[TemplateReady, Forked, Exited]


class WorkerReady(Struct, tag="worker-ready", frozen=True):
    """A worker's first message: it is in its sandbox, or `missing` says what that lacks.

    `pid` is its process id as /proc has it, which is not that in the template's namespace; 0 where there is no /proc.
    """

    missing: str = ""
    pid: int = 0
