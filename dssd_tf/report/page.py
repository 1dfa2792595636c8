"""The HTML page: the sections' data set into their templates."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from dssd_tf.files import write_text
from dssd_tf.report.formats import FILTERS
from dssd_tf.report.notices import Notice, notices
from dssd_tf.report.run import Run, read_run
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.sections import SECTIONS
from dssd_tf.version import __version__

STYLES = ("theme.css", "tables.css", "report.css")


def write_report(run_dir: Path, *, target: Path | None = None) -> Path:
    """Write a run's folder as one HTML page that needs nothing but itself.

    The page depends on the folder's files alone: the same folder gives the same bytes. A part
    whose file is not there yet is replaced by one line that names the file and the command.

    Args:
        run_dir: The run's folder; `metrics.json` must be in it.
        target: Where the page goes; `report.html` in the run's folder by default.

    Returns:
        The path of the page.

    Raises:
        DssdError: The folder or `metrics.json` is missing, a file in it is damaged, or the page
            could not be written.
    """
    run_dir = Path(run_dir)
    target = Path(target) if target is not None else run_dir / "report.html"
    write_text(target, render_page(read_run(run_dir)))
    return target


def render_page(run: Run) -> str:
    """The page's HTML text."""
    return render_sections(run, SECTIONS, kind="Run report", title=run.name, notices=notices(run))


def render_sections(
    subject: Any,
    sections: Sequence[Section],
    *,
    kind: str,
    title: str,
    notices: Sequence[Notice],
) -> str:
    """The HTML text of a page.

    Args:
        subject: What the sections are built from.
        sections: In their order.
        kind: What the page is.
        title: Its heading.
        notices: What stands above the sections.
    """
    loader = PackageLoader("dssd_tf", "report")
    # Every value is escaped; only this package's own style sheet and figures are markup.
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    style = "\n".join(loader.get_source(environment, name)[0] for name in STYLES)
    return environment.get_template("report.html.j2").render(
        kind=kind,
        title=title,
        notices=notices,
        style=Markup(style),
        sections=[_entry(subject, section) for section in sections],
        version=__version__,
    )


def _entry(subject: Any, section: Section) -> dict[str, Any]:
    data = section.build(subject)
    missing = data if isinstance(data, Missing) else None
    return {
        "name": section.name,
        "title": section.title,
        "template": section.template,
        "data": None if missing else data,
        "missing": missing,
    }
