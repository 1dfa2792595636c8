import json
from dataclasses import replace

import numpy as np
import pytest

from dssd_tf.data.device_shift.compressor import Compressor
from dssd_tf.data.device_shift.device import ShiftDevice

FLAT = ShiftDevice(
    low=1.0,
    high=1e6,
    low_shelf=(300.0, 0.0),
    high_shelf=(3000.0, 0.0),
    resonances=(),
    gain=0.0,
    compressor=Compressor(-20.0, 2.0, 0.01, 0.1),
    noise=-80.0,
)


@pytest.mark.parametrize(
    ("change", "hertz", "expected"),
    [
        ({}, 1000, 0.0),
        ({"gain": 5.0}, 1000, 0.0),
        ({"low": 100.0}, 100, -3.01),
        ({"low": 100.0}, 25, -24.1),
        ({"high": 8000.0}, 8000, -3.01),
        ({"high": 4000.0}, 16_000, -24.1),
        ({"low_shelf": (300.0, 4.0)}, 10, 4.0),
        ({"low_shelf": (300.0, 4.0)}, 300, 2.0),
        ({"high_shelf": (3000.0, -6.0)}, 3000, -3.0),
        ({"high_shelf": (3000.0, -6.0)}, 60_000, -6.0),
        ({"resonances": ((900.0, -5.0, 0.5),)}, 900, -5.0),
        ({"resonances": ((900.0, -5.0, 0.5), (900.0, 2.0, 1.0))}, 900, -3.0),
        # Half a width away a Gaussian bump is down to exp(-1/2).
        ({"resonances": ((1000.0, 6.0, 2.0),)}, 2000, 6 * np.exp(-0.5)),
        ({"low": 5000.0}, 1, -60.0),
    ],
)
def test_the_response_is_the_sum_of_its_parts(change, hertz, expected):
    found = replace(FLAT, **change).response(np.array([float(hertz)]))
    assert found[0] == pytest.approx(expected, abs=0.03)


def test_zero_hertz_is_no_fault(devices):
    assert np.isfinite(devices["s1"].response(np.zeros(1))).all()


def test_the_values_are_json_and_whole(devices):
    values = json.loads(json.dumps(devices["s4"].values()))
    compressor = Compressor(**values.pop("compressor"))
    for name in ("low_shelf", "high_shelf"):
        values[name] = tuple(values[name])
    values["resonances"] = tuple(map(tuple, values["resonances"]))
    assert ShiftDevice(**values, compressor=compressor) == devices["s4"]
