"""nbgrader_config.py is where a course's settings live: read by everybody, and never run."""

from __future__ import annotations

import os

import pytest

from autograder.errors import UsageError
from autograder.trusted.assignment.course import KIT, Course, assignments_of
from autograder.trusted.assignment.course_settings import CONFIG, CourseSettings, as_config, settings_of


def configured(root, text):
    (root / CONFIG).write_text(text, encoding="utf-8")
    return root


def test_a_course_without_the_file_has_the_usual_folders(tmp_path):
    assert settings_of(tmp_path) == CourseSettings()


def test_this_course_says_its_name():
    assert settings_of(KIT).course_id == "comp90051"


def test_folders_and_preloads_are_read(tmp_path):
    text = 'c.CourseDirectory.source_directory = "written"\nc.CourseDirectory.submitted_directory = "in"\n'
    settings = settings_of(configured(tmp_path, text + 'c.Autograder.preload = ["json", "os.path"]\n'))
    assert settings == CourseSettings(source="written", submitted="in", preload=("json", "os.path"))


def test_a_course_has_its_folders_where_the_file_says(tmp_path):
    configured(tmp_path, 'c.CourseDirectory.source_directory = "a/b"\nc.CourseDirectory.release_directory = "r"\n')
    (tmp_path / "a" / "b" / "week01").mkdir(parents=True)
    (tmp_path / "a" / "b" / "week01" / "x.ipynb").touch()
    course = Course(tmp_path)
    assert assignments_of(tmp_path) == ["week01"]
    assert course.source == tmp_path / "a" / "b" / "week01"
    assert course.release == tmp_path / "r" / "week01"


def test_an_edit_is_seen(tmp_path):
    assert settings_of(configured(tmp_path, "")).preload == ()
    configured(tmp_path, 'c.Autograder.preload = "json"')
    os.utime(tmp_path / CONFIG, ns=(1, 1))
    assert settings_of(tmp_path).preload == ("json",)


def test_the_file_is_never_run(tmp_path):
    trace = tmp_path / "trace"
    settings_of(configured(tmp_path, f"open({str(trace)!r}, 'w')\nc.CourseDirectory.course_id = 'x'\n"))
    assert not trace.exists()


def test_settings_survive_being_written(tmp_path):
    settings = CourseSettings("id'\"", "s", "r", "h", ("json",), 3)
    assert settings_of(configured(tmp_path, as_config(settings))) == settings


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("c.CourseDirectory.source_directory = '/etc'", "line 1: .*_directory is '/etc': name a folder"),
        ("c.CourseDirectory.source_directory = '../other'", "name a folder inside the course"),
        ("c.CourseDirectory.release_directory = ''", "name a folder inside the course"),
        ("\nc.CourseDirectory.source_directory = where()", "line 2: .*_directory: write it as plain text"),
        ("c.Autograder.preload = [1]", "write it as plain text"),
        ("c.Autograder.preload = ['no module']", "'no module' is no module's name"),
        ("c.Autograder.preloads = []", "is no setting of the kit's: there are preload and patience"),
        ("c.Autograder.patience = 0", "line 1: .*patience: write it as a number from 1 to 100"),
        ("c.Autograder.patience = '2'", "line 1: .*patience: write it as a number from 1 to 100"),
        ("c = (", "line 1: this is not Python"),
        ("\0", "is not Python|cannot be read"),
        ("a" + "()" * 100_000, "cannot be read|is not Python"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_its_line(tmp_path, text, told):
    with pytest.raises(UsageError, match=told):
        settings_of(configured(tmp_path, text))
