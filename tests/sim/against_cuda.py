"""The simulated accelerator beside a real GPU: what each computes, refuses and finds.

    PYTHONPATH=. python tests/sim/against_cuda.py                        all of it, on CUDA
    PYTHONPATH=. python tests/sim/against_cuda.py --only affine          of one exercise's misconceptions
    PYTHONPATH=. python tests/sim/against_cuda.py --device sim           the simulated one beside itself

Three comparisons: every operation with its gradient, by value; every mixture of devices, by whether it is
refused and in which words; and every named misconception, by whether a check of devices catches it. Each
difference is a line; the last line counts them, and the exit code is 1 where there is one.
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from autograder import sim
from autograder.author.samples import edited
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.cores import available_cores
from autograder.trusted.grading.class_run import ClassRun
from autograder.trusted.grading.devices import has_gpu
from autograder.trusted.grading.settings import Settings
from autograder.trusted.results import outcomes
from autograder.trusted.submissions.submission import Submission
from tests.sim.mixtures import ALLOWED, MIXED
from tests.sim.operations import OPERATIONS, inputs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograder.trusted.results.records import NotebookRecord

TOLERANCE = 1e-9  # the inputs are float64


def computed(name: str, device: str) -> list[torch.Tensor | None] | str:
    """What an operation gives on a device, and its gradients, brought to the CPU; how it is refused, if it is."""
    operation = OPERATIONS[name]
    chosen = [inputs()[parameter].to(device) for parameter in inspect.signature(operation).parameters]
    chosen = [tensor.requires_grad_(tensor.is_floating_point()) for tensor in chosen]
    try:
        answer = operation(*chosen)
        if answer.requires_grad:
            answer.sum().backward()
    except RuntimeError as error:
        return str(error).strip().splitlines()[0]
    if answer.device.type != device:
        return f"it lies on {answer.device}"
    return [answer.detach().cpu(), *(None if tensor.grad is None else tensor.grad.cpu() for tensor in chosen)]


def differing_operations(device: str, found: Answers, expected: Answers) -> Iterator[str]:
    """A line for each operation whose values differ, or that only one of the two devices has."""
    for name in OPERATIONS:
        there, here = found.computed[name], expected.computed[name]
        if isinstance(there, str) or isinstance(here, str):
            if there != here:
                yield f"operation {name}: {device} says {_said(there)}, sim {_said(here)}"
            continue
        try:
            torch.testing.assert_close(there, here, rtol=TOLERANCE, atol=TOLERANCE)
        except AssertionError as error:
            yield f"operation {name}: {str(error).strip().splitlines()[0]}"


def _said(answer: list[torch.Tensor | None] | str) -> str:
    return repr(answer) if isinstance(answer, str) else "nothing"


def refusal(mixture: str, device: str) -> str:
    """The words with which a mixture is refused, with the device's name as DEVICE; "" where it is allowed.

    The name of the function inside torch that found it is left out.
    """
    try:
        {**MIXED, **ALLOWED}[mixture](device)
    except RuntimeError as error:
        said = re.sub(rf"\b{device}(:0)?\b", "DEVICE", str(error).splitlines()[0])
        return re.sub(r" \(when checking argument in method \w+\)", "", said)
    return ""


@dataclass(frozen=True)
class Answers:
    """What one device computes, by operation, and with which words it refuses, by mixture."""

    computed: dict[str, list[torch.Tensor | None] | str]
    refused: dict[str, str]

    @classmethod
    def of(cls, device: str) -> Answers:
        """Ask the device for all of it."""
        return cls(
            {name: computed(name, device) for name in OPERATIONS},
            {name: refusal(name, device) for name in (*MIXED, *ALLOWED)},
        )


def differing_mixtures(device: str, found: Answers, expected: Answers) -> Iterator[str]:
    """A line for each mixture that one device refuses and the other allows, or refuses in other words."""
    for name in found.refused:
        there, here = found.refused[name], expected.refused[name]
        if bool(there) != bool(here):
            yield f"mixture {name}: {device} says {there or 'nothing'!r}, sim {here or 'nothing'!r}"
        elif there != here:
            yield f"words of {name}: {device} says {there!r}, sim {here!r}"


def differing_misconceptions(device: str, isolation: str, only: str) -> Iterator[str]:
    """A line for each misconception that one device catches and the other does not."""
    course = Course(KIT)
    caught = [0, 0]
    with tempfile.TemporaryDirectory(prefix="autograder-devices-") as folder:
        submissions, wanted = [], {}
        for notebook in course.notebooks:
            for variant in course.misconceptions(notebook):
                if only not in (variant.exercise, ""):
                    continue
                student = f"{notebook}.{variant.name}"
                path = Path(folder, f"{student}.ipynb")
                content = edited(course.source / f"{notebook}.ipynb", {variant.exercise: variant.source})
                path.write_text(content, encoding="utf-8")
                submissions.append(Submission(student, notebook, path))
                wanted[student] = variant.exercise
        done: list[NotebookRecord] = []
        run = ClassRun(course, Settings(gpu=device), available_cores(), isolation, gpu_required=True)
        run.grade(submissions, done.append)
    for record in sorted(done, key=lambda record: record.student):
        (check,) = [check for check in record.exercises[wanted[record.student]].checks if check.devices]
        by_sim = check.outcome != outcomes.PASSED
        by_gpu = check.devices.get(device, check.outcome) != outcomes.PASSED
        caught = [caught[0] + by_sim, caught[1] + by_gpu]
        if by_sim != by_gpu:
            yield f"misconception {record.student}: sim {check.outcome}, {device} {check.devices[device]}"
    yield from (f"fault: {fault}" for fault in run.faults)
    print(f"misconceptions: {len(done)}; checks of devices catch {caught[0]} on sim, {caught[1]} on {device}")


def main() -> None:
    """Compare, print what differs, and say how much it is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    parser.add_argument("--isolation", default="sandbox", choices=["sandbox", "process"])
    parser.add_argument("--only", default="", metavar="EXERCISE", help="misconceptions of this exercise only")
    options = parser.parse_args()
    if options.device == "cuda" and not has_gpu():
        sys.exit("PyTorch finds no CUDA device here: run this where there is one, or compare with --device sim.")
    # Graders are forked for the misconceptions, so those come before this process uses a device itself.
    differing = list(differing_misconceptions(options.device, options.isolation, options.only))
    if options.device == sim.NAME:
        sim.enable()
    found = Answers.of(options.device)  # a process that knows the simulated device cannot differentiate on CUDA
    sim.enable()
    expected = Answers.of(sim.NAME)
    differing += differing_operations(options.device, found, expected)
    differing += differing_mixtures(options.device, found, expected)
    print(f"operations: {len(OPERATIONS)}; mixtures: {len(MIXED) + len(ALLOWED)}")
    for line in differing:
        print(line)
    print(f"{len(differing)} differences between {options.device} and sim")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
