"""The rooms: who imports whom is a contract, each contract can be broken, and no room is a hall."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder.trusted.assignment.course import KIT

ENGINE = KIT / "autograder"
CHECKS = ENGINE / "checks"
CONTRACTS = [
    each["name"] for each in tomllib.loads((KIT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
]
LARGEST_ROOM = 12  # files of Python

# For each contract, in their order, an import that breaks it: a file, and a line for it.
BREACHES = (
    ("worker/notebook/service.py", "from autograder.trusted import safe_text"),
    ("trusted/submissions/notebook.py", "from autograder.reading import repair"),
    ("reading/service.py", "from autograder.wire import values"),
    ("wire/values.py", "from autograder.trusted.results import outcomes"),
    ("trusted/grading/grader.py", "from autograder.faces.html import names"),
    ("trusted/submissions/read.py", "from autograder.trusted.execution import workers"),
    ("trusted/submissions/finding/who.py", "from autograder.trusted.submissions.finding import layout"),
    ("trusted/results/records.py", "from autograder.trusted.submissions import cells"),
    ("trusted/similarity/groups.py", "from autograder.trusted.execution import workers"),
    ("faces/exports/junit.py", "from autograder.faces.commands import terminal"),
    ("trusted/safe_text.py", "from autograder.trusted.results import store"),
)


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_every_contract_is_kept():
    done = lint_imports(KIT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("contract", "breach"), list(zip(CONTRACTS, BREACHES, strict=True)), ids=CONTRACTS)
def test_a_contract_fails_where_it_is_broken(tmp_path, contract, breach):
    shutil.copytree(ENGINE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(KIT / "pyproject.toml", tmp_path)
    file = tmp_path / "autograder" / breach[0]
    file.write_text(f"{file.read_text(encoding='utf-8')}\n{breach[1]}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    broken = [line for line in done.stdout.splitlines() if line.rstrip().endswith("BROKEN")]
    assert any(line.startswith(contract[:60]) for line in broken), done.stdout


@pytest.mark.parametrize("room", ["trusted", "reading", "worker", "wire"])
def test_no_room_of_the_engine_names_a_face_or_a_course_by_string(room):
    strangers = ("autograder.faces", "autograder.cluster", "autograder.author", "autograder.checks", "week06")
    named = [
        f"{path.relative_to(KIT)}: {node.value!r}"
        for path in (ENGINE / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if any(stranger in node.value for stranger in strangers)
    ]
    assert named == []


def test_what_an_author_of_checks_writes_imports_of_the_kit_nothing_but_checking():
    imported = {
        (path.relative_to(CHECKS).as_posix(), module)
        for path in CHECKS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for module in _modules(node)
        if module.partition(".")[0] == "autograder"
    }
    assert {module for _, module in imported} == {"autograder.checking"}


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_no_room_is_a_hall():
    folders = {path.parent for path in ENGINE.rglob("*.py")}
    crowded = {
        str(folder.relative_to(KIT)): count
        for folder in folders
        if (count := len([path for path in folder.glob("*.py") if path.name != "__init__.py"])) > LARGEST_ROOM
    }
    assert crowded == {}
