"""The sandbox: what a worker may not do, and what it must be able to do."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import pytest

from autograder.errors import KitError, SandboxUnavailable
from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.advice import refusal
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.template_process import TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.trusted.grading import escape_test
from autograder.trusted.grading.escape_test import (
    NEEDED,
    NEEDED_OF_TORCH,
    REFUSED,
    Finding,
    attempt_escapes,
    require_no_escape,
)
from autograder.trusted.hidden_layers import HIDDEN_LAYERS
from autograder.trusted.submissions.cells import NotebookCell
from autograder.worker.sandbox.layers import Limits, Place, Sandbox
from autograder.worker.sandbox.places import readable_places
from tests.conftest import SECRET


@pytest.fixture(scope="module")
def findings(workers) -> dict[str, Finding]:
    return {finding.attempt: finding for finding in attempt_escapes(workers, with_torch=True)}


@pytest.mark.parametrize("attempt", REFUSED)
def test_a_worker_is_refused_what_would_escape(findings, attempt):
    assert findings[attempt].good, findings[attempt].detail


@pytest.mark.parametrize("attempt", [*NEEDED, *NEEDED_OF_TORCH])
def test_a_worker_can_do_what_honest_code_needs(findings, attempt):
    assert findings[attempt].good, findings[attempt].detail


def test_a_breach_stops_the_run_before_it_begins(workers, monkeypatch):
    monkeypatch.setitem(escape_test.REFUSED, "adds one and one", "return 1 + 1")
    with pytest.raises(KitError, match="a worker that adds one and one: done"):
        require_no_escape(workers, with_torch=True)


def ask_worker(workers, source: str):
    notebook = ExecutedNotebook(workers, [NotebookCell("f", source)], 5.0)
    try:
        return Student(RecordedCalls(notebook)).f()
    finally:
        notebook.close()


def test_a_worker_inherits_no_descriptor_but_the_wire(workers):
    source = """
import os
def f():
    open_ones = []
    for descriptor in range(64):
        try: os.fstat(descriptor)
        except OSError: continue
        open_ones.append(descriptor)
    return open_ones
"""
    descriptors = ask_worker(workers, source)
    assert descriptors[:3] == [0, 1, 2]
    assert len(descriptors) == 4


def test_a_worker_sees_a_clean_environment(workers):
    names = ask_worker(workers, "import os\ndef f():\n    return list(os.environ)")
    assert SECRET not in names
    assert "HOME" in names


def test_a_worker_is_not_root(workers):
    assert ask_worker(workers, "import os\ndef f():\n    return [os.getuid(), os.geteuid(), os.getgid()]") != [0, 0, 0]


def test_a_worker_holds_nothing_of_the_checks_or_the_solutions(workers):
    modules = ask_worker(
        workers, "import sys\ndef f():\n    return sorted(name for name in sys.modules if 'autograder' in name)"
    )
    assert modules
    assert not [
        name for name in modules if name.startswith(("autograder.trusted", "autograder.checking", "autograder.faces"))
    ]


def test_a_workers_scratch_folder_is_gone_after_it(workers):
    here = Path(ask_worker(workers, "import os\nopen('x', 'w').write('y')\ndef f():\n    return os.getcwd()"))
    assert here.name
    assert not here.exists()


def test_two_workers_cannot_reach_each_other(workers):
    one = ExecutedNotebook(
        workers, [NotebookCell("f", "import os\ndef f():\n    return [os.getcwd(), os.getpid()]")], 5.0
    )
    folder, pid = Student(RecordedCalls(one)).f()
    source = (
        "import os\ndef f():\n    refused = 0\n"
        f"    reach = lambda: os.listdir({folder!r}), lambda: os.kill({pid}, 0), lambda: open('/proc/{pid}/mem')\n"
        "    for attempt in reach:\n"
        "        try: attempt()\n        except (PermissionError, FileNotFoundError): refused += 1\n    return refused"
    )
    assert ask_worker(workers, source) == 3
    one.close()


def test_a_secret_folder_inside_a_python_installation_is_not_readable(tmp_path, monkeypatch):
    packages = tmp_path / "site-packages"
    (packages / "kit" / "checks").mkdir(parents=True)
    (packages / "torch").mkdir()
    monkeypatch.setattr(sys, "path", [str(packages)])
    places = readable_places([packages / "kit"])
    assert packages / "torch" in places
    assert not any((packages / "kit").is_relative_to(place) for place in places)
    assert not any(packages.is_relative_to(place) for place in readable_places([packages]))


def test_without_landlock_and_without_a_mount_namespace_the_kit_refuses_in_one_sentence(monkeypatch):
    monkeypatch.setenv(HIDDEN_LAYERS, "Landlock 1,mount")
    template = TemplateProcess(1, [KIT], preload=["torch"])
    try:
        with pytest.raises(SandboxUnavailable) as caught:
            Workers(template.control(0), template.home)
    finally:
        template.stop()
    assert "Landlock" in str(caught.value)
    assert "--isolation process" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("system", "name"), [("darwin", "Darwin"), ("win32", "Windows")])
def test_a_system_without_landlock_is_refused_before_anything_starts(monkeypatch, system, name):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr("platform.system", lambda: name)
    with pytest.raises(SandboxUnavailable, match=f"{name} has no Landlock.*--isolation process"):
        TemplateProcess(1, [KIT], preload=["torch"])


def test_a_limit_that_a_kernel_does_not_know_is_a_missing_layer(monkeypatch):
    def gvisors(what, limits):
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", gvisors)
    with pytest.raises(OSError, match="a limit cannot be set"):
        Sandbox(Limits(), [], users=False, whole=False)._limit_resources(Place(0, "", 0))


def test_the_refusal_names_what_is_missing_and_what_to_do():
    assert refusal("no seccomp").startswith("This machine cannot put student code into a sandbox (no seccomp).")
