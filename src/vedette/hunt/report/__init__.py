"""A hunt's report as one HTML page, that loads and runs nothing: takes a report, gives text.

The page has no script, its policy allows none, and what logs and rules say is escaped and cut.
"""

from __future__ import annotations

import datetime as dt
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from vedette import __version__
from vedette.hunt.outcome import HuntReport
from vedette.hunt.report import timeline as drawing
from vedette.hunt.report.view import KINDS, page_view
from vedette.hunt.words import moment_text


def report_page(report: HuntReport, at: dt.datetime | None = None) -> str:
    """The page, dated *at* (the present where it is not given)."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(_part("page.html"))
    moment = (at or dt.datetime.now(dt.UTC)).replace(microsecond=0)
    return template.render(
        view=page_view(report),
        timeline=drawing.timeline(report, KINDS),
        drawing=drawing,
        style=Markup(_part("page.css")),  # noqa: S704 - ours, from beside this file
        at=moment_text(moment),
        version=__version__,
    )


def _part(name: str) -> str:
    return files("vedette.hunt.report").joinpath(name).read_text(encoding="utf-8")
