"""What a tutor sees on a terminal: a bar while it lasts, then a table; nothing of either's control codes in a file."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from autograder.faces.commands import terminal
from autograder.trusted.assignment.course import KIT
from autograder.trusted.results import outcomes
from autograder.trusted.results.store import Results
from tests.faces.classes import check, exercise, notebook

CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COLOURS = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|9[0-7]|38|48)[;m]")
GRADED = [
    notebook("ada", {"update": exercise(check())}),
    notebook("\x1b[2J[red]eve", {"update": exercise(check(outcome=outcomes.FAILED))}),
    notebook("torn", status=outcomes.UNREADABLE, possible=1.0, reason="it is no notebook"),
]

SHOW = """
from pathlib import Path
import msgspec, sys, time
from autograder.faces.commands.terminal import progress, show_class
from autograder.trusted.results.store import read_results
graded = read_results(Path(sys.argv[1]))
with progress(len(graded)) as advance:
    for record in graded:
        advance(record)
show_class(graded, Path("r.jsonl"), Path("report.html"), unchanged=0, seconds=1.0)
"""


@pytest.fixture
def results(tmp_path) -> Path:
    with Results(tmp_path).opened() as results:
        for record in GRADED:
            results.add(record)
    return results.path


def on_a_terminal(results: Path, **environment: str) -> str:
    """What the program writes to a terminal of 120 columns."""
    ours, theirs = pty.openpty()
    variables = os.environ | {"TERM": "xterm-256color", "COLUMNS": "120", **environment}
    process = subprocess.Popen([sys.executable, "-c", SHOW, results], stdout=theirs, stderr=theirs, env=variables)
    os.close(theirs)
    said = b""
    try:
        while more := os.read(ours, 2**16):
            said += more
    except OSError:  # Linux says so when the other end is closed
        pass
    os.close(ours)
    assert process.wait() == 0, said.decode()
    return said.decode()


def test_a_terminal_gets_a_bar_with_rate_and_time_left_then_a_table_in_colour(results):
    said = on_a_terminal(results)
    plain = CODES.sub("", said)
    assert "notebooks/s" in plain
    assert "time left" in plain
    assert "3/3" in plain
    assert COLOURS.search(said)
    assert "ada" in plain and "1/1" in plain and "unreadable" in plain


def test_no_color_leaves_no_colour(results):
    assert not COLOURS.search(on_a_terminal(results, NO_COLOR="1"))


def test_a_students_name_neither_clears_the_terminal_nor_colours_it(results):
    said = on_a_terminal(results)
    assert "\x1b[2J" not in said
    assert "[2J[red]eve" in said


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}])
def test_a_pipe_gets_no_bar_and_a_file_no_control_codes_unless_they_are_asked_for(results, environment):
    done = subprocess.run(
        [sys.executable, "-c", SHOW, results], capture_output=True, text=True, check=True, env=os.environ | environment
    )
    assert done.stderr == ""
    assert "Report: report.html" in done.stdout
    assert environment or "\x1b" not in done.stdout


def test_no_thread_runs_while_the_bar_is_shown(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm-256color")
    before = threading.enumerate()
    with terminal.progress(2) as advance:
        advance(GRADED[0])
        assert threading.enumerate() == before
    assert "time left" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("autograder ", {"build", "demo", "doctor", "grade", "misconceptions", "report"}),
        ("autograder gr", {"grade"}),
        ("autograder grade --isolation ", {"process", "sandbox", "sealed"}),
    ],
)
def test_the_shells_completion_offers_commands_and_choices(words, offered):
    program = Path(sys.executable).with_name("autograder")
    asked = {"_AUTOGRADER_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    done = subprocess.run([program], env=os.environ | asked, capture_output=True, text=True, check=True)
    assert offered <= {line.partition(",")[2] for line in done.stdout.splitlines()}


def test_help_tells_how_to_switch_completion_on_and_imports_nothing_heavy():
    code = """
import sys
from autograder.faces.commands.main import main
try:
    main(["--help"])
except SystemExit:
    print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=KIT)
    assert 'eval "$(_AUTOGRADER_COMPLETE=bash_source autograder)"' in done.stdout
    heavy = {"torch", "numpy", "pytest", "nbformat", "rich", "jinja2", "msgspec", "multiprocessing", "IPython"}
    assert heavy.isdisjoint(done.stdout.split())
