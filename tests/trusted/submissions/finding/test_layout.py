"""Who is who, as a table: what stands where, and whose notebook each file is, or what is to be looked at.

A layout's files hold WORK on the notebook in their names, if they are not given a text of their own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.submissions.find import find_submissions
from autograder.trusted.submissions.submission import Submission

COURSE = Course(KIT)
RELEASED = {name: (COURSE.release / f"{name}.ipynb").read_bytes() for name in COURSE.notebooks}
PERCEPTRON = b"""import torch

def activation(s):
    return torch.ones(3)

def predict(w, X):
    return X @ w


def update(w, x, y, eta=1.0):
    return w
"""
PART = (
    b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "metadata": {},'
    b'"outputs": [], "execution_count": null, "source": "def margin(w, X, y):\\n    return w"}]}'
)
EMPTY = b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}'


@dataclass
class Layout:
    """What is called what, with a text where it matters; where `grade` is pointed to; and what is to be found.

    `found` maps a student to {notebook: file}; `look` a student to what a sentence to be looked at must name.
    """

    sentence: str
    files: list[str]
    found: dict[str, dict[str, str]]
    look: dict[str, str] = field(default_factory=dict)
    named: str = "class"
    texts: dict[str, bytes] = field(default_factory=dict)


def p(file: str) -> dict[str, str]:
    return {"perceptron": file}


BB = "Week 6_{}_attempt_2026-03-0{}-10-11-12_{}"
LAYOUTS = [
    # nbgrader
    Layout(
        "nbgrader's tree",
        ["class/ada/week06/perceptron.ipynb", "class/bao/week06/chain_rule.ipynb"],
        {"ada": p("ada/week06/perceptron.ipynb"), "bao": {"chain_rule": "bao/week06/chain_rule.ipynb"}},
    ),
    Layout(
        "a student of another week",
        ["class/ada/week06/perceptron.ipynb", "class/bao/week05/perceptron.ipynb"],
        {"ada": p("ada/week06/perceptron.ipynb")},
    ),
    Layout(
        "the week as people call it",
        ["class/ada/Week 6/perceptron.ipynb", "class/bao/week06/perceptron.ipynb"],
        {"ada": p("ada/Week 6/perceptron.ipynb"), "bao": p("bao/week06/perceptron.ipynb")},
    ),
    Layout(
        "a week within the week",
        ["class/ada/week06/week06/perceptron.ipynb"],
        {"ada": p("ada/week06/week06/perceptron.ipynb")},
    ),
    Layout(
        "a folder within the week",
        ["class/ada/week06/my work/perceptron.ipynb"],
        {"ada": p("ada/week06/my work/perceptron.ipynb")},
    ),
    Layout(
        "work beside the week's folder",
        ["class/ada/week06/chain_rule.ipynb", "class/ada/perceptron.ipynb"],
        {"ada": {"chain_rule": "ada/week06/chain_rule.ipynb", "perceptron": "ada/perceptron.ipynb"}},
        {"ada": "perceptron.ipynb"},
    ),
    Layout(
        "a folder beside others' week folders",
        ["class/ada/hw/perceptron.ipynb", "class/bao/week06/perceptron.ipynb"],
        {"ada": p("ada/hw/perceptron.ipynb"), "bao": p("bao/week06/perceptron.ipynb")},
    ),
    Layout(
        "everything below submitted is its student's",
        ["submitted/bob/week06/perceptron.ipynb"],
        {"bob": p("week06/perceptron.ipynb")},
        named="submitted/bob",
    ),
    Layout(
        "a student's folder by its week",
        ["submitted/bob/week06/perceptron.ipynb"],
        {"bob": p("perceptron.ipynb")},
        named="submitted/bob/week06",
    ),
    Layout(
        "a student's folder by the week within",
        ["submitted/bob/week06/week06/perceptron.ipynb"],
        {"bob": p("perceptron.ipynb")},
        named="submitted/bob/week06/week06",
    ),
    Layout(
        "a student's folder with a folder in it",
        ["submitted/bob/solutions/perceptron.ipynb"],
        {"bob": p("solutions/perceptron.ipynb")},
        named="submitted/bob",
    ),
    Layout(
        "a file that claims to be another's",
        ["submitted/bob/week06/ada_perceptron.ipynb"],
        {"bob": p("ada_perceptron.ipynb")},
        named="submitted/bob/week06/ada_perceptron.ipynb",
    ),
    Layout(
        "a student's folder elsewhere",
        ["class/bob/week06/perceptron.ipynb", "class/bob/week05/perceptron.ipynb"],
        {"bob": p("week06/perceptron.ipynb")},
        named="class/bob",
    ),
    Layout(
        "a course's root",
        [
            "course/nbgrader_config.py",
            "course/source/week06/perceptron.ipynb",
            "course/release/week06/perceptron.ipynb",
            "course/submitted/ada/week06/perceptron.ipynb",
        ],
        {"ada": p("submitted/ada/week06/perceptron.ipynb")},
        named="course",
    ),
    Layout(
        "the week as the class's folder",
        ["class/week06/ada/perceptron.ipynb", "class/week06/bao/perceptron.ipynb"],
        {"ada": p("week06/ada/perceptron.ipynb"), "bao": p("week06/bao/perceptron.ipynb")},
    ),
    # flat
    Layout(
        "files by student",
        ["class/ada_perceptron.ipynb", "class/Mary Ann-perceptron (2).ipynb"],
        {"ada": p("ada_perceptron.ipynb"), "Mary Ann": p("Mary Ann-perceptron (2).ipynb")},
    ),
    Layout(
        "the student after the notebook",
        ["class/perceptron_ada.ipynb", "class/Perceptron - bao.ipynb"],
        {"ada": p("perceptron_ada.ipynb"), "bao": p("Perceptron - bao.ipynb")},
    ),
    Layout(
        "files and folders of students",
        ["class/ada_perceptron.ipynb", "class/bao/perceptron.ipynb"],
        {"ada": p("ada_perceptron.ipynb"), "bao": p("bao/perceptron.ipynb")},
    ),
    Layout(
        "one student's downloads",
        ["ada/perceptron.ipynb", "ada/rest/chain_rule.ipynb"],
        {"ada": {"perceptron": "perceptron.ipynb", "chain_rule": "rest/chain_rule.ipynb"}},
        named="ada",
    ),
    Layout(
        "a release that lies beside students",
        ["class/perceptron.ipynb", "class/ada/perceptron.ipynb", "class/bao/perceptron.ipynb"],
        {"class": p("perceptron.ipynb"), "ada": p("ada/perceptron.ipynb"), "bao": p("bao/perceptron.ipynb")},
    ),
    Layout(
        "copies and versions",
        [
            "class/ada/Copy of perceptron.ipynb",
            "class/bao/perceptron_final.ipynb",
            "class/cleo/perceptron - Copy (2).ipynb",
        ],
        {
            "ada": p("ada/Copy of perceptron.ipynb"),
            "bao": p("bao/perceptron_final.ipynb"),
            "cleo": p("cleo/perceptron - Copy (2).ipynb"),
        },
    ),
    Layout(
        "a copy in a shared folder names no student",
        ["s01/Copy of perceptron.ipynb", "s01/week06_chain_rule.ipynb"],
        {"s01": {"perceptron": "Copy of perceptron.ipynb", "chain_rule": "week06_chain_rule.ipynb"}},
        named="s01",
    ),
    # Canvas
    Layout(
        "Canvas's names",
        [
            "class/roejane_90311_77810_tensor_ops.ipynb",
            "class/roejane_LATE_90311_77810_perceptron-1.ipynb",
            "class/roejane_LATE_90311_77810_perceptron-2.ipynb",
        ],
        {
            "roejane_90311": {
                "tensor_ops": "roejane_90311_77810_tensor_ops.ipynb",
                "perceptron": "roejane_LATE_90311_77810_perceptron-2.ipynb",
            }
        },
    ),
    Layout(
        "Canvas's later attachment",
        ["class/roejane_90311_99810_perceptron.ipynb", "class/roejane_90311_77810_perceptron-3.ipynb"],
        {"roejane_90311": p("roejane_90311_99810_perceptron.ipynb")},
    ),
    Layout(
        "two of one name in Canvas",
        ["class/roejane_90311_77810_perceptron.ipynb", "class/roejane_90312_77811_perceptron.ipynb"],
        {
            "roejane_90311": p("roejane_90311_77810_perceptron.ipynb"),
            "roejane_90312": p("roejane_90312_77811_perceptron.ipynb"),
        },
    ),
    Layout(
        "Canvas's anonymous names",
        ["class/anon_x7Yq2_77810_perceptron.ipynb"],
        {"anon_x7Yq2": p("anon_x7Yq2_77810_perceptron.ipynb")},
    ),
    Layout(
        "a zip in Canvas",
        ["class/roejane_90311_77810_week06.zip", "class/doe_5_777_perceptron.ipynb"],
        {"roejane_90311": {}, "doe_5": p("doe_5_777_perceptron.ipynb")},
        {"roejane_90311": "week06.zip"},
    ),
    Layout(
        "a page in Canvas",
        ["class/roejane_90311_77810_report.pdf", "class/doe_5_777_perceptron.ipynb"],
        {"roejane_90311": {}, "doe_5": p("doe_5_777_perceptron.ipynb")},
        {"roejane_90311": "report.pdf"},
    ),
    Layout(
        "a date is no number of Canvas's",
        ["class/ada_2026_06_perceptron.ipynb"],
        {"ada_2026_06": p("ada_2026_06_perceptron.ipynb")},
    ),
    # Moodle
    Layout(
        "Moodle's folders",
        [
            "class/Jane Roe_88123_assignsubmission_file_/perceptron.ipynb",
            "class/Max Okoro_88124_assignsubmission_file/chain_rule.ipynb",
        ],
        {
            "Jane Roe_88123": p("Jane Roe_88123_assignsubmission_file_/perceptron.ipynb"),
            "Max Okoro_88124": {"chain_rule": "Max Okoro_88124_assignsubmission_file/chain_rule.ipynb"},
        },
    ),
    Layout(
        "Moodle without folders",
        ["class/Jane Roe_88123_assignsubmission_file_perceptron.ipynb"],
        {"Jane Roe_88123": p("Jane Roe_88123_assignsubmission_file_perceptron.ipynb")},
    ),
    Layout(
        "a file and a text in Moodle",
        [
            "class/Jane Roe_88123_assignsubmission_file_/perceptron.ipynb",
            "class/Jane Roe_88123_assignsubmission_onlinetext_/onlinetext.html",
        ],
        {"Jane Roe_88123": p("Jane Roe_88123_assignsubmission_file_/perceptron.ipynb")},
        {"Jane Roe_88123": "onlinetext.html"},
    ),
    Layout(
        "an empty folder of Moodle's",
        [
            "class/Jane Roe_88123_assignsubmission_file_/",
            "class/Max Okoro_88124_assignsubmission_file_/perceptron.ipynb",
        ],
        {"Jane Roe_88123": {}, "Max Okoro_88124": p("Max Okoro_88124_assignsubmission_file_/perceptron.ipynb")},
    ),
    Layout(
        "one folder of Moodle's",
        ["class/Jane Roe_88123_assignsubmission_file_/perceptron.ipynb"],
        {"Jane Roe_88123": p("perceptron.ipynb")},
        named="class/Jane Roe_88123_assignsubmission_file_",
    ),
    Layout(
        "an unpacked download",
        ["class/COMP90051-Week 6-1234/Jane Roe_88123_assignsubmission_file_/perceptron.ipynb"],
        {"Jane Roe_88123": p("COMP90051-Week 6-1234/Jane Roe_88123_assignsubmission_file_/perceptron.ipynb")},
    ),
    # Brightspace
    Layout(
        "Brightspace's folders, the latest attempt",
        [
            "class/1234-5678 - Jane Roe - Mar 1, 2026 1011 AM/perceptron.ipynb",
            "class/1234-5678 - Jane Roe - Mar 1, 2026 101 PM/perceptron.ipynb",
            "class/index.html",
        ],
        {"Jane Roe_1234": p("1234-5678 - Jane Roe - Mar 1, 2026 101 PM/perceptron.ipynb")},
    ),
    Layout(
        "Brightspace without folders",
        [
            "class/1234-5678 - Jane Roe - Mar 1, 2026 1011 AM - perceptron.ipynb",
            "class/1235-5678 - Jane Roe - Mar 2, 2026 1011 AM - perceptron.ipynb",
        ],
        {
            "Jane Roe_1234": p("1234-5678 - Jane Roe - Mar 1, 2026 1011 AM - perceptron.ipynb"),
            "Jane Roe_1235": p("1235-5678 - Jane Roe - Mar 2, 2026 1011 AM - perceptron.ipynb"),
        },
    ),
    # Blackboard
    Layout(
        "Blackboard's names, the latest attempt",
        [
            "class/" + BB.format("jroe", 1, "perceptron.ipynb"),
            "class/" + BB.format("jroe", 2, "perceptron.ipynb"),
            "class/" + BB.format("mokoro", 1, "chain_rule.ipynb"),
            "class/Week 6_jroe_attempt_2026-03-02-10-11-12.txt",
        ],
        {
            "jroe": p(BB.format("jroe", 2, "perceptron.ipynb")),
            "mokoro": {"chain_rule": BB.format("mokoro", 1, "chain_rule.ipynb")},
        },
    ),
    Layout(
        "Blackboard's users with a _",
        ["class/" + BB.format("a_roe", 1, "perceptron.ipynb"), "class/" + BB.format("b_roe", 2, "perceptron.ipynb")],
        {"a_roe": p(BB.format("a_roe", 1, "perceptron.ipynb")), "b_roe": p(BB.format("b_roe", 2, "perceptron.ipynb"))},
    ),
    # endings, archives, other names
    Layout(
        "endings",
        [
            "class/ada/perceptron.ipynb.json",
            "class/bao/perceptron.ipynb.txt",
            "class/cleo/PERCEPTRON.IPYNB",
            "class/dee/perceptron.ipynb (1).txt",
        ],
        {
            "ada": p("ada/perceptron.ipynb.json"),
            "bao": p("bao/perceptron.ipynb.txt"),
            "cleo": p("cleo/PERCEPTRON.IPYNB"),
            "dee": p("dee/perceptron.ipynb (1).txt"),
        },
    ),
    Layout(
        "a notebook that is called a text",
        ["class/ada/perceptron.json", "class/bao/notebook.txt"],
        {"ada": p("ada/perceptron.json"), "bao": p("bao/notebook.txt")},
        texts={"class/bao/notebook.txt": PERCEPTRON},
    ),
    Layout(
        "a zip in a student's folder",
        ["class/ada/week06/work.zip", "class/bao/week06/perceptron.ipynb"],
        {"ada": {}, "bao": p("bao/week06/perceptron.ipynb")},
        {"ada": "work.zip"},
    ),
    Layout(
        "zips by student",
        ["class/ada.zip", "class/bao_perceptron.ipynb", "class/bao_rest.zip"],
        {"ada": {}, "bao": p("bao_perceptron.ipynb")},
        {"ada": "ada.zip", "bao": "bao_rest.zip"},
    ),
    Layout(
        "work of any name",
        ["class/ada/week06/Untitled7.ipynb"],
        {"ada": p("ada/week06/Untitled7.ipynb")},
        texts={"class/ada/week06/Untitled7.ipynb": RELEASED["perceptron"]},
    ),
    Layout(
        "a part under another name",
        ["class/ada/week06/Untitled.ipynb"],
        {"ada": p("ada/week06/Untitled.ipynb")},
        {"ada": "Untitled.ipynb"},
        texts={"class/ada/week06/Untitled.ipynb": PART},
    ),
    Layout(
        "a part beside the rest",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/Untitled.ipynb"],
        {"ada": p("ada/week06/perceptron.ipynb")},
        {"ada": "Untitled.ipynb has work on margin"},
        texts={"class/ada/week06/perceptron.ipynb": PERCEPTRON, "class/ada/week06/Untitled.ipynb": PART},
    ),
    Layout(
        "what is no notebook of the assignment's",
        ["class/ada/week06/essay.ipynb", "class/bao/week06/essay.pdf"],
        {"ada": {}, "bao": {}},
        {"ada": "essay.ipynb", "bao": "essay.pdf"},
        texts={"class/ada/week06/essay.ipynb": EMPTY},
    ),
    Layout(
        "what systems leave is nobody's",
        [
            "class/__MACOSX/ada/._perceptron.ipynb",
            "class/ada/perceptron.ipynb",
            "class/ada/__MACOSX/perceptron.ipynb",
            "class/ada/._perceptron.ipynb",
            "class/._ada_perceptron.ipynb",
            "class/ada/.ipynb_checkpoints/perceptron-checkpoint.ipynb",
        ],
        {"ada": p("ada/perceptron.ipynb")},
    ),
    # work
    Layout(
        "an untouched release beside work",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/perceptron (1).ipynb"],
        {"ada": p("ada/week06/perceptron (1).ipynb")},
        texts={"class/ada/week06/perceptron.ipynb": RELEASED["perceptron"]},
    ),
    Layout(
        "a broken file beside work",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/perceptron-2.ipynb"],
        {"ada": p("ada/week06/perceptron-2.ipynb")},
        texts={"class/ada/week06/perceptron.ipynb": b""},
    ),
    Layout(
        "an untouched release beside a script",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/perceptron.py"],
        {"ada": p("ada/week06/perceptron.py")},
        texts={"class/ada/week06/perceptron.ipynb": RELEASED["perceptron"]},
    ),
    Layout(
        "an untouched release beside work of another name",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/hw.ipynb"],
        {"ada": p("ada/week06/hw.ipynb")},
        texts={"class/ada/week06/perceptron.ipynb": RELEASED["perceptron"], "class/ada/week06/hw.ipynb": PERCEPTRON},
    ),
    Layout(
        "an untouched release in a later attempt",
        ["class/roejane_90311_77810_perceptron.ipynb", "class/roejane_90311_77811_perceptron-1.ipynb"],
        {"roejane_90311": p("roejane_90311_77810_perceptron.ipynb")},
        texts={"class/roejane_90311_77811_perceptron-1.ipynb": RELEASED["perceptron"]},
    ),
    Layout(
        "nothing but untouched releases",
        ["class/ada/week06/perceptron.ipynb", "class/ada/week06/perceptron (1).ipynb"],
        {"ada": p("ada/week06/perceptron.ipynb")},
        texts=dict.fromkeys(
            ["class/ada/week06/perceptron.ipynb", "class/ada/week06/perceptron (1).ipynb"], RELEASED["perceptron"]
        ),
    ),
    # groups
    Layout(
        "a group's folder",
        ["class/jroe+mokoro/week06/perceptron.ipynb"],
        {"jroe": p("jroe+mokoro/week06/perceptron.ipynb"), "mokoro": p("jroe+mokoro/week06/perceptron.ipynb")},
    ),
    Layout(
        "a group's file",
        ["class/jroe+mokoro_perceptron.ipynb"],
        {"jroe": p("jroe+mokoro_perceptron.ipynb"), "mokoro": p("jroe+mokoro_perceptron.ipynb")},
    ),
    Layout(
        "one of a group with work of their own",
        ["class/jroe+mokoro/perceptron.ipynb", "class/jroe/perceptron.ipynb"],
        {"jroe": p("jroe/perceptron.ipynb"), "mokoro": p("jroe+mokoro/perceptron.ipynb")},
        {"jroe": "jroe+mokoro/perceptron.ipynb has work"},
        texts={"class/jroe/perceptron.ipynb": PERCEPTRON + b"\n"},
    ),
    Layout(
        "a group's file that is a copy of a member's",
        ["class/jroe+mokoro/perceptron.ipynb", "class/jroe/perceptron.ipynb"],
        {"jroe": p("jroe/perceptron.ipynb"), "mokoro": p("jroe+mokoro/perceptron.ipynb")},
    ),
    Layout(
        "a folder for each notebook",
        ["ada/perceptron/perceptron.ipynb", "ada/chain_rule/chain_rule.ipynb"],
        {"ada": {"perceptron": "perceptron/perceptron.ipynb", "chain_rule": "chain_rule/chain_rule.ipynb"}},
        named="ada",
    ),
    Layout(
        "tutorials of students",
        ["class/tut1/ada/week06/perceptron.ipynb", "class/tut2/bao/week06/perceptron.ipynb"],
        {"ada": p("tut1/ada/week06/perceptron.ipynb"), "bao": p("tut2/bao/week06/perceptron.ipynb")},
    ),
    Layout(
        "an unpacked folder of files by student",
        ["class/downloads/ada_perceptron.ipynb", "class/downloads/bao_perceptron.ipynb"],
        {"ada": p("downloads/ada_perceptron.ipynb"), "bao": p("downloads/bao_perceptron.ipynb")},
    ),
    Layout(
        "a zip of Canvas's that was unpacked",
        ["class/roejane_90311_77810_week06/perceptron.ipynb", "class/roejane_90311_77811_chain_rule.ipynb"],
        {
            "roejane_90311": {
                "perceptron": "roejane_90311_77810_week06/perceptron.ipynb",
                "chain_rule": "roejane_90311_77811_chain_rule.ipynb",
            }
        },
    ),
    Layout(
        "two folders of one student with different work",
        ["submitted/ada/one/perceptron.ipynb", "submitted/ada/two/perceptron.ipynb"],
        {"ada": p("one/perceptron.ipynb")},
        {"ada": "two/perceptron.ipynb has work"},
        named="submitted/ada",
        texts={"submitted/ada/two/perceptron.ipynb": PERCEPTRON + b"\n"},
    ),
    Layout(
        "an untouched release in the week's folder, and work beside it",
        ["class/ada/week06/perceptron.ipynb", "class/ada/perceptron.ipynb"],
        {"ada": p("ada/perceptron.ipynb")},
        {"ada": "outside"},
        texts={"class/ada/week06/perceptron.ipynb": RELEASED["perceptron"]},
    ),
    Layout(
        "a folder that is called as a notebook",
        ["class/ada/week06/perceptron.ipynb/", "class/bao/week06/perceptron.ipynb/perceptron.ipynb"],
        {"ada": p("ada/week06/perceptron.ipynb"), "bao": p("bao/week06/perceptron.ipynb/perceptron.ipynb")},
    ),
    Layout(
        "nbgrader's exchange, the latest attempt",
        [
            "class/ada+week06+2026-03-01 10:11:12.5 UTC+ab/perceptron.ipynb",
            "class/ada+week06+2026-03-02 10:11:12 UTC/perceptron.ipynb",
        ],
        {"ada": p("ada+week06+2026-03-02 10:11:12 UTC/perceptron.ipynb")},
    ),
    Layout(
        "files that may be two students' or two versions",
        ["class/perceptron_01.ipynb", "class/perceptron_02.ipynb"],
        {"class": p("perceptron_01.ipynb")},
        {"class": "perceptron_02.ipynb has work"},
        texts={"class/perceptron_02.ipynb": PERCEPTRON + b"\n"},
    ),
    Layout(
        "an address with a +",
        ["class/jane+comp@uni.edu/perceptron.ipynb"],
        {"jane+comp@uni.edu": p("jane+comp@uni.edu/perceptron.ipynb")},
    ),
    Layout(
        "a group's folder by its name",
        ["submitted/jroe+mokoro/week06/perceptron.ipynb"],
        {"jroe": p("week06/perceptron.ipynb"), "mokoro": p("week06/perceptron.ipynb")},
        named="submitted/jroe+mokoro",
    ),
]


def laid_out(layout: Layout, root: Path) -> Path:
    for name in layout.files:
        path = root / name
        if name.endswith("/"):
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(layout.texts.get(name, PERCEPTRON if "perceptron" in name.casefold() else EMPTY))
        os.utime(path, (1_000_000_000 - len(name), 1_000_000_000 - len(name)))
    return root / layout.named


def told(submissions: list[Submission], named: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for each in submissions:
        mine = found.setdefault(each.student, {})
        if each.path is not None:
            mine[each.notebook] = "" if each.path == named else each.path.relative_to(named).as_posix()
    return found


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.sentence)
def test_who_is_who(tmp_path, layout):
    named = laid_out(layout, tmp_path)
    submissions = find_submissions([named], "week06", COURSE.notebooks, COURSE.released)
    wanted = {
        student: {notebook: "" if named.is_file() else file for notebook, file in files.items()}
        for student, files in layout.found.items()
    }
    assert told(submissions, named) == wanted
    looked_at = {
        each.student: " ".join(s for x in submissions if x.student == each.student for s in x.needs_review)
        for each in submissions
    }
    for student in wanted:
        if student in layout.look:
            assert layout.look[student] in looked_at[student]
        else:
            assert looked_at[student] == ""


def test_the_table_has_at_least_forty_layouts_and_no_two_of_one_name():
    assert len({layout.sentence for layout in LAYOUTS}) == len(LAYOUTS) >= 40


@pytest.mark.parametrize(
    ("here", "named"),
    [
        ("submitted/bob", "."),
        ("submitted/bob/week06", "."),
        ("submitted/bob/week06", ".."),
        ("submitted/bob/week06", "perceptron.ipynb"),
        ("submitted", "bob"),
        ("submitted", "bob/"),
        ("submitted", "./bob/week06/"),
        ("submitted", "../submitted/bob"),
        ("submitted", "."),
        ("", "submitted"),
        ("", "."),
    ],
)
@pytest.mark.parametrize("root", ["course", "link"])
def test_however_a_students_folder_is_named_it_is_the_students(tmp_path, monkeypatch, here, named, root):
    layout = Layout("", ["course/nbgrader_config.py", "course/source/week06/x", "course/submitted/bob/week06/"], {})
    laid_out(layout, tmp_path)
    (tmp_path / "course/submitted/bob/week06/perceptron.ipynb").write_bytes(PERCEPTRON)
    (tmp_path / "link").symlink_to("course")
    monkeypatch.chdir(tmp_path / root / here)
    for path in (Path(named), tmp_path / root / here / named):
        found = find_submissions([path], "week06", COURSE.notebooks, COURSE.released)
        assert [(each.student, each.notebook) for each in found if each.path] == [("bob", "perceptron")]


def test_a_course_without_submissions_is_told_so(tmp_path):
    laid_out(Layout("", ["course/nbgrader_config.py", "course/release/week06/perceptron.ipynb"], {}), tmp_path)
    with pytest.raises(UsageError, match="submitted"):
        find_submissions([tmp_path / "course"], "week06", COURSE.notebooks, COURSE.released)
