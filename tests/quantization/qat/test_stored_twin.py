from pathlib import Path

import keras
import numpy as np
import pytest

from dssd_tf.errors import RunError
from dssd_tf.quantization.qat.stored_twin import load_twin, save_twin
from dssd_tf.quantization.qat.twin import fake_quant_logits


@pytest.fixture
def stored(twin, tmp_path: Path) -> Path:
    for variable in twin.model.trainable_variables:
        variable.assign(variable * 1.01)
    save_twin(twin, tmp_path / "twin")
    return tmp_path / "twin"


def test_the_twin_comes_back_with_its_ranges(trained, twin, stored, task):
    x = task(20, 6)[0]
    again = load_twin(trained, stored)
    np.testing.assert_array_equal(fake_quant_logits(again, x), fake_quant_logits(twin, x))


def test_a_twin_of_another_model_is_refused(trained, stored):
    other = keras.models.clone_model(trained)
    with pytest.raises(RunError, match="was made of another model than small") as caught:
        load_twin(other, stored)
    assert caught.value.path == stored


def test_a_missing_or_damaged_twin_names_the_folder(trained, stored, tmp_path):
    with pytest.raises(RunError, match="holds no fine-tuned twin"):
        load_twin(trained, tmp_path)
    (stored / "weights.npz").write_bytes(b"half")
    with pytest.raises(RunError, match="the twin cannot be read") as caught:
        load_twin(trained, stored)
    assert caught.value.path == stored
