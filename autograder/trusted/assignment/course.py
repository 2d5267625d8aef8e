"""A course folder in nbgrader's layout, and the files that belong to one of its assignments."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

from autograder.errors import UsageError
from autograder.trusted.assignment.plan import NotebookPlan, read_plan
from autograder.trusted.assignment.variants import Variant, read_variants

KIT = Path(__file__).resolve().parents[3]
CONFIG = "nbgrader_config.py"


class Course:
    """A course folder with source/, release/, solutions/ and submitted/, and the hidden checks of one assignment.

    Args:
        root: the folder with nbgrader_config.py.
        assignment: the assignment's name.

    Attributes:
        checks: the folder of the hidden checks: the course's, or the kit's if the course has none.
        secrets: the folders that no worker may read.

    Raises:
        UsageError: the folder or the assignment is not there.
    """

    def __init__(self, root: Path, assignment: str = "week06") -> None:
        self.root = root
        self.assignment = assignment
        self.source = root / "source" / assignment
        self.release = root / "release" / assignment
        self.solutions = root / "solutions" / assignment
        self.submitted = root / "submitted"
        self.graded = root / "graded" / assignment
        own, kits = (place / "autograder" / "checks" / assignment for place in (root, KIT))
        self.checks = own if own.is_dir() else kits
        self.secrets = (root, KIT / "autograder")
        if not self.source.is_dir():
            raise UsageError(f"There is no {self.source}: name an assignment of this course with --assignment.")

    @functools.cached_property
    def notebooks(self) -> dict[str, NotebookPlan]:
        """The assignment's notebooks by name, in alphabetical order."""
        paths = sorted(self.source.glob("*.ipynb"))
        if not paths:
            raise UsageError(f"{self.source} holds no notebooks: run `autograder build` to make them.")
        return {path.stem: read_plan(path) for path in paths}

    def has_checks(self, notebook: str) -> bool:
        """Whether there are hidden checks for a notebook of this name."""
        return (self.checks / f"test_{notebook}.py").is_file()

    def reference(self, notebook: str) -> ModuleType:
        """The reference solution of a notebook, as a module; a course without solutions/ uses the source notebook."""
        script = self.solutions / f"{notebook}.py"
        return _load_reference(script if self.solutions.is_dir() else self.source / f"{notebook}.ipynb")

    def released(self, notebook: str) -> NotebookPlan:
        """The plan of a notebook as it was released. Raises UsageError if there is no release."""
        path = self.release / f"{notebook}.ipynb"
        if not path.is_file():
            raise UsageError(f"There is no {path}: run `autograder build` to make the release.")
        return read_plan(path)

    def misconceptions(self, notebook: str) -> tuple[Variant, ...]:
        """The named misconceptions of a notebook."""
        return self._variants("misconceptions", notebook)

    def right_answers(self, notebook: str) -> tuple[Variant, ...]:
        """Right answers to a notebook's exercises, in other styles than the reference's."""
        return self._variants("right_answers", notebook)

    def content(self, name: str) -> ModuleType | None:
        """The module `name` beside the checks, such as "figures", loaded by its path; None if there is no such file."""
        path = self.checks / f"{name}.py"
        return _load_content(path) if path.is_file() else None

    def _variants(self, folder: str, notebook: str) -> tuple[Variant, ...]:
        path = self.checks / folder / f"{notebook}.py"
        return read_variants(path) if path.is_file() else ()


def find_course(start: Path, assignment: str = "week06") -> Course:
    """The course that contains `start`; if none does, the course in the kit's own folder."""
    return Course(course_root(start), assignment)


def course_root(start: Path) -> Path:
    """The nearest folder at or above `start` with nbgrader_config.py; if there is none, the kit's own."""
    here = start.resolve()
    return next((folder for folder in (here, *here.parents) if (folder / CONFIG).is_file()), KIT)


@functools.cache
def _load_reference(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"There is no reference solution {path}: run `autograder build` to make it.")
    module = ModuleType(f"solutions_{path.stem}")
    exec(compile(_script(path), str(path), "exec"), module.__dict__)  # noqa: S102  # the author's own code
    return module


@functools.cache
def _load_content(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _script(path: Path) -> str:
    """The Python code of a percent script, or of a notebook, whose demonstrations become comments."""
    if path.suffix == ".py":
        return path.read_text(encoding="utf-8")
    import jupytext
    import nbformat

    return jupytext.writes(nbformat.read(path, as_version=4), fmt="py:percent")
