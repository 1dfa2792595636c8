"""What a system must hold."""

from collections.abc import Callable

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.challenge.inference_package import InferenceSystem
from dssd_tf.errors import PackageError


def test_a_whole_system(make_system: Callable[..., InferenceSystem]) -> None:
    system = make_system()
    system.require_whole(load_edition(2025))
    assert system.samples == 4000


@pytest.mark.parametrize(
    ("devices", "told"),
    [
        (["a"], r"system 1 has no general model — give models\[None\]"),
        ([None, "s11"], "a model of the unknown device 's11' — choose from a, b, c"),
        ([None, "unknown"], "unknown device 'unknown'"),
        ([None, "../a"], r"unknown device '\.\./a'"),
    ],
)
def test_devices_are_checked(
    make_system: Callable[..., InferenceSystem],
    make_model: Callable[..., bytes],
    devices: list[str | None],
    told: str,
) -> None:
    system = make_system(1, dict.fromkeys(devices, make_model()))
    with pytest.raises(PackageError, match=told):
        system.require_whole(load_edition(2025))
