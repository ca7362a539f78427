"""Proofs as JSON and as JUnit XML: takes a proof, gives what other programs read."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree as ET

from vedette.lab.prove import Cell, Proof
from vedette.syntax.visible import visible

WHY_SKIPPED = "its records lie in real logs, and nobody named the folder of these"


def as_json(proof: Proof) -> dict[str, Any]:
    """The whole proof as one object."""
    return {
        "cells": [cell_json(cell) for cell in proof.cells],
        "differences": len(proof.differences),
        "unproven": [
            {"detection": detection.id, "reason": reason} for detection, reason in proof.unproven
        ],
        "skipped": [
            {"detection": d.id, "case": case.label, "title": case.title, "reason": WHY_SKIPPED}
            for d, case in proof.skipped
        ],
        "problems": [str(problem) for problem in proof.problems],
        "warnings": list(proof.warnings),
    }


def cell_json(cell: Cell) -> dict[str, Any]:
    """One query on one case."""
    return {
        "detection": cell.detection.id,
        "platform": cell.platform,
        "case": cell.case.label,
        "title": cell.case.title,
        "quiet": cell.case.quiet,
        "claim": cell.claim,
        "outcome": cell.word,
        "holds": cell.holds,
        "reason": cell.reason,
        "findings": cell.count,
        "repairs": list(cell.repairs),
        "records_of": cell.case.origin,
    }


def as_junit(proof: Proof) -> str:
    """The proof as JUnit XML: a suite a detection, a test case a cell."""
    root = ET.Element("testsuites", name="vedette prove")
    suites: dict[str, ET.Element] = {}
    for cell in proof.cells:
        id = cell.detection.id
        if id not in suites:
            suites[id] = ET.SubElement(root, "testsuite", name=id)
        name = visible(f"{cell.case.label} {cell.case.title}")
        case = ET.SubElement(suites[id], "testcase", name=name, classname=f"{id}.{cell.platform}")
        said = f"{cell.word}, not {cell.claim}" + (
            f": {visible(cell.reason)}" if cell.reason else ""
        )
        if cell.outcome == "untested":
            ET.SubElement(case, "skipped", message=visible(cell.reason))
        elif cell.outcome == "cannot run":
            ET.SubElement(case, "error", message=said)
        elif not cell.holds:
            ET.SubElement(case, "failure", message=said)
    for detection, skipped in proof.skipped:
        if detection.id not in suites:
            suites[detection.id] = ET.SubElement(root, "testsuite", name=detection.id)
        name = visible(f"{skipped.label} {skipped.title}")
        case = ET.SubElement(suites[detection.id], "testcase", name=name, classname=detection.id)
        ET.SubElement(case, "skipped", message=WHY_SKIPPED)
    for problem in proof.unread:
        name = visible(problem.source.name)
        if name not in suites:
            suites[name] = ET.SubElement(root, "testsuite", name=name)
        case = ET.SubElement(suites[name], "testcase", name="can be read", classname=name)
        ET.SubElement(case, "error", message=visible(str(problem)))
    for suite in (root, *suites.values()):
        for key, tag in (
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ):
            suite.set(key, str(sum(1 for _ in suite.iter(tag))))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
