"""Submitted files are opened where they are plain files of fair size, and nothing else is."""

from __future__ import annotations

import os

import pytest

from autograder.errors import NotebookUnreadable
from autograder.trusted.submissions import read
from autograder.trusted.submissions.read import read_bytes


def test_a_link_a_folder_a_pipe_and_a_device_are_no_notebooks(tmp_path):
    (tmp_path / "real.ipynb").write_bytes(b"{}")
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    (tmp_path / "device.ipynb").symlink_to("/dev/zero")
    for name in ("link", "folder", "pipe", "device", "nothing"):
        with pytest.raises(NotebookUnreadable):
            read_bytes(tmp_path / f"{name}.ipynb", tmp_path)
    assert read_bytes(tmp_path / "real.ipynb", tmp_path) == b"{}"


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(read, "MAX_NOTEBOOK_BYTES", 2**20)
    path = tmp_path / "huge.ipynb"
    with path.open("wb") as file:
        file.truncate(2**20 + 1)
    with pytest.raises(NotebookUnreadable, match="larger than 1 MiB"):
        read_bytes(path, tmp_path)
