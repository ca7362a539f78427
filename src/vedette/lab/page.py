"""A proof as one HTML page: takes a proof, gives a page that loads nothing and runs no script."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template

from vedette.lab.prove import Case, Cell, Proof
from vedette.syntax.visible import visible


def proof_page(proof: Proof) -> str:
    """A matrix of tests and queries for each detection, then what is not as claimed."""
    return _template().render(
        matrices=[_matrix(cells) for cells in _by_detection(proof.cells)],
        differences=[_cell(cell) for cell in proof.differences],
        unproven=[
            *((visible(d.title), visible(reason)) for d, reason in proof.unproven),
            *((visible(p.source.name), visible(str(p))) for p in proof.unread),
        ],
        skipped=[(visible(d.title), visible(case.title)) for d, case in proof.skipped],
        held=len(proof.cells) - len(proof.differences),
        all=len(proof.cells),
    )


@cache
def _template() -> Template:
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    text = files("vedette.lab").joinpath("page.html").read_text(encoding="utf-8")
    return environment.from_string(text)


def _by_detection(cells: Iterable[Cell]) -> list[list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        found.setdefault(cell.detection.id, []).append(cell)
    return list(found.values())


def _matrix(cells: list[Cell]) -> dict[str, object]:
    platforms = list(dict.fromkeys(cell.platform for cell in cells))
    rows: dict[Case, dict[str, Cell]] = {}
    for cell in cells:
        rows.setdefault(cell.case, {})[cell.platform] = cell
    return {
        "title": visible(cells[0].detection.title),
        "platforms": platforms,
        "rows": [
            {
                "label": visible(case.label),
                "title": visible(case.title),
                "kind": "quiet" if case.quiet else "test",
                "cells": [_cell(found[p]) if p in found else None for p in platforms],
            }
            for case, found in rows.items()
        ],
    }


def _cell(cell: Cell) -> dict[str, object]:
    return {
        "word": cell.word,
        "holds": cell.holds,
        "claim": cell.claim,
        "detection": visible(cell.detection.id),
        "platform": cell.platform,
        "case": visible(f"{cell.case.label} {cell.case.title}"),
        "reason": visible(cell.reason),
        "repairs": ", ".join(cell.repairs),
    }
