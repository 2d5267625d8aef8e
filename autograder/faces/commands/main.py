"""The command `autograder`: it parses options and calls the other modules, which it imports only when needed.

Exit codes: 0 done, whatever single submissions came to; 1 the kit itself failed, for everybody; 2 wrong use;
3 `compare --exit-code` found that a mark moved; 130 the user stopped it (128 and the number of SIGINT, as in a shell).
"""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from autograder import __version__
from autograder.errors import KitError, Stopped, UsageError
from autograder.faces.commands.authors.new import new
from autograder.faces.commands.options import assignment_option as _assignment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXIT_KIT_FAILED, EXIT_WRONG_USE, EXIT_MOVED, EXIT_STOPPED = 1, 2, 3, 130
MAX_FAULTS = 20  # that are named


class _Explained(click.Group):
    """A command group that prints a KitError's sentence in place of its traceback."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except UsageError as error:
            _stop(error, EXIT_WRONG_USE)
        except Stopped as error:
            _stop(error, EXIT_STOPPED)
        except KeyboardInterrupt:
            _stop(Stopped("stopped."), EXIT_STOPPED)
        except KitError as error:
            _stop(error, EXIT_KIT_FAILED)
        except OSError as error:
            from autograder.trusted.execution.advice import lacking

            if not lacking(error):
                raise
            _stop(KitError(f"Stopped, as {lacking(error)}."), EXIT_KIT_FAILED)


def _stop(error: KitError, code: int) -> NoReturn:
    click.echo(f"autograder: {error}", err=True)
    sys.exit(code)


COMPLETION = """To let your shell complete commands and options, add a line to its start-up file:

\b
bash  eval "$(_AUTOGRADER_COMPLETE=bash_source autograder)"
zsh   eval "$(_AUTOGRADER_COMPLETE=zsh_source autograder)"
fish  _AUTOGRADER_COMPLETE=fish_source autograder | source
"""


@click.group(cls=_Explained, context_settings={"help_option_names": ["-h", "--help"]}, epilog=COMPLETION)
@click.version_option(__version__, prog_name="autograder")
def main() -> None:
    """Grade notebooks: fast, safely, and with a reason for every mark."""
    atexit.register(gc.freeze)  # at the end nobody has to look through all that torch has made
    from autograder.trusted.execution.advice import require_room

    require_room()


main.add_command(new)


def _isolation_of(_context: click.Context, _option: click.Parameter, said: str) -> str:
    from autograder.trusted.execution.template_process import isolation_of

    return isolation_of(said)


_isolation = click.option(
    "--isolation",
    type=click.Choice(["sandbox", "process", "sealed"]),
    default="sandbox",
    show_default=True,
    metavar="[sandbox|process]",
    callback=_isolation_of,
    help="Where student code runs. `process` is no sandbox: only for code that you trust.",
)


def _workload(command: Callable[..., None]) -> Callable[..., None]:
    options = (
        click.option("--jobs", type=click.IntRange(1, 256), help="Graders side by side.  [default: all cores]"),
        click.option(
            "--timeout",
            "seconds",
            type=click.FloatRange(0.1, 3600),
            default=5.0,
            show_default=True,
            help="Seconds that one cell, or one check of a student's functions, may last.",
        ),
        click.option("--json", "as_json", is_flag=True, help="Print JSON lines, and nothing else."),
    )
    for option in reversed(options):
        command = option(command)
    return _isolation(command)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_assignment
@click.option("--output", type=click.Path(path_type=Path), help="Folder for the results.  [default: graded/ASSIGNMENT]")
@click.option("--force", is_flag=True, help="Grade again what is graded already.")
@click.option("--prune", is_flag=True, help="Forget the results of students of whom nothing is submitted any more.")
@click.option("--feedback", is_flag=True, help="Write a page for each student as well, as `autograder feedback` does.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda", "sim"]),
    default="auto",
    show_default=True,
    help="Where the checks of devices are run: `sim` on the CPU and a simulated accelerator, `cuda` on a GPU as well, "
    "for comparison; `auto` asks a GPU where there is one; `cpu` is the CPU alone.",
)
@click.option(
    "--seed",
    type=click.IntRange(0, 2**31 - 1),
    help="Seed of the hidden inputs, from now on.  [default: the one kept with the results; at first a random one]",
)
@click.option("--dask", metavar="ADDRESS", help="Grade on the workers of the Dask cluster with this scheduler.")
@_workload
def grade(
    paths: tuple[Path, ...],
    assignment: str | None,
    output: Path | None,
    force: bool,
    prune: bool,
    feedback: bool,
    device: str,
    seed: int | None,
    dask: str | None,
    jobs: int | None,
    seconds: float,
    as_json: bool,
    isolation: str,
) -> None:
    """Grade submissions.

    PATHS are notebooks, folders of notebooks, trees as nbgrader has them
    (STUDENT/ASSIGNMENT/*.ipynb), or what Canvas, Moodle, Brightspace and
    Blackboard download, unpacked; without any, the course's submitted/ folder.
    """
    from autograder.trusted.assignment.course import find_course
    from autograder.trusted.cores import available_cores
    from autograder.trusted.execution.template_process import TemplateProcess
    from autograder.trusted.lasting_imports import imports_that_last

    if dask is not None and jobs is not None:
        raise UsageError("--jobs is for this machine; a Dask worker has as many graders as threads (--nthreads).")
    course = find_course(Path.cwd(), assignment)
    # The template imports torch and the like while this process does.
    graders = jobs or available_cores()
    template = None if dask else TemplateProcess(graders, course.secrets, isolation, preload=course.preload)
    try:
        with imports_that_last():
            from autograder.faces.commands.grade import grade_class
            from autograder.trusted.grading.settings import Settings

        places, results, settings = list(paths) or [course.submitted], output or course.graded, Settings(seconds)
        faults = grade_class(
            course,
            places,
            results,
            settings,
            jobs=jobs,
            isolation=isolation,
            seed=seed,
            device=device,
            force=force,
            as_json=as_json,
            dask=dask,
            template=template,
            prune=prune,
            figures=feedback,
        )
    finally:
        if template is not None:
            template.abandon()
    if feedback:
        from autograder.faces.commands.feedback import tell, write_feedback

        written = write_feedback(course, results, places, settings, jobs=jobs, isolation=isolation)
        if not as_json:  # the records are all that --json prints
            tell(written)
        faults = [*faults, *written.faults]
    _tell_faults(faults)


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@_assignment
@click.option(
    "--submissions",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where the graded notebooks are; more than one may be named.  [default: submitted/]",
)
@click.option("--zip", "system", type=click.Choice(["canvas", "moodle"]), help="Make the archive that it takes, too.")
@click.option("--release", is_flag=True, help="Put pages where `nbgrader release_feedback` takes them, too.")
@click.option(
    "--roster", type=click.Path(path_type=Path), help="A class list with names, emails and Moodle's participants."
)
@_workload
def feedback(
    folder: Path | None,
    assignment: str | None,
    paths: tuple[Path, ...],
    system: str | None,
    release: bool,
    roster: Path | None,
    jobs: int | None,
    seconds: float,
    as_json: bool,
    isolation: str,
) -> None:
    """Write a page for each student of a graded class.

    FOLDER is where the results are; without it, the course's graded/ASSIGNMENT. The pages are
    FOLDER/feedback/STUDENT.html: what was earned, what to look at, and what the student's functions draw. Beside them
    stand index.html and mail_merge.csv, which has a line a student.
    """
    from autograder.faces.commands.feedback import HandOut, tell, write_feedback
    from autograder.trusted.assignment.course import find_course
    from autograder.trusted.grading.settings import Settings

    course = find_course(Path.cwd(), assignment)
    written = write_feedback(
        course,
        folder or course.graded,
        list(paths) or [course.submitted],
        Settings(seconds),
        jobs=jobs,
        isolation=isolation,
        hand_out=HandOut(system or "", release, roster),
    )
    tell(written, as_json=as_json)
    _tell_faults(written.faults)


@main.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@_assignment
@click.option(
    "--roster", type=click.Path(path_type=Path), help="A class list with groups, by which students are shown."
)
def report(folder: Path | None, assignment: str | None, roster: Path | None) -> None:
    """Write the class report anew, from results.jsonl in FOLDER, with submissions that are much alike.

    FOLDER is what `grade` has written to; without it, the course's graded/ASSIGNMENT, and the report has the
    students' code beside the checks that failed.
    """
    from autograder.faces.commands.report import report_anew, report_of_course
    from autograder.trusted.assignment.course import find_course

    if folder is not None:
        click.echo(report_anew(folder, None, roster=roster))
    else:
        click.echo(report_of_course(find_course(Path.cwd(), assignment), roster))


@main.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Make the sample course here, and keep it.")
@_assignment
@_workload
def demo(
    keep: Path | None, assignment: str | None, jobs: int | None, seconds: float, as_json: bool, isolation: str
) -> None:
    """Make a sample class in a temporary course, grade it, show the result."""
    from autograder.faces.commands.demo import run_demo

    _tell_faults(run_demo(keep, assignment, jobs=jobs, seconds=seconds, as_json=as_json, isolation=isolation))


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def doctor(as_json: bool) -> None:
    """Prove, by trying, what protects this machine from student code."""
    from autograder.faces.commands.doctor import run_doctor

    if not run_doctor(as_json=as_json):
        sys.exit(EXIT_KIT_FAILED)


@main.command()
@_assignment
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object a line.")
@_isolation
def misconceptions(assignment: str | None, as_json: bool, isolation: str) -> None:
    """List the named misconceptions, their hints, and the checks that catch them."""
    from autograder.faces.commands.authors.misconceptions import list_misconceptions, show_misconceptions
    from autograder.trusted.assignment.course import find_course

    show_misconceptions(list_misconceptions(find_course(Path.cwd(), assignment), isolation=isolation), as_json=as_json)


@main.command()
@click.argument("place", required=False, type=click.Path(path_type=Path), metavar="[RESULTS]")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["canvas", "moodle", "gradescope", "junit"]),
    required=True,
    help="For whom.",
)
@_assignment
@click.option("--output", type=click.Path(path_type=Path), help="Write a file.  [default: standard output]")
@click.option("--student", help="Export one student only; gradescope needs it.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path),
    help="canvas, moodle: the CSV that the gradebook exports, or Moodle's grading worksheet.",
)
@click.option("--column", help="canvas, moodle: what the gradebook calls the assignment.  [default: ASSIGNMENT]")
@click.option("--each-notebook", is_flag=True, help="canvas, moodle: a column for each notebook as well.")
@click.option(
    "--identify-by",
    type=click.Choice(["username", "id-number", "email", "participant"]),
    help="moodle: what a student is known by.  [default: username]",
)
@click.option(
    "--visibility",
    type=click.Choice(["visible", "after_due_date", "after_published", "hidden"]),
    help="gradescope: when students see the checks.  [default: visible]",
)
def export(place: Path | None, format_: str, assignment: str | None, output: Path | None, **options: Any) -> None:
    """Write the marks as another system reads them.

    RESULTS is a results.jsonl or the folder with it; without it, the course's graded/ASSIGNMENT. With
    --roster, ids and sections are taken from the gradebook's own export, in which a student is found by
    any id that equals the name here.
    """
    from autograder.faces.exports import ExportOptions, write_export
    from autograder.trusted.assignment.course import find_course

    if place is None:
        course = find_course(Path.cwd(), assignment)
        place, assignment = course.graded, course.assignment
    for note in write_export(place, assignment, format_, ExportOptions(**options), output):
        click.echo(f"autograder: {note}", err=True)


@main.command()
@_assignment
@click.option(
    "--output", type=click.Path(path_type=Path), default="autograder.zip", show_default=True, help="The archive."
)
@click.option(
    "--isolation",
    type=click.Choice(["auto", "sandbox", "process", "sealed"]),
    default="auto",
    show_default=True,
    metavar="[auto|sandbox|process]",
    callback=_isolation_of,
    help="As for grade, in Gradescope's container. Where no sandbox can be: `auto` grades without, `sandbox` nothing.",
)
@click.option(
    "--visibility",
    type=click.Choice(["visible", "after_due_date", "after_published", "hidden"]),
    default="visible",
    show_default=True,
    help="When students see the checks.",
)
@click.option(
    "--timeout", "seconds", type=click.FloatRange(0.1, 3600), default=5.0, show_default=True, help="As for grade."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help="As for grade.")
def gradescope(assignment: str | None, output: Path, seed: int | None, **order: Any) -> None:
    """Write the autograder.zip from which Gradescope builds its autograder.

    It holds the kit, the checks and the solutions: upload it on Gradescope's page "Configure
    Autograder", and give it to nobody else.
    """
    from autograder.faces.gradescope.archive import write_archive
    from autograder.faces.gradescope.container import ContainerOrder
    from autograder.trusted.assignment.course import find_course
    from autograder.trusted.results.seed import seed_of

    course = find_course(Path.cwd(), assignment)
    order["seed"] = seed_of(course.graded, seed)
    names = write_archive(course, ContainerOrder(course.assignment, **order), output)
    click.echo(f"{output}: {len(names)} files. Upload it to Gradescope as the assignment's autograder.")


@main.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    default="container",
    show_default=True,
    help="The folder from which the image is built.",
)
def container(output: Path) -> None:
    """Write a Containerfile with this kit, and say how it grades a course on a machine that has no sandbox.

    For macOS, Windows, and whoever must not install anything: the sandbox is then inside the container.
    """
    from autograder.faces.commands.container import write_container

    for line in write_container(output):
        click.echo(line)


@main.command()
@click.argument("places", nargs=-1, type=click.Path(path_type=Path), metavar="[[OLD] NEW]")
@_assignment
@click.option("--exit-code", is_flag=True, help=f"End with {EXIT_MOVED} if any mark moved, with 0 if none did.")
@click.option("--json", "as_json", is_flag=True, help="Print the comparison as one JSON object.")
def compare(places: tuple[Path, ...], assignment: str | None, exit_code: bool, as_json: bool) -> None:
    """Show whose mark moved between two gradings, by how much, and which check moved it.

    OLD and NEW are results.jsonl files, or the folders with them. NEW alone is compared with what it
    held before its last regrade; without any, the course's graded/ASSIGNMENT is.
    """
    from autograder.faces.commands.compare import compare_places, show_regrade
    from autograder.trusted.assignment.course import find_course

    if len(places) > 2:
        raise UsageError(f"{len(places)} places were named: two gradings can be compared, the earlier one first.")
    old = places[0] if len(places) == 2 else None
    regrade = compare_places(old, places[-1] if places else find_course(Path.cwd(), assignment).graded)
    show_regrade(regrade, as_json=as_json)
    if exit_code and regrade.moved:
        sys.exit(EXIT_MOVED)


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_assignment
@click.option("--json", "as_json", is_flag=True, help="Print a group a line as JSON, and nothing else.")
def similar(paths: tuple[Path, ...], assignment: str | None, as_json: bool) -> None:
    """Show groups of students whose code is the same after renaming and reformatting.

    PATHS are as for grade. Nothing is run. It is a hint for a person, never a verdict.
    """
    from autograder.faces.commands.similar import show_groups
    from autograder.trusted.assignment.course import find_course
    from autograder.trusted.results.works import read_works_in
    from autograder.trusted.similarity.files import read_works
    from autograder.trusted.similarity.groups import similar_groups
    from autograder.trusted.submissions.find import find_submissions

    course = find_course(Path.cwd(), assignment)
    submissions = find_submissions(
        list(paths) or [course.submitted], course.assignment, course.notebooks, course.released
    )
    handed_in = [each for each in submissions if each.path is not None]
    works = read_works(course, handed_in, read_works_in(course.graded))
    show_groups(similar_groups(course, handed_in, works), len(handed_in), as_json=as_json)


@main.command()
@_assignment
@click.option(
    "--from",
    "truth",
    type=click.Choice(["script", "notebook"]),
    help="Which view counts where both were edited since the last build; the other's edits are lost.",
)
def build(assignment: str | None, truth: str | None) -> None:
    """Rebuild the three views of the assignment: solutions/, source/ and release/.

    Whichever of script and notebook was edited since the last build is written over the other;
    the release is made by nbgrader generate_assignment. Nothing is written if anything is wrong.
    """
    from autograder.author.build import build as rebuild
    from autograder.trusted.assignment.course import find_course

    for sentence in rebuild(find_course(Path.cwd(), assignment), truth) or ["Everything is in step."]:
        click.echo(sentence)


@main.command()
@click.argument("assignment", required=False)
@click.option("--jobs", type=click.IntRange(1, 256), help="Graders side by side.  [default: all cores]")
@click.option("--mutants", is_flag=True, help="Let the checks tell mechanical mutants of the solutions as well.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=7, show_default=True, help="The other seed for all verdicts."
)
@click.option("--json", "as_json", is_flag=True, help="Print a complaint a line as JSON, and nothing else.")
@_isolation
def check(assignment: str | None, jobs: int | None, mutants: bool, seed: int, as_json: bool, isolation: str) -> None:
    """Prove an assignment.

    Its views agree; the solutions earn everything and the release nothing, as not attempted; each
    exercise alone earns its own points; each misconception loses on its own exercise only, and shows
    its hint; each right answer keeps all; points add up; each sentence of a docstring has its check,
    where a table says so; nothing of solutions or checks is in the release; verdicts are the same in
    another order and with another seed; no file is a stray. Ends with 1 if anything is wrong.
    """
    from autograder.author.check.assignment import How
    from autograder.faces.commands.authors.check import run_check
    from autograder.trusted.assignment.course import find_course
    from autograder.trusted.cores import available_cores

    how = How(jobs or available_cores(), isolation, mutants, seed)
    if not run_check(find_course(Path.cwd(), assignment), how, as_json=as_json):
        sys.exit(EXIT_KIT_FAILED)


def _tell_faults(faults: Sequence[str]) -> None:
    """Note on standard error what failed over single submissions; the records say it, and the run has done its work."""
    for fault in faults[:MAX_FAULTS]:
        click.echo(f"autograder: {fault}", err=True)
    if len(faults) > MAX_FAULTS:
        click.echo(f"autograder: ... and {len(faults) - MAX_FAULTS} such notes more; the report has all.", err=True)
