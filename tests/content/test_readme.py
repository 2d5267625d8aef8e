"""What the README says is what is run."""

from __future__ import annotations

import re
import tomllib

from autograder.trusted.assignment.course import KIT

README = (KIT / "README.md").read_text()
COMMANDS = re.findall(r"^    (.*\.venv/bin/.*)$", README, flags=re.MULTILINE)


def test_there_are_exactly_two_commands_to_set_up_and_run():
    assert len(COMMANDS) == 2
    assert COMMANDS[0].endswith("autograder demo")
    assert COMMANDS[1].endswith("pytest")


def test_ci_runs_the_readmes_test_command_and_its_installation():
    script = (KIT / ".ci" / "run").read_text()
    assert COMMANDS[1] in script
    assert "pip install --quiet -e '.[test]'" in script
    assert "pip install -e '.[test]'" in COMMANDS[0]


def test_torch_is_pinned_in_the_project_and_every_dependency_has_its_reason():
    text = (KIT / "pyproject.toml").read_text()
    project = tomllib.loads(text)["project"]
    assert project["optional-dependencies"]["torch"] == ["torch>=2.11,<2.14"]
    assert [each for each in project["dependencies"] if each.startswith("torch")] == []
    packages = [
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ]
    lines = [line.strip() for line in text.splitlines()]
    reasons = [line for line in lines if line.startswith(tuple(f'"{each}' for each in packages)) and "# " in line]
    assert len(reasons) == len(packages)


def test_every_folder_that_the_readme_names_is_there():
    for folder in re.findall(r"^    ((?:[a-z_]+/)+)", README, flags=re.MULTILINE):
        assert (KIT / folder).is_dir(), folder
