"""What a worker of root's is without a sandbox, under `--isolation process`: an ordinary user, at least."""

from __future__ import annotations

import os
import sys

import pytest

from autograder.trusted.assignment.course import KIT
from autograder.trusted.execution.outputs import run_for_outputs
from autograder.trusted.execution.template_process import PROCESS, TemplateProcess
from autograder.trusted.execution.workers import Workers
from autograder.trusted.submissions.cells import NotebookCell

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can become another user"
)


@pytest.fixture(scope="module")
def workers():
    template = TemplateProcess(1, [KIT], PROCESS, preload=["torch"])
    yield Workers(template.control(0), template.home)
    template.stop()


def printed(workers, source: str) -> str:
    ((output, *_),) = run_for_outputs(workers, [NotebookCell("cell", source)], 10.0)
    return output.get("text", "") or output.get("ename", "")


def test_a_worker_of_roots_cannot_write_what_is_roots(workers, tmp_path):
    (tmp_path / "results.json").write_text("{}")
    assert printed(workers, f"open({str(tmp_path / 'results.json')!r}, 'w')") == "PermissionError"
    assert printed(workers, f"open({str(tmp_path / 'more.json')!r}, 'w')") == "PermissionError"
    assert (tmp_path / "results.json").read_text() == "{}"


def test_a_worker_of_roots_cannot_signal_the_grader_nor_become_root_again(workers):
    assert printed(workers, f"import os\nos.kill({os.getpid()}, 0)") == "PermissionError"
    assert printed(workers, "import os\nos.setuid(0)") == "PermissionError"


def test_it_still_has_a_folder_of_its_own_and_what_a_notebook_imports(workers):
    source = "import torch, xml.dom.minidom\nopen('notes.txt', 'w').write('x')\nprint(torch.ones(2).sum().item())"
    assert printed(workers, source) == "2.0\n"
