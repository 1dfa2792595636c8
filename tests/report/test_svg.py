import warnings
from xml.etree import ElementTree

import matplotlib
import pytest

from dssd_tf.report.svg import Line, bar_figure, line_figure

NAN = float("nan")


def draw(name="curve", values=(3.0, 2.0, 1.5), label="Loss by epoch.", **options):
    lines = [Line("validation", values), Line("training", [v + 1 for v in values])]
    x = list(range(1, len(values) + 1))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return line_figure(name, x, lines, label=label, x_label="epoch", y_label="loss", **options)


def test_colours_and_font_are_the_page_s():
    svg = draw(mark=2)
    for colour in ("muted", "line", "series-1", "series-2"):
        assert f"var(--{colour})" in svg
    assert "DejaVu" not in svg and "font-family: inherit" in svg
    assert "#0a" not in svg.replace("url(#", "").lower() and "<metadata" not in svg
    assert ">validation<" in svg and ">training<" in svg


def test_label_is_escaped_and_names_the_figure():
    root = ElementTree.fromstring(draw(label="<b> & more"))
    assert root.attrib["role"] == "img"
    assert root[0].text == "<b> & more" and root[0].attrib["id"] == root.attrib["aria-labelledby"]


def test_two_figures_share_no_id():
    def ids(svg):
        return {e.attrib["id"] for e in ElementTree.fromstring(svg).iter() if "id" in e.attrib}

    first, second = ids(draw("one")), ids(draw("two"))
    assert first and second and not first & second


def test_drawing_is_deterministic_whatever_the_user_s_style():
    first = draw()
    with matplotlib.rc_context({"lines.linewidth": 9, "svg.fonttype": "path"}):
        assert draw() == first
        assert matplotlib.rcParams["lines.linewidth"] == 9


@pytest.mark.parametrize(
    ("values", "log_y"),
    [
        ((1.0,), False),
        ((NAN, 2.0, NAN), False),
        ((NAN, NAN), False),
        ((1e-3, 1e-3), True),
        ((1e-5, 1e-3, 1e-6), True),
        ((1.0, float("inf"), 2.0), False),
    ],
)
def test_awkward_values_are_drawn(values, log_y):
    assert "mathdefault" not in draw(values=values, log_y=log_y)


def test_bars_are_numbered_from_one():
    svg = bar_figure("b", [3.0, 1.0], label="what it shows", x_label="layer", y_label="share")
    root = ElementTree.fromstring(svg)
    texts = [text.strip() for text in root.itertext() if text.strip()]
    assert texts[0] == "what it shows" and {"1", "2", "layer", "share"} <= set(texts)
