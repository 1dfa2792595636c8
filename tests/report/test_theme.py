"""The style sheets' colours, in both modes."""

import re
from importlib.resources import files

import pytest

THEME = (files("dssd_tf.report") / "theme.css").read_text(encoding="utf-8")
TABLES = (files("dssd_tf.report") / "tables.css").read_text(encoding="utf-8")


def colours(mode):
    light, dark = THEME.split("@media screen and (prefers-color-scheme: dark)")
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light if mode == "light" else dark)
    return {name: [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)] for name, code in found}


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_both_modes_set_the_same_colours():
    assert colours("light").keys() == colours("dark").keys()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_contrast(mode):
    c = colours(mode)
    for text in ("ink", "muted", "accent", "good", "bad"):
        for ground in ("paper", "panel"):
            assert contrast(c[text], c[ground]) >= 4.5, (text, ground)
    assert contrast(c["ink"], c["note"]) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_shade_of_a_heat_cell_keeps_its_text_readable(mode):
    c = colours(mode)
    assert "color-mix(in srgb, var(--heat) calc(100% * var(--share)), var(--panel))" in TABLES
    for step in range(11):
        share = step / 10
        mixed = [share * h + (1 - share) * p for h, p in zip(c["heat"], c["panel"], strict=True)]
        assert contrast(c["ink"], mixed) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_lines_stand_out(mode):
    c = colours(mode)
    for series in ("series-1", "series-2"):
        assert contrast(c[series], c["paper"]) >= 3


def test_every_colour_used_is_set():
    sheets = [path for path in files("dssd_tf.report").iterdir() if path.name.endswith(".css")]
    used = {u for path in sheets for u in re.findall(r"var\(--([\w-]+)", path.read_text())}
    assert used - {"share"} <= colours("light").keys()
