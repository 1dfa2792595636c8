import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import colormaps
from matplotlib.colors import to_hex

from dssd_tf.explanation import Occlusion, explanation_figure


@pytest.fixture
def found() -> Occlusion:
    return Occlusion(
        label=1,
        probabilities=np.array([0.25, 0.75]),
        effects=np.array([[0.5, -0.25], [0.0, 0.1]]),
        low=0.4,
        high=-0.1,
        time_edges=np.array([0, 5, 10]),
        band_edges=np.array([0, 4, 8]),
    )


def _draw(found: Occlusion, **changes: object) -> bytes:
    log_mel = np.random.default_rng(0).normal(size=(10, 8))
    given = {"seconds": 1.0, "band_hz": np.linspace(100, 8000, 8), **changes}
    return explanation_figure(log_mel, found, ["bus", "tram"], **given)  # type: ignore[arg-type]


def test_the_picture_names_what_it_shows(found: Occlusion) -> None:
    drawn = _draw(found, title="a $b$ & c.wav", format="svg")
    text = " ".join(ElementTree.fromstring(drawn).itertext())
    for told in ("a $b$ & c.wav: tram, 0.750", "what speaks for tram", "low half", "high half"):
        assert told in text


def test_the_same_gives_the_same(found: Occlusion) -> None:
    assert _draw(found, format="svg") == _draw(found, format="svg")


def test_png_by_default_and_no_effect_at_all_is_drawn(found: Occlusion) -> None:
    found.effects[:] = 0
    assert _draw(found).startswith(b"\x89PNG")


def test_bars_have_the_colours_of_the_map(found: Occlusion) -> None:
    ends = [to_hex(colormaps["RdBu_r"](end)) for end in (0.0, 1.0)]

    def counts(low: float, high: float) -> list[int]:
        drawn = _draw(replace(found, low=low, high=high), format="svg").decode()
        return [drawn.count(f"fill: {colour}") for colour in ends]

    blue, red = counts(-0.4, -0.1)
    assert counts(-0.4, 0.1) == [blue - 1, red + 1] == counts(0.4, -0.1)
    assert counts(0.4, 0.1) == [blue - 2, red + 2]
