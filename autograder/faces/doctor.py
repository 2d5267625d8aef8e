"""`autograder doctor`: what protects this machine from student code, proved by trying."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from autograder.trusted.canary import try_the_wall
from autograder.trusted.course import KIT
from autograder.trusted.template_process import TemplateProcess
from autograder.trusted.workers import Workers

if TYPE_CHECKING:
    from autograder.trusted.canary import Finding


def run_doctor(*, as_json: bool) -> bool:
    """Send the canary, show what came of it; True if the wall stands.

    Raises IsolationUnavailable where a layer cannot even be set up.
    """
    template = TemplateProcess(1, [KIT])
    try:
        workers = Workers(template.control(0), template.home)
        findings = try_the_wall(workers)
    finally:
        template.stop()
    good = all(finding.good for finding in findings)
    if as_json:
        sys.stdout.write(
            msgspec.json.encode({"good": good, "findings": findings, "namespaces": not workers.unshared}).decode()
            + "\n"
        )
    else:
        _show(findings, workers.unshared, good=good)
    return good


def _show(findings: list[Finding], unshared: str, *, good: bool) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from autograder.trusted.canary import REFUSED

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
        console.print("The wall stands.")
        console.print(
            f"Behind it are no namespaces of its own ({unshared}); nothing depends on them."
            if unshared
            else "Behind it are a process, a network and an IPC namespace of its own."
        )
    else:
        console.print(
            "The wall does NOT stand: grade on Linux 6.12 or newer with Landlock and libseccomp2.", style="bold red"
        )
