"""`autograder doctor`: prove, by trying to escape, that the sandbox protects this machine from student code."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograder.faces.commands.json_lines import print_json
from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.escape_test import attempt_escapes

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from autograder.trusted.grading.escape_test import Finding


def run_doctor(*, as_json: bool) -> bool:
    """Run the escape test and show its findings; returns True if the sandbox holds.

    Raises SandboxUnavailable if a layer cannot be set up.
    """
    with_torch = find_spec("torch") is not None
    with opened_workers([KIT], preload=["torch"] if with_torch else []) as workers:
        findings = attempt_escapes(workers, with_torch=with_torch)
        layers, unshared, refused_by = workers.layers, workers.unshared, workers.refused_by
    good = all(finding.good for finding in findings)
    missing = missing_layers(layers)
    if as_json:
        said = {"good": good, "findings": findings, "namespaces": not unshared, "layers": layers}
        print_json({**said, "missing": missing, "refused_by": refused_by})
    else:
        _show(findings, layers, missing, unshared, good=good)
    return good


def missing_layers(layers: Collection[str]) -> dict[str, str]:
    """The layers that a newer kernel or a freer machine would have, and how this one does without each."""
    return {layer: instead for layer, instead in _WITHOUT.items() if layer not in layers}


_WITHOUT = {
    "Landlock 1": "Linux 5.13 and newer have it; a root of its own, in which nothing else is, stands in for it",
    "Landlock 3": "Linux 6.2 and newer; seccomp lets no file be cut but one that is open for writing",
    "Landlock 4": "Linux 6.7 and newer; seccomp lets no socket be made",
    "Landlock 6": "Linux 6.12 and newer; seccomp lets no signal be sent but to oneself",
    "PID namespace": "seccomp lets no other process be named",
    "network namespace": "seccomp lets no socket be made",
    "IPC namespace": "seccomp lets no shared memory be named",
    "mount namespace": "no file can be deleted, so that all that is written stays counted",
    "threads counted by the kernel": "the grader counts them every 50 ms",
}


def _show(
    findings: list[Finding], layers: Sequence[str], missing: Mapping[str, str], unshared: str, *, good: bool
) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.trusted.grading.escape_test import REFUSED

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 0))
    table.add_column("a worker that ...", no_wrap=True)
    table.add_column("may", no_wrap=True)
    table.add_column("refused by each of", max_width=max(20, console.width - 50))
    for finding in findings:
        word = (
            ("no" if finding.good else "BREACH")
            if finding.attempt in REFUSED
            else ("yes" if finding.good else "CANNOT")
        )
        how = ", ".join(finding.refused_by) if finding.good else finding.detail
        table.add_row(finding.attempt, Text(word, style="green" if finding.good else "bold red"), Text(how))
    console.print(table)
    console.print(f"In force here: {', '.join(_newest_landlock(layers))}.")
    for layer, instead in missing.items():
        console.print(f"Not here: {layer} ({instead}).")
    if unshared:
        console.print(f"Namespaces were refused: {unshared}.")
    if good:
        console.print("The sandbox holds.")
    else:
        console.print("The sandbox does NOT hold: grade nothing here that you do not trust.", style="bold red")


def _newest_landlock(layers: Sequence[str]) -> list[str]:
    """The layers, with the newest version of Landlock for all of its versions."""
    versions = [layer for layer in layers if layer.startswith("Landlock ")]
    return [*versions[-1:], *(layer for layer in layers if layer not in versions)]
