from pathlib import Path

import keras
import pytest

from dssd_tf.errors import ModelError, PackageError, RunError
from dssd_tf.files import read_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.measuring import judge, measure_ensemble, measure_target
from dssd_tf.pipeline.run_preset import preset_from_run


def test_a_runs_systems_are_those_of_its_file(finished_run: Path) -> None:
    found = measure_target(str(finished_run))
    counted = read_json(finished_run / "complexity.json")
    assert list(found) == ["float", "int8"]
    assert {name: c.to_dict() for name, c in found.items()} == {
        name: counted[name] for name in found
    }


@pytest.mark.slow
def test_a_preset_and_a_file_count_as_the_run(finished_run: Path, tmp_path: Path) -> None:
    preset_from_run(RunFolder(finished_run), tmp_path / "preset")
    of_run = measure_target(str(finished_run))
    of_preset = measure_target(str(tmp_path / "preset"))
    (of_file,) = measure_target(str(finished_run / "model_int8.tflite")).values()
    assert {name: c.parameters for name, c in of_preset.items()} == {
        name: c.parameters for name, c in of_run.items()
    }
    assert of_file == of_run["int8"]


@pytest.mark.slow
def test_a_network_of_the_registry_takes_another_input() -> None:
    (own,) = measure_target("dssdn_small").values()
    (longer,) = measure_target("dssdn_small", input_shape=(88, 256, 1)).values()
    assert own.parameters == longer.parameters
    assert longer.macs > 1.9 * own.macs


def test_what_is_nothing_of_these_is_told_with_the_networks(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"dssdn_smal: is no .* networks are baseline_2022, .*"):
        measure_target("dssdn_smal")
    with pytest.raises(RunError, match=r"no recipe\.yaml.*no preset\.json"):
        measure_target(str(tmp_path))


@pytest.mark.slow
def test_an_ensemble_has_the_forms_that_all_members_have(finished_run: Path) -> None:
    file = str(finished_run / "model_int8.tflite")
    both = measure_ensemble([str(finished_run), file])
    assert list(both) == ["int8"]
    assert both["int8"].parameters == 2 * measure_target(file)["int8"].parameters
    with pytest.raises(ModelError, match=r"no form in common .*: float.*: int8"):
        measure_ensemble(["dsmn_s", file])


def test_a_model_with_open_axes_needs_the_shape(tmp_path: Path) -> None:
    inputs = keras.Input((None, 8, 1))
    keras.Model(inputs, keras.layers.Conv2D(2, 3)(inputs)).save(tmp_path / "open.keras")
    with pytest.raises(ModelError, match="leaves axes open"):
        measure_target(str(tmp_path / "open.keras"))
    (found,) = measure_target(str(tmp_path / "open.keras"), input_shape=(10, 8, 1)).values()
    assert found.macs == 8 * 6 * 18


def test_without_an_edition_nothing_is_judged() -> None:
    assert judge({}, None) == {"edition": None, "checks": [], "passed": None}
    with pytest.raises(PackageError, match="unknown edition 1999"):
        judge({}, 1999)
