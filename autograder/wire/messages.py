"""The messages between the trusted side and a worker, and between a grader and the template.

A worker does only what a request asks, one request at a time; the frame of a reply repeats the number of its
request's, so that an answer given early, twice or to another question is noticed.
"""

from __future__ import annotations

from typing import Any, Union

from msgspec import Struct

from autograder.wire.values import Value

# --- trusted side to worker ---------------------------------------------------------------------


class RunCells(Struct, tag="run-cells", frozen=True):
    """Run code cells in order in the notebook's namespace; answered by one CellRan for each.

    `skipped` are indices of cells that are not run (they were fatal to an earlier worker).
    `keep_outputs` asks for everything that the cell showed, as nbformat outputs.
    """

    cells: tuple[str, ...]
    skipped: tuple[int, ...] = ()
    keep_outputs: bool = False


class Call(Struct, tag="call", frozen=True):
    """Call the function `name`, or with `target` the method `name` of an object that is held.

    An empty `name` with a `target` calls the object itself. With `backward`, the sum of the result
    is differentiated, and the arguments come back with their gradients. An accelerator that `device`
    names is made ready first.
    """

    name: str
    arguments: tuple[Value, ...] = ()
    keywords: dict[str, Value] = {}
    target: int | None = None
    backward: bool = False
    device: str = "cpu"


class Inspect(Struct, tag="inspect", frozen=True):
    """Describe the torch.nn.Module that is held as `target`."""

    target: int


class SetParameters(Struct, tag="set-parameters", frozen=True):
    """Copy values into the parameters of the module that is held as `target`, by name."""

    target: int
    values: dict[str, Value]


class Substitute(Struct, tag="substitute", frozen=True):
    """Put the reference's version in the place of just these functions and classes; others are the student's again.

    A substitute holds no code: it asks the trusted side for each of its results.
    """

    names: tuple[str, ...]


class ReferenceResult(Struct, tag="answer", frozen=True):
    """The reference's answer to an ReferenceCall: `value`, or the exception that it raised.

    `gradients` answers an ReferenceCall with `output_gradient`: one value for each argument, or None.
    """

    value: Value = None
    gradients: tuple[Value, ...] = ()
    error: str = ""
    message: str = ""


Request = Union[RunCells, Call, Inspect, SetParameters, Substitute]

# --- worker to trusted side ---------------------------------------------------------------------


class ReportedFrame(Struct, frozen=True, array_like=True):
    """A line of a cell of the student's in a traceback: cell index, line from 1, function, text."""

    cell: int
    line: int
    function: str
    text: str


class ErrorReport(Struct, frozen=True):
    """An exception: class name, names of its bases, text, and the student's own lines."""

    kind: str
    bases: tuple[str, ...] = ()
    message: str = ""
    frames: tuple[ReportedFrame, ...] = ()
    raised_by_student: bool = False


class CellRan(Struct, tag="cell-ran", frozen=True):
    """Cell `index` has been run; `outputs` are nbformat outputs where they were asked for."""

    index: int
    error: ErrorReport | None = None
    outputs: tuple[dict[str, Any], ...] = ()


class Returned(Struct, tag="returned", frozen=True):
    """A call's result, its arguments as they were after it, and the device on which torch then makes tensors."""

    value: Value = None
    arguments: tuple[Value, ...] = ()
    default_device: str = "cpu"


class Raised(Struct, tag="raised", frozen=True):
    """A call raised; `missing` says that there was nothing of that name to call."""

    error: ErrorReport
    missing: bool = False


class Described(Struct, tag="described", frozen=True):
    """What a module holds: parameters with gradients, buffers, and each submodule's training mode."""

    is_module: bool
    parameters: dict[str, Value] = {}
    buffers: dict[str, Value] = {}
    training: dict[str, bool] = {}


class ReferenceCall(Struct, tag="ask", frozen=True):
    """A substitute was called: ask for the reference's result, or for its gradients."""

    name: str
    arguments: tuple[Value, ...] = ()
    output_gradient: Value = None


Reply = Union[CellRan, Returned, Raised, Described, ReferenceCall]

# --- grader and template ------------------------------------------------------------------------


class Fork(Struct, tag="fork", frozen=True):
    """Make a worker that serves the attached socket, with `scratch` as its only writable folder.

    Only a worker `with_gpu` may use the machine's GPU, in a sandbox that leaves its driver reachable.
    """

    scratch: str
    with_gpu: bool = False


class Kill(Struct, tag="kill", frozen=True):
    """Kill the worker `pid`, if it still runs."""

    pid: int


TemplateRequest = Union[Fork, Kill]


class TemplateReady(Struct, tag="template-ready", frozen=True):
    """The template has imported everything and will fork.

    `missing` says what the sandbox lacks; `unshared` why there are no namespaces around it.
    """

    missing: str = ""
    unshared: str = ""


class Forked(Struct, tag="forked", frozen=True):
    """The worker that was asked for is process `pid`."""

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
