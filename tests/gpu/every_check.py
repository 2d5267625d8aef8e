"""Every hidden check of the assignment, not of devices only, with its arguments on the GPU, against the reference.

The exact values (-20, -30 and -50 among them) and the tolerances of the others must hold there, in float32 and
float64, with TF32 as torch has it by default. Left out is what lies on the CPU by its contract: a tensor made from
nothing, and a module until it is moved.
"""

from __future__ import annotations

import argparse
import sys

from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.checking.check_context import CheckContext
from autograder.trusted.checking.substitutes import Substitutes
from autograder.trusted.execution.workers import opened_workers
from autograder.trusted.grading.pytest_session import collect_checks
from autograder.trusted.results import outcomes
from autograder.trusted.submissions.cells import NotebookCell
from autograder.trusted.submissions.notebook import SubmittedNotebook

SECONDS = 60.0
SEEDS = (90051, 7, 2026)
ON_THE_CPU = {"tensors_of_each_rank", "LogisticRegression"}
TAKE_A_MODEL = {"train": "logistic_regression", "predict": "logistic_regression"}


def needs_no_move(check) -> bool:
    """Whether what the check calls follows its arguments."""
    return check.exercise not in ON_THE_CPU and TAKE_A_MODEL.get(check.exercise) != check.notebook


class There(CheckContext):
    """A submission whose functions get all their arguments on a device."""

    where = "cuda"

    def student(self):
        """The student's functions, called there."""
        return super().student().on(self.where)


def main() -> None:
    """Judge the reference; the exit code is 1 where a check fails there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=["cuda", "sim"])
    There.where = parser.parse_args().device
    course = Course(KIT)
    checks = [check for check in collect_checks(course) if not check.about_devices and needs_no_move(check)]
    failed, tried = [], 0
    with opened_workers(course.secrets, with_gpu=There.where == "cuda", preload=["torch"]) as workers:
        for name, plan in course.notebooks.items():
            cells = tuple(
                NotebookCell(cell.name, cell.source)
                for cell in plan.cells
                if cell.kind == "code" and not cell.demonstration
            )
            for seed in SEEDS:
                substitutes = Substitutes(workers, plan, course.reference(name))
                submitted = SubmittedNotebook(cells, frozenset())
                context = There(workers, plan, submitted, substitutes, SECONDS, seed, by_author=True)
                for check in checks:
                    if check.notebook != name:
                        continue
                    context.begin()
                    verdict = context.verdict(check.exercise, check.run(context))
                    tried += 1
                    if verdict is None or verdict.outcome != outcomes.PASSED:
                        said = verdict.message if verdict else "the check broke"
                        failed.append(f"- `{name}`, `{check.name}`, seed {seed}: {said}")
                context.close()
                substitutes.close()
    exact = sum("worked_example" in check.name for check in checks)
    print(f"{len(checks)} checks, {exact} of them of the worked example, with {len(SEEDS)} seeds:")
    print(f"{tried} runs, {len(failed)} not passed.")
    print("\n".join(failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
