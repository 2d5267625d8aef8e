"""The template's home: what is put there for it before it starts."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest

from autograder.trusted.execution.template_process import PROCESS, TemplateProcess


@contextmanager
def handed_over():
    """The names of what a template finds in its folder for matplotlib; its own list, which it may add, is of no v1."""
    template = TemplateProcess(1, [], PROCESS)
    try:
        yield {path.name for path in (template.home / "matplotlib").iterdir()}
    finally:
        template.abandon()


def test_the_machines_list_of_fonts_is_made_once_and_not_by_each_template(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path))
    (tmp_path / "fontlist-v1.json").write_text("{}")
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 40")
    with handed_over() as names:
        assert "fontlist-v1.json" in names
        assert "matplotlibrc" not in names


@pytest.mark.parametrize("kind", ["a pipe", "nothing", "no folder"])
def test_what_is_no_list_of_fonts_holds_up_no_template(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "kept" if kind == "no folder" else tmp_path))
    if kind == "a pipe":
        os.mkfifo(tmp_path / "fontlist-v1.json")
    with handed_over() as names:
        assert "fontlist-v1.json" not in names
