"""Results as JUnit XML, by the schema that Jenkins publishes (xunit-plugin, junit-10.xsd).

A student's notebook is a test suite; a check is a test case. A wrong answer is a failure; an exception, a timeout
or a crash is an error; a check that was not attempted or was blocked is skipped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from autograder.trusted.results import outcomes
from autograder.trusted.results.records import hints_to_show, kept_sentence
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.trusted.results.records import CheckRecord, NotebookRecord

_MAX_TEXT = 2_000
_ELEMENTS = {
    outcomes.FAILED: "failure",
    outcomes.RAISED: "error",
    outcomes.TIMEOUT: "error",
    outcomes.CRASHED: "error",
    outcomes.OUT_OF_MEMORY: "error",
    outcomes.NOT_ATTEMPTED: "skipped",
    outcomes.BLOCKED: "skipped",
    outcomes.BY_HAND: "skipped",
}


def junit_xml(graded: Iterable[NotebookRecord], assignment: str) -> str:
    """The records as one XML document, with the points in each suite's properties."""
    root = ET.Element("testsuites", name=one_line(assignment))
    for record in graded:
        root.append(_suite(record))
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    root.set("time", _seconds(sum(float(suite.get("time", "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(record: NotebookRecord) -> ET.Element:
    name = one_line(f"{record.student} / {record.notebook}")
    suite = ET.Element("testsuite", name=name)
    properties = ET.SubElement(suite, "properties")
    for key, value in (
        ("student", record.student),
        ("notebook", record.notebook),
        ("status", record.status),
        ("earned", f"{record.earned:.10g}"),
        ("possible", f"{record.possible:.10g}"),
    ):
        ET.SubElement(properties, "property", name=key, value=one_line(value))
    for exercise, marked in record.exercises.items():
        if marked.kept is not None:
            ET.SubElement(properties, "property", name=f"kept in {one_line(exercise)}", value=kept_sentence(marked))
    for exercise, marked in record.exercises.items():
        for check, hint in zip(marked.checks, hints_to_show(marked), strict=True):
            suite.append(_case(f"{one_line(record.student)}.{record.notebook}.{exercise}", check, hint))
    if not record.exercises:
        case = ET.SubElement(suite, "testcase", name=record.notebook, classname=one_line(record.student), time="0.000")
        ET.SubElement(case, "error", type=record.status, message=one_line(record.reason, _MAX_TEXT))
    suite.set("tests", str(len(suite.findall("testcase"))))
    for count, element in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(count, str(len(suite.findall(f"testcase/{element}"))))
    suite.set("time", _seconds(record.seconds))
    return suite


def _case(classname: str, check: CheckRecord, hint: str) -> ET.Element:
    case = ET.Element("testcase", name=one_line(check.name), classname=classname, time="0.000")
    if check.outcome != outcomes.PASSED:
        why = one_line(check.message or check.outcome, _MAX_TEXT)
        told = ET.SubElement(case, _ELEMENTS.get(check.outcome, "failure"), type=check.outcome, message=why)
        told.text = "\n".join(
            one_line(line, _MAX_TEXT) for line in (f"0 of {check.points:g} points", check.title, why, hint) if line
        )
    return case


def _seconds(value: float) -> str:
    return f"{value:.3f}"
