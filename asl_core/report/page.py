"""A report as one HTML file, which opens from disk and asks for nothing from anywhere."""

import base64
import gzip
import hashlib
import json
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from asl_core.report import tables, words
from asl_core.report.content import RunReport
from asl_core.report.drawn import ROBUSTNESS, ReportFigure, figures_of
from asl_core.report.reproduce import train_commands

TEMPLATES = Path(__file__).with_name("templates")

_HTML = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def to_html(report: RunReport) -> str:
    """The file, about 2 MB: most of it is plotly.js, compressed.

    Whatever a visitor may have written is escaped; besides, the file tells the browser to run no
    script but its own two (by their hashes), and to load nothing.
    """
    style, script = _text("report.css"), _text("report.js")
    found = figures_of(report)
    return _HTML.get_template("report.html").render(
        report=report,
        run=report.run,
        tables=tables,
        words=words,
        commands=train_commands(report.run),
        figures=found,
        robustness=[figure for key, figure in found.items() if key.startswith(ROBUSTNESS)],
        policy=_policy(script, get_plotlyjs()),
        style=Markup(style),
        script=Markup(script),
        figures_json=_figures_json(found),
        plotly=Markup(_packed_plotly()),
    )


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text()


def _policy(*scripts: str) -> str:
    hashes = " ".join(f"'sha256-{_sha256(script)}'" for script in scripts)
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _packed_plotly() -> str:
    """plotly.js, of which the package has only the whole: 4.8 MB, gzipped and in base64 2 MB."""
    return base64.b64encode(gzip.compress(get_plotlyjs().encode(), mtime=0)).decode()


def _figures_json(figures: dict[str, ReportFigure]) -> Markup:
    """Data and layout of each figure, light and dark, in which no text can end a `<script>`."""
    values = {
        key: {mode: json.loads(figure.draw(mode).to_json()) for mode in ("light", "dark")}
        for key, figure in figures.items()
    }
    return Markup(json.dumps(values).replace("<", "\\u003c"))
