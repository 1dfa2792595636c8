import json
import subprocess
import sys

import keras
import pytest
from keras import layers

from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError


def test_import_loads_neither_tensorflow_nor_keras():
    code = (
        "import sys, dssd_tf.complexity; "
        "print([m for m in ('tensorflow', 'keras') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_keras_file_has_the_figures_of_its_model(tmp_path):
    inputs = keras.Input((6, 8, 2))
    model = keras.Model(inputs, layers.BatchNormalization()(layers.Conv2D(3, 3)(inputs)))
    path = tmp_path / "model.keras"
    model.save(path)
    stored, live = measure(path), measure(model)
    assert (stored.source, stored.file_bytes) == (str(path), path.stat().st_size)
    assert live.file_bytes is None
    assert stored.layers == live.layers
    assert stored.parameters == live.parameters == 2 * 3 * 9 + 3 + 6


@pytest.mark.slow
def test_package_layers_load_without_importing_them_first(tmp_path):
    from dssd_tf.models import create_model

    path = tmp_path / "dsmn.keras"
    create_model("dsmn_s").save(path)
    code = (
        "import sys; from dssd_tf.complexity import measure; "
        "result = measure(sys.argv[1]); print(result.parameters, result.macs_torchinfo)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["45164", "8645641"]


@pytest.mark.parametrize("suffix", [".keras", ".tflite"])
def test_missing_file_is_named(tmp_path, suffix):
    path = tmp_path / f"gone{suffix}"
    with pytest.raises(ModelError, match=r"gone.*no such model file") as caught:
        measure(path)
    assert str(path) in str(caught.value) and "\n" not in str(caught.value)


def test_other_kinds_of_file_are_refused(tmp_path):
    with pytest.raises(ModelError, match=r"model\.h5.*suffix '\.h5'.*\.keras or a \.tflite"):
        measure(tmp_path / "model.h5")


def test_damaged_keras_file_is_named(tmp_path):
    path = tmp_path / "broken.keras"
    path.write_bytes(b"not a zip")
    with pytest.raises(ModelError, match=r"broken\.keras"):
        measure(str(path))


def test_dictionary_is_plain_json(int8_2022, baseline_2022):
    for source, kind, rule, other in (
        (int8_2022, "tflite", "macs_nessi_tflite", "macs_torchinfo"),
        (baseline_2022, "keras", "macs_torchinfo", "macs_nessi_tflite"),
    ):
        result = measure(source)
        value = json.loads(json.dumps(result.to_dict(), allow_nan=False))
        assert value == result.to_dict()
        assert value["kind"] == kind and value[other] is None
        assert sum(row[rule] for row in value["layers"]) == value[rule]
        assert all(other not in row for row in value["layers"])
        assert sum(row["parameters"] for row in value["layers"]) == value["parameters"]
        assert sum(row["macs"] for row in value["layers"]) == value["macs"]
        assert sum(row["bytes"] for row in value["peak_tensors"]) == value["peak_activation_bytes"]


def test_open_axes_of_a_file_are_told_with_its_name(tmp_path):
    inputs = keras.Input((None, 8, 1))
    path = tmp_path / "open.keras"
    keras.Model(inputs, layers.Conv2D(2, 3)(inputs)).save(path)
    with pytest.raises(ModelError, match=r"open\.keras: input .* leaves axes open"):
        measure(path)
    assert measure(path, input_shape=(8, 8, 1)).macs == 36 * 18


@pytest.mark.parametrize("content", [b"", b"some text", b"\x89HDF\r\n\x1a\n"])
def test_what_is_no_archive_is_called_so(tmp_path, content):
    path = tmp_path / "model.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"model\.keras: .*no zip archive.*copy or save it again"):
        measure(path)
