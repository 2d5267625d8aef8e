"""A worker's scratch folder: what a student writes is bounded, deleted files included, with namespaces and without."""

from __future__ import annotations

import pytest

import autograder.trusted.execution.workers as trusted_workers
from autograder.errors import StudentError
from autograder.trusted.assignment.course import KIT
from autograder.trusted.checking.recorded_calls import RecordedCalls
from autograder.trusted.checking.student import Student
from autograder.trusted.execution.executed_notebook import ExecutedNotebook
from autograder.trusted.execution.template_process import TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.trusted.hidden_layers import HIDDEN_LAYERS
from autograder.trusted.submissions.cells import NotebookCell

MIB = 2**20


@pytest.fixture(scope="module")
def workers_without_namespaces():
    """Workers of a template whose kernel refuses it namespaces."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(HIDDEN_LAYERS, "mount,network,IPC,PID")
        template = TemplateProcess(1, [KIT], preload=["torch"])
    yield Workers(template.control(0), template.home)
    template.stop()


@pytest.fixture
def workers_with_namespaces(workers):
    if workers.unshared:
        pytest.skip(workers.unshared)
    return workers


def executed(workers, *sources: str, seconds: float = 5.0, files=None) -> tuple[ExecutedNotebook, Student]:
    cells = [NotebookCell(f"c{index}", source) for index, source in enumerate(sources)]
    notebook = ExecutedNotebook(workers, cells, seconds, files=files)
    return notebook, Student(RecordedCalls(notebook))


KEEP = """
import mmap, os
held = []
def keep(mebibytes):
    for _ in range(mebibytes // 10):
        with open("f", "wb+") as file:
            file.write(bytes(10 * 2**20))
            file.flush()
            held.append(mmap.mmap(file.fileno(), 4096))
        os.unlink("f")
    return True
"""


def test_what_is_deleted_and_still_mapped_counts(workers_with_namespaces):
    notebook, student = executed(workers_with_namespaces, KEEP)
    assert student.keep(60) is True
    with pytest.raises(StudentError, match="No space left"):
        student.keep(100)
    notebook.close()


def test_files_without_number_are_refused(workers_with_namespaces):
    notebook, _ = executed(workers_with_namespaces, "for n in range(10**9): open(str(n), 'w').close()")
    notebook.worker()
    assert "No space left" in str(notebook.errors["c0"])
    notebook.close()


def test_one_workers_full_folder_is_no_others(workers_with_namespaces):
    greedy, student = executed(workers_with_namespaces, KEEP)
    with pytest.raises(StudentError, match="No space left"):
        student.keep(200)
    other, student = executed(workers_with_namespaces, KEEP)
    assert student.keep(60) is True
    greedy.close()
    other.close()


def test_data_files_of_the_assignment_are_there_and_may_be_written(workers_with_namespaces, tmp_path):
    (tmp_path / "data" / "more").mkdir(parents=True)
    (tmp_path / "data" / "more" / "x.csv").write_text("1,2")
    source = "open('data/more/x.csv', 'a').write(',3')\ndef f(): return open('data/more/x.csv').read()"
    notebook, student = executed(workers_with_namespaces, source, files=tmp_path)
    assert student.f() == "1,2,3"
    notebook.close()


@pytest.mark.parametrize("how", ["os.unlink('f')", "os.rename('f', 'g')", "os.replace('g', 'f')"])
def test_without_namespaces_no_file_loses_its_name(workers_without_namespaces, how):
    source = f"import os\nopen('f', 'w').close()\nopen('g', 'w').close()\ndef f(): {how}"
    notebook, student = executed(workers_without_namespaces, source)
    with pytest.raises(StudentError, match="Operation not permitted"):
        student.f()
    notebook.close()


def test_without_namespaces_no_file_is_made_without_a_name(workers_without_namespaces):
    source = "import os\ndef f(): os.open('.', os.O_TMPFILE | os.O_RDWR)"
    notebook, student = executed(workers_without_namespaces, source)
    with pytest.raises(StudentError, match="Operation not permitted"):
        student.f()
    notebook.close()


def test_without_namespaces_files_that_would_fill_the_disk_end_the_worker(workers_without_namespaces, monkeypatch):
    monkeypatch.setattr(trusted_workers, "MAX_SCRATCH_BYTES", MIB)
    source = "open('a', 'wb').write(bytes(2**21))\nwhile True: pass"
    notebook, student = executed(workers_without_namespaces, source, "def f(): return 1")
    assert student.f() == 1
    assert str(notebook.fatal_cell("c0")) == "its files were more than 1 MiB"
    notebook.close()


def test_without_namespaces_files_without_number_end_the_worker(workers_without_namespaces):
    source = "for n in range(10**9): open(str(n), 'w')"
    notebook, student = executed(workers_without_namespaces, source, "def f(): return 1", seconds=20.0)
    assert student.f() == 1
    assert str(notebook.fatal_cell("c0")) == "it made more than 1,000 files"
    notebook.close()


def test_a_template_that_has_no_namespaces_says_why(workers_without_namespaces):
    assert workers_without_namespaces.unshared == "unshare: no mount namespace"
