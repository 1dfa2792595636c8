"""Figures as inline SVG that takes its colours and its font from the page."""

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"

# Matplotlib knows no CSS variables, so it draws in stand-in colours that are exchanged after.
_COLOURS = {
    "#0a0b0c": "var(--muted)",
    "#0d0e0f": "var(--line)",
    "#0a1a2a": "var(--series-1)",
    "#0b1b2b": "var(--series-2)",
}
_INK, _GRID, *_SERIES = _COLOURS
_DASHES = ("-", (0, (4, 2)))


@dataclass(frozen=True)
class Line:
    """One line of a figure: a name and a value for each x; not-a-number leaves a gap."""

    name: str
    values: Sequence[float]


def line_figure(
    name: str,
    x: Sequence[float],
    lines: Sequence[Line],
    *,
    label: str,
    x_label: str,
    y_label: str,
    mark: float | None = None,
    log_y: bool = False,
) -> Markup:
    """Draw up to two lines over `x`, told apart by colour and by dashes.

    Args:
        name: Starts the figure's element ids; unique in the page.
        x: Where the values lie.
        lines: What is drawn.
        label: The text alternative, which says what the figure shows.
        x_label: Name and unit of the horizontal axis.
        y_label: Name and unit of the vertical axis.
        mark: An x to mark by a vertical line.
        log_y: Whether the vertical axis is logarithmic.

    Returns:
        An `<svg>` element.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

    def draw(axes: "Axes") -> None:
        marker = "o" if len(x) == 1 else None
        for line, colour, dash in zip(lines, _SERIES, _DASHES, strict=False):
            axes.plot(x, line.values, color=colour, linestyle=dash, label=line.name, marker=marker)
        if mark is not None:
            axes.axvline(mark, color=_INK, linewidth=1, linestyle=":")
        if log_y:
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.yaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
        if len(lines) > 1:
            axes.legend(frameon=False, labelcolor=_INK)

    return _figure(name, draw, label=label, x_label=x_label, y_label=y_label)


def bar_figure(
    name: str, values: Sequence[float], *, label: str, x_label: str, y_label: str
) -> Markup:
    """Draw a bar a value, numbered from 1.

    Args:
        name: Starts the figure's element ids; unique in the page.
        values: Heights.
        label: The text alternative, which says what the figure shows.
        x_label: Of what each bar is.
        y_label: Name and unit of the heights.

    Returns:
        An `<svg>` element.
    """
    from matplotlib.ticker import MaxNLocator

    def draw(axes: "Axes") -> None:
        axes.bar(range(1, len(values) + 1), values, color=_SERIES[0])
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))

    return _figure(name, draw, label=label, x_label=x_label, y_label=y_label)


def _figure(
    name: str, draw: Callable[["Axes"], None], *, label: str, x_label: str, y_label: str
) -> Markup:
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rc("svg", fonttype="none", hashsalt=name)
        matplotlib.rc("font", size=10)
        matplotlib.rc("lines", linewidth=1.8)
        matplotlib.rc("axes", edgecolor=_INK, labelcolor=_INK)
        matplotlib.rc("text", color=_INK, parse_math=False)
        matplotlib.rc("xtick", color=_INK)
        matplotlib.rc("ytick", color=_INK)
        figure = Figure(figsize=(4.6, 3.0), layout="constrained")
        axes = figure.add_subplot()
        draw(axes)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        axes.grid(color=_GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    return _inline(buffer.getvalue(), name, label)


def _inline(data: bytes, name: str, label: str) -> Markup:
    """Make a drawing part of a page: named, its ids its own, its colours the page's."""
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.fromstring(data)
    for metadata in root.findall(f"{{{_SVG}}}metadata"):
        root.remove(metadata)
    width, height = root.attrib.pop("width"), root.attrib.pop("height")
    root.set("style", f"max-width: {width}; aspect-ratio: {width[:-2]} / {height[:-2]}")
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == f"{{{_XLINK}}}href":
                del element.attrib[key]
                element.set("href", f"#{name}-{value[1:]}")
            else:
                element.set(key, _adopt(value, name))
    title = ElementTree.Element(f"{{{_SVG}}}title", {"id": f"{name}-title"})
    title.text = label
    root.insert(0, title)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    return Markup(ElementTree.tostring(root, encoding="unicode"))


def _adopt(value: str, name: str) -> str:
    for stand_in, colour in _COLOURS.items():
        value = value.replace(stand_in, colour)
    value = value.replace("url(#", f"url(#{name}-")
    # Matplotlib writes the family alone or, in older versions, within the shorthand.
    value = re.sub(r"font-family: [^;]+", "font-family: inherit", value)
    return re.sub(r"font: [^;]*?([\d.]+px) [^;]+", r"font-size: \1; font-family: inherit", value)
