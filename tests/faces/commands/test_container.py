"""`autograder container`: what the image is built from, and the line that grades in it."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from importlib.metadata import version

import pytest
from click.testing import CliRunner
from packaging.requirements import Requirement

from autograder.faces.commands.container import RUN
from autograder.faces.commands.main import main


def write(folder):
    return CliRunner().invoke(main, ["container", "--output", str(folder)])


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    folder = tmp_path_factory.mktemp("a course") / "container"
    assert write(folder).exit_code == 0
    return folder


def test_it_says_how_the_image_is_built_and_the_one_line_that_grades_a_course(tmp_path):
    said = write(tmp_path / "my image").output.splitlines()
    build = next(line for line in said if line.strip().startswith("docker build"))
    assert shlex.split(build)[-1] == str(tmp_path / "my image")
    assert [line.strip() for line in said if line.strip().startswith("docker run")] == [RUN]


def test_it_needs_no_privilege_and_no_network():
    assert "--privileged" not in RUN
    assert "--cap-add" not in RUN
    assert "unconfined" not in RUN
    assert {"--cap-drop all", "--network none", "--security-opt no-new-privileges"} <= {
        " ".join(pair) for pair in zip(shlex.split(RUN), shlex.split(RUN)[1:], strict=False)
    }


def test_every_step_has_its_files_and_nothing_is_left_to_fill_in(image):
    steps = (image / "Containerfile").read_text()
    assert f"python:{sys.version_info.major}.{sys.version_info.minor}-slim" in steps
    assert "libseccomp2" in steps
    assert not re.search(r"\{\w+\}", steps)
    for line in re.findall(r"^COPY (.*) \S+$", steps, re.MULTILINE):
        assert all((image / name).exists() for name in line.split())


def test_torch_is_the_cpu_build_of_what_is_installed_here(image):
    held = (image / "constraints.txt").read_text().splitlines()
    assert held[-1] == f"torch=={version('torch').partition('+')[0]}+cpu"
    assert any(Requirement(line).name == "torch" for line in (image / "requirements.txt").read_text().splitlines())


def test_the_kit_in_it_runs_and_holds_no_assignment(image):
    done = subprocess.run(
        [sys.executable, "-BP", "-c", "import autograder; print(autograder.__file__)"],
        cwd=image,
        env={"PYTHONPATH": str(image / "kit")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(image / "kit/autograder/__init__.py")
    assert not (image / "kit/autograder/checks").exists()
    assert not [path for path in image.rglob("*") if path.name == "__pycache__"]


def test_written_again_it_holds_nothing_of_an_older_kit(tmp_path):
    write(tmp_path)
    old = tmp_path / "kit/autograder/gone.py"
    old.write_text("")
    assert write(tmp_path).exit_code == 0
    assert not old.exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("all of it")
    refused = write(tmp_path)
    assert refused.exit_code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
