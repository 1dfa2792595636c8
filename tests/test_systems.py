from pathlib import Path

import keras
import pytest

from dssd_tf.quantization.float16 import quantize_float16
from dssd_tf.quantization.ptq import quantize_ptq
from dssd_tf.systems import deployed_system, system_of


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["float"], "float"),
        (["int8", "float"], "int8"),
        ({"float": {}, "float16": {}}, "float16"),
        (("int8", "float16", "float"), "int8"),
    ],
)
def test_the_smallest_form_there_is_is_deployed(present: list[str], expected: str) -> None:
    assert deployed_system(present) == expected


def test_without_any_system_there_is_none_to_deploy() -> None:
    with pytest.raises(ValueError):
        deployed_system([])


@pytest.mark.slow
def test_a_file_tells_its_system_by_what_it_holds(tmp_path: Path) -> None:
    inputs = keras.Input((8, 8, 1))
    x = keras.layers.Conv2D(16, 3)(inputs)
    model = keras.Model(inputs, keras.layers.GlobalAveragePooling2D()(x))
    random = keras.random.normal((4, 8, 8, 1), seed=0)
    contents = {
        "int8": quantize_ptq(model, keras.ops.convert_to_numpy(random)),
        "float16": quantize_float16(model),
    }
    for system, content in contents.items():
        (tmp_path / "model.tflite").write_bytes(content)
        assert system_of(tmp_path / "model.tflite") == system
    (tmp_path / "broken.tflite").write_bytes(b"no flatbuffer")
    assert system_of(tmp_path / "broken.tflite") == "int8"
    assert system_of(tmp_path / "model.keras") == "float"
