"""The preset that `import_dsmn` writes; how weights are read is `test_dsmn_weights`'s."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.presets import from_preset, import_dsmn

SCENES = [f"scene_{index}" for index in range(10)]
COARSE = ("indoor", "outdoor", "transportation")


@pytest.fixture
def state_file(tmp_path: Path, make_dsmn_state: Callable) -> Callable[[int], Path]:
    """The state dict of a narrow DSMN with random weights and the given outputs."""

    def write(outputs: int) -> Path:
        path = tmp_path / f"weights{outputs}.npz"
        np.savez(path, **make_dsmn_state(outputs)[1])
        return path

    return write


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outputs", "classes", "coarse"),
    [
        (13, None, COARSE),
        (10, None, ()),
        (13, SCENES, COARSE),
        (13, [*SCENES, *COARSE], COARSE),
        (5, SCENES[:5], ()),
    ],
)
def test_classes_and_coarse_classes_share_the_outputs(
    tmp_path: Path, state_file: Callable, outputs: int, classes: list[str] | None, coarse: tuple
) -> None:
    config = import_dsmn(state_file(outputs), tmp_path / "preset", classes=classes)
    assert config.coarse_classes == coarse
    assert len(config.classes) == outputs - len(coarse)
    if classes is not None:
        assert config.classes == tuple(classes[: outputs - len(coarse)])
    assert from_preset(tmp_path / "preset").config == config


@pytest.mark.slow
def test_what_is_not_said_is_measured_or_told_from_the_file(
    tmp_path: Path, state_file: Callable
) -> None:
    file = state_file(13)
    config = import_dsmn(file, tmp_path / "preset")
    assert config.network is None  # of other widths than the registry's
    assert config.licence is None
    assert file.name in config.source and "DCASE 2023" in config.source
    model = from_preset(tmp_path / "preset").model
    assert config.metrics["parameters"] == sum(
        math.prod(weight.shape) for weight in model.trainable_weights
    )
    named = import_dsmn(file, tmp_path / "named", licence="CC0-1.0", source="our own")
    assert (named.licence, named.source) == ("CC0-1.0", "our own")


def test_outputs_without_names_are_refused_with_the_file(
    tmp_path: Path, state_file: Callable
) -> None:
    with pytest.raises(ModelError, match=r"weights5\.npz.*5 outputs.*--classes"):
        import_dsmn(state_file(5), tmp_path / "preset")
    assert not (tmp_path / "preset").exists()


def test_a_file_of_something_else_is_refused_with_its_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "other.npz", something=np.zeros(3))
    with pytest.raises(ModelError, match=r"other\.npz"):
        import_dsmn(tmp_path / "other.npz", tmp_path / "preset")


@pytest.mark.slow
def test_a_preset_is_replaced_only_when_asked(tmp_path: Path, state_file: Callable) -> None:
    folder = tmp_path / "preset"
    import_dsmn(state_file(13), folder, source="first")
    with pytest.raises(ModelError):
        import_dsmn(state_file(13), folder, source="second")
    assert from_preset(folder).config.source == "first"
    import_dsmn(state_file(13), folder, source="second", overwrite=True)
    assert from_preset(folder).config.source == "second"
