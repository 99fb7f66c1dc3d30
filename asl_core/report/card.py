"""A model card in Markdown, with the sections of Mitchell et al. (2019): Model cards for model
reporting, FAT*; its header is as model hubs read it."""

import json
import re
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from asl_core.report import tables, words
from asl_core.report.content import RunReport
from asl_core.report.page import TEMPLATES
from asl_core.report.reproduce import train_commands
from asl_core.runs.describe import images_of

_SET = re.compile(r"[!-$&*+<-@\[-`{-~]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""What Markdown may find something in, within a line: CommonMark takes each for itself after a
backslash, and nobody makes a link of an address with one."""


def to_markdown(report: RunReport) -> str:
    """The card. Whatever a visitor may have written is escaped: Markdown finds nothing in it."""
    return MARKDOWN.get_template("card.md").render(
        report=report,
        run=report.run,
        header=Markup(_header(report)),
        table=_table,
        tables=tables,
        words=words,
        commands=[Markup(line) for line in train_commands(report.run)],
    )


def escape(text: object) -> str:
    """A text as Markdown that shows it; what is Markdown already (`Markup`) stays."""
    if isinstance(text, Markup):
        return str(text)
    line = " ".join(str(text).split())
    return _SET.sub(r"\\\g<0>", line)


def _table(found: tables.Table) -> Markup:
    """A table with its caption, as Markdown."""
    rows = [map(escape, row) for row in (found.head, *found.rows)]
    head, *body = [f"| {' | '.join(row)} |" for row in rows]
    line = "|" + "---|" * len(found.head)
    return Markup("\n".join([f"{escape(found.caption)}:", "", head, line, *body]))


MARKDOWN = Environment(  # this is no HTML: `escape` takes its place
    loader=FileSystemLoader(TEMPLATES),
    finalize=escape,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


def _header(report: RunReport) -> str:
    """YAML, a value per line; each is written as JSON, which is YAML too."""
    metrics = [
        {"type": "accuracy", "name": "Test accuracy", "value": report.evaluation.accuracy},
        {"type": "f1", "name": "Macro F1", "value": report.macro.f1},
    ]
    result = {
        "task": {"type": "image-classification"},
        "dataset": {"name": _printable(images_of(report.run)), "type": "imagefolder"},
        "metrics": metrics,
    }
    values: dict[str, Any] = {
        "library_name": "keras",
        "pipeline_tag": "image-classification",
        "tags": ["image-classification", "keras", "tflite"],
        "metrics": ["accuracy", "f1"],
        "model-index": [{"name": _printable(report.name), "results": [result]}],
    }
    lines = (f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in values.items())
    return "\n".join(lines)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
