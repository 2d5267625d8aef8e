"""`autograder doctor`: prove, by trying to escape, that the sandbox protects this machine from student code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.faces.commands.json_lines import print_json
from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.escape_test import attempt_escapes

if TYPE_CHECKING:
    from autograder.trusted.grading.escape_test import Finding


def run_doctor(*, as_json: bool) -> bool:
    """Run the escape test and show its findings; returns True if the sandbox holds.

    Raises SandboxUnavailable if a layer cannot be set up.
    """
    with opened_workers([KIT]) as workers:
        findings, unshared = attempt_escapes(workers), workers.unshared
    good = all(finding.good for finding in findings)
    if as_json:
        print_json({"good": good, "findings": findings, "namespaces": not unshared})
    else:
        _show(findings, unshared, good=good)
    return good


def _show(findings: list[Finding], unshared: str, *, good: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.trusted.grading.escape_test import REFUSED

    console = Console()
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", padding=(0, 0))
    table.add_column("a worker that ...", no_wrap=True)
    table.add_column("may", no_wrap=True)
    table.add_column("how", no_wrap=True, overflow="ellipsis", max_width=max(20, console.width - 50))
    for finding in findings:
        word = (
            ("no" if finding.good else "BREACH")
            if finding.attempt in REFUSED
            else ("yes" if finding.good else "CANNOT")
        )
        table.add_row(finding.attempt, Text(word, style="green" if finding.good else "bold red"), Text(finding.detail))
    console.print(table)
    if good:
        console.print("The sandbox holds.")
        console.print(
            f"Behind it are no namespaces of its own ({unshared}): there no file can be deleted, so that all that is "
            "written stays counted, and an ordinary user's threads are counted every 50 ms, not by the kernel."
            if unshared
            else "Behind it are a process, a network, an IPC and a mount namespace of its own."
        )
    else:
        console.print(
            "The sandbox does NOT hold: grade on Linux 6.12 or newer with Landlock and libseccomp2.", style="bold red"
        )
