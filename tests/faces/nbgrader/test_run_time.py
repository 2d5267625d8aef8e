"""`nbgrader autograde` says in its log how long it will take: early, of its whole run, and in each run anew."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import nbformat
import pytest
from traitlets.config import Configurable

from autograder.faces.nbgrader import preprocessors
from autograder.faces.nbgrader.preprocessors import SandboxedExecute

NAMES = ("chain_rule", "perceptron")
STUDENTS = [f"s{number:02}" for number in range(20)]
RUN = [(student, name) for student in STUDENTS for name in NAMES]


@pytest.fixture
def autograde(monkeypatch, caplog):
    """Let nbgrader come to each notebook of a run, one in half a second; what the log says, by how many are done."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(preprocessors.time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(preprocessors, "graded_by_server", lambda *_: SimpleNamespace(record=object(), shown={}))
    monkeypatch.setattr(preprocessors, "Locations", lambda where, _: where)

    def run(has_checks=True):
        converter = Configurable()
        execute = SandboxedExecute(parent=Configurable(parent=converter), log=logging.getLogger("nbgrader"))
        monkeypatch.setattr(execute, "_run", lambda *_: None)
        said = {}
        for done, (student, name) in enumerate(RUN, start=1):
            clock.now += 0.5
            caplog.clear()
            where = SimpleNamespace(
                has_checks=has_checks, root=".", assignment="lab", student=student, notebook=name, run=lambda: RUN
            )
            with caplog.at_level(logging.INFO, "nbgrader"):
                execute.preprocess(nbformat.v4.new_notebook(), where)
            if caplog.messages:
                said[done] = caplog.messages
        return said

    return run


@pytest.mark.parametrize("has_checks", [True, False])
def test_the_log_says_early_how_long_the_class_will_take(autograde, has_checks):
    assert autograde(has_checks) == {10: ["About 15 s for 30 notebooks more."]}


def test_the_next_run_of_the_same_process_is_told_as_well(autograde):
    assert autograde() == autograde()
