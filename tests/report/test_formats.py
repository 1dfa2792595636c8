import math

import pytest
from markupsafe import Markup

from dssd_tf.report import formats


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (formats.percent(0.45556), "45.56 %"),
        (formats.percent(0.5, 0), "50 %"),
        (formats.fixed(1.23456), "1.235"),
        (formats.scientific(0.00012345), "0.000123"),
        (formats.count(29234920), "29,234,920"),
        (formats.count(46512, "B"), "46,512 B"),
        (formats.count(3.0), "3"),
        (formats.count(1234.5), "1,234.5"),
        (formats.millions(8645641), "8.65 M"),
        (formats.points(0.0426), "+4.26 points"),
        (formats.points(-0.0426), "−4.26 points"),
        (formats.points(-0.00001), "0.00 points"),
        (formats.change(-0.0224), "−0.022"),
        (formats.duration(3.24), "3.2 s"),
        (formats.duration(600), "10.0 min"),
        (formats.duration(10800), "3.0 h"),
        (formats.measured(46512, "B"), "46,512 B"),
    ],
)
def test_number_keeps_its_exact_value(made, text):
    assert made.startswith('<data value="') and made.endswith(f">{text}</data>")


def test_exact_value_survives():
    assert formats.percent(1 / 3).split('"')[1] == repr(1 / 3)


@pytest.mark.parametrize(
    "function",
    [
        formats.percent,
        formats.fixed,
        formats.scientific,
        formats.count,
        formats.millions,
        formats.points,
        formats.change,
        formats.measured,
        formats.shape,
    ],
)
def test_what_is_unknown_is_a_dash(function):
    assert function(None) == "–"


def test_values_that_are_no_numbers():
    assert formats.fixed(math.nan) == "not a number"
    assert formats.fixed(math.inf) == "infinite"
    assert formats.measured("int8") == "int8"
    assert formats.measured(True) == "True"


def test_shapes():
    assert formats.shape([1, 44, None]) == "1 × 44 × ?"
    assert formats.shape([]) == "scalar"
    assert formats.shape([[1, 2], [1, 3]]) == "[[1, 2], [1, 3]]"


def test_breakable_escapes():
    assert formats.breakable("a_<b>") == Markup("a_<wbr>&lt;b&gt;")
