"""A course folder in nbgrader's layout, and the files that belong to one of its assignments."""

from __future__ import annotations

import functools
import importlib.util
import re
from pathlib import Path
from types import ModuleType

from autograder.errors import UsageError
from autograder.trusted.assignment.course_settings import CONFIG, CourseSettings, settings_of
from autograder.trusted.assignment.plan import NotebookPlan, read_plan
from autograder.trusted.assignment.variants import Variant, read_variants

KIT = Path(__file__).resolve().parents[3]
# An import of torch in a script, or in a notebook's JSON; or a check that asks for `random`, which makes tensors.
_OF_TORCH = re.compile(rb"""\b(?:import|from)[^\n"']{0,200}\btorch\b|^def test_\w+\([^)]{0,500}\brandom\b""", re.M)


class Course:
    """A course folder with source/, release/, solutions/ and submitted/, and the hidden checks of one assignment.

    nbgrader_config.py may name three of these folders otherwise.

    Args:
        root: the folder with nbgrader_config.py.
        assignment: the assignment's name; it need not be given where the course has only one.

    Attributes:
        settings: what nbgrader_config.py says.
        checks: the folder of the hidden checks and all other content of the assignment: autograder/checks/ASSIGNMENT
            in a repository that holds the kit as well, checks/ASSIGNMENT in any other course. A copy of an assignment
            of the kit's own, exercise for exercise, that came without them has the kit's.
        secrets: the folders that no worker may read.

    Raises:
        UsageError: the folder or the assignment is not there, or not named where there are several.
    """

    def __init__(self, root: Path, assignment: str | None = None) -> None:
        self.root = root
        self.settings: CourseSettings = settings_of(root)
        self.assignment = assignment = assignment or _only_assignment(root)
        self.source = root / self.settings.source / assignment
        self.release = root / self.settings.release / assignment
        self.solutions = root / "solutions" / assignment
        self.submitted = root / self.settings.submitted
        self.graded = root / "graded" / assignment
        self.secrets = (root, KIT / "autograder")
        if not self.source.is_dir() and not self.is_script_only:
            raise UsageError(f"There is no {self.source}: {_name_one(root)}.")

    @property
    def is_script_only(self) -> bool:
        """Whether there are scripts in solutions/ of which no notebook was built yet."""
        return not self.source.is_dir() and any(self.solutions.glob("*.py"))

    @functools.cached_property
    def checks(self) -> Path:
        """See above."""
        own, kits = (checks_folder(root) / self.assignment for root in (self.root, KIT))
        return kits if not own.is_dir() and kits.is_dir() and self._is_a_copy_of(KIT) else own

    @functools.cached_property
    def uses_torch(self) -> bool:
        """Whether a text of the assignment, a notebook's or a check's, imports torch, or asks for random tensors.

        Where none does, torch need not be installed, and nobody waits for its import.
        """
        folders = {self.source: "*.ipynb", self.solutions: "*.py", self.checks: "*.py"}
        texts = (path.read_bytes() for folder, names in folders.items() for path in sorted(folder.rglob(names)))
        return "torch" in self.settings.preload or any(_OF_TORCH.search(text) for text in texts)

    @property
    def preload(self) -> tuple[str, ...]:
        """The modules that every worker has before its notebook begins."""
        return tuple(dict.fromkeys((*(("torch",) if self.uses_torch else ()), *self.settings.preload)))

    @property
    def checks_place(self) -> Path:
        """Where the hidden checks stand below the root of this course, or would stand in a copy of it."""
        inside = self.checks.is_relative_to(self.root)
        return self.checks.relative_to(self.root) if inside else Path("checks", self.assignment)

    def _is_a_copy_of(self, root: Path) -> bool:
        """Whether each notebook has the exercises that the course under `root` has in the notebook of that name."""
        theirs = root / settings_of(root).source / self.assignment
        pairs = [(path, theirs / path.name) for path in self.source.glob("*.ipynb")]
        return bool(pairs) and all(
            other.is_file() and read_plan(path).exercises == read_plan(other).exercises for path, other in pairs
        )

    @functools.cached_property
    def notebooks(self) -> dict[str, NotebookPlan]:
        """The assignment's notebooks by name, in alphabetical order."""
        paths = sorted(self.source.glob("*.ipynb"))
        if not paths:
            raise UsageError(f"{self.source} holds no notebooks: run `autograder build` to make them.")
        return {path.stem: read_plan(path, whole=not self.has_checks(path.stem)) for path in paths}

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


def find_course(start: Path, assignment: str | None = None) -> Course:
    """The course that contains `start`; if none does, the course in the kit's own folder. Raises UsageError."""
    return Course(course_root(start), assignment)


def course_root(start: Path) -> Path:
    """The nearest folder at or above `start` with nbgrader_config.py; if there is none, the kit's own.

    Raises UsageError if there is none and the kit is an installed package, without a course of its own.
    """
    here = start.resolve()
    for folder in (here, *here.parents, KIT):
        if (folder / CONFIG).is_file():
            return folder
    raise UsageError(f"There is no {CONFIG} in {here}, nor in a folder above it: go to your course's folder first.")


def checks_folder(root: Path) -> Path:
    """Where a course keeps the content of its assignments: the hidden checks, misconceptions, right answers, figures.

    It is autograder/checks in a repository that holds the kit as well, and checks in any other course.
    """
    beside_the_kit = root / "autograder" / "checks"
    return beside_the_kit if beside_the_kit.is_dir() else root / "checks"


def assignments_of(root: Path) -> list[str]:
    """The names of a course's assignments.

    They are the folders of source/ and solutions/ that hold notebooks or scripts, and those that have a folder for
    their checks already.
    """
    found = {path.parent.name for path in (root / settings_of(root).source).glob("*/*.ipynb")}
    found |= {path.parent.name for path in (root / "solutions").glob("*/*.py")}
    found |= {path.name for path in checks_folder(root).glob("*/")}
    return sorted(name for name in found if not name.startswith((".", "_")))


def _only_assignment(root: Path) -> str:
    names = assignments_of(root)
    if len(names) == 1:
        return names[0]
    if not names:
        raise UsageError(f"The course in {root} has no assignment yet: `autograder new assignment NAME` makes one.")
    raise UsageError(f"This course has several assignments: {_name_one(root)}.")


def _name_one(root: Path) -> str:
    names = assignments_of(root)
    if not names:
        return f"the course in {root} has no assignment yet"
    *others, last = names
    known = f"{', '.join(others)} or {last}" if others else last
    return f"name one with --assignment, here {known}"


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
