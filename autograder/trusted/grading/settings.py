"""The settings of a grading run, and the fingerprint of everything besides the notebook that decides a grade."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.student import CPU, SIM
from autograder.trusted.results.fingerprint import fingerprint, fingerprint_of_files

if TYPE_CHECKING:
    from autograder.trusted.assignment.course import Course

DECIDING_ROOMS = ("trusted", "reading", "worker", "wire")  # of the engine; the others only show the results

FIXED_SEED = 90051


@dataclass(frozen=True)
class Settings:
    """The options of a run that decide a grade.

    Attributes:
        seconds: the wall-clock limit of each cell, and of each check's calls of the student's code.
        seed: the seed of the checks' random inputs. A class has one of its own, which is drawn and kept with its
            results; the one here is for work that earns no marks.
        devices: where checks of devices are run for points, the CPU first.
        gpu: the device of a GPU on which they are run once more, for comparison; "" for none.
    """

    seconds: float = 5.0
    seed: int = FIXED_SEED
    devices: tuple[str, ...] = (CPU, SIM)
    gpu: str = ""


def settings_fingerprint(course: Course, settings: Settings) -> bytes:
    """A fingerprint of all that decides a grade besides the notebook: engine, checks, reference, source, settings."""
    engine = [path for room in DECIDING_ROOMS for path in (KIT / "autograder" / room).rglob("*.py")]
    engine += (KIT / "autograder").glob("*.py")
    checks = [*course.checks.glob("test_*.py"), *course.checks.glob("misconceptions/*.py")]
    files = {*engine, *checks, *course.solutions.glob("*.py"), *course.source.glob("*.ipynb")}
    return fingerprint(fingerprint_of_files(files), repr((settings, course.settings.patience)).encode()).encode()
