"""Write new files and add to others: all of them or none, and never over a file that is there."""

from __future__ import annotations

import ast
import os
from typing import TYPE_CHECKING

from autograder.errors import UsageError
from autograder.trusted.results.atomic_files import replaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


def write(
    new: Mapping[Path, str], changed: Mapping[Path, str] | None = None, folders: Sequence[Path] = ()
) -> list[str]:
    """Write the texts; returns a sentence for each file and folder that is named.

    Args:
        new: texts of files that are not there yet.
        changed: new texts of files that are there.
        folders: folders that are not there yet.

    Raises:
        UsageError: what is new is there already, or cannot be written; all is as before then.
    """
    changed = changed or {}
    for path in (*new, *folders):
        if os.path.lexists(path):
            raise UsageError(f"There is {path} already, and nothing is written over it.")
    before = {path.resolve(): path.read_bytes() for path in changed}
    made: list[Path] = []
    try:
        for path in _missing_folders(new, folders):
            path.mkdir()
            made.append(path)
        for path, text in new.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.write(text)
        for path, text in changed.items():
            _replace(path.resolve(), text.encode())
    except BaseException as error:  # an interruption, too, leaves all as it was; it goes on from here
        _undo(made, before)
        if isinstance(error, OSError):
            raise UsageError(f"{path} cannot be written: {error.strerror}.") from error
        raise
    return [f"{path}: made" for path in (*new, *folders)] + [f"{path}: added to" for path in changed]


def _missing_folders(new: Iterable[Path], folders: Iterable[Path]) -> list[Path]:
    """The folders to be made, outer ones first."""
    wanted = {parent for path in (*new, *folders) for parent in path.parents} | {*folders}
    return sorted(path for path in wanted if not path.exists())


def _undo(made: Sequence[Path], before: Mapping[Path, bytes]) -> None:
    for path in reversed(made):
        path.rmdir() if path.is_dir() else path.unlink()
    for path, content in before.items():
        if path.read_bytes() != content:
            _replace(path, content)


def text_of(path: Path) -> str:
    """The text of a file, "" where there is none. Raises UsageError if it is not UTF-8."""
    try:
        return path.read_text(encoding="utf-8") if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not in UTF-8: save it so first.") from error


def functions_in(path: Path, text: str) -> list[str]:
    """The names of the functions and classes of a Python file with this text. Raises UsageError if it is no Python."""
    return [node.name for node in _parsed(path, text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def with_imports(path: Path, text: str, module: str, names: set[str]) -> str:
    """A Python file's text with an import of those of these names that it does not bind by one yet."""
    imports = [node for node in _parsed(path, text).body if isinstance(node, ast.Import | ast.ImportFrom)]
    missing = sorted(names - {alias.asname or alias.name for node in imports for alias in node.names})
    if not missing:
        return text
    statement = f"from {module} import {', '.join(missing)}\n"
    lines = text.splitlines(keepends=True)
    body = _parsed(path, text).body
    if imports:
        lines.insert(imports[-1].end_lineno or 0, statement)
    elif body and isinstance(body[0], ast.Expr):  # the docstring
        lines.insert(body[0].end_lineno or 0, f"\n{statement}")
    else:
        lines.insert(0, statement)
    return "".join(lines)


def _parsed(path: Path, text: str) -> ast.Module:
    try:
        return ast.parse(text, filename=str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None) or 1
        raise UsageError(f"{path}, line {line} is no Python ({error.args[0]}): mend it first.") from error


def _replace(path: Path, content: bytes) -> None:
    with replaced(path, path.stat().st_mode & 0o7777) as temporary:
        temporary.write_bytes(content)
