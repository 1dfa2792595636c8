"""A float file of the plain model."""

import keras
import pytest
import tensorflow as tf


@pytest.fixture(scope="session")
def model_file_float(plain_model: keras.Model, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The plain model as the converter gives it, in float."""
    saved = tmp_path_factory.mktemp("float") / "model"
    signature = [keras.InputSpec(shape=(1, 12, 10, 1), dtype="float32")]
    plain_model.export(saved, verbose=False, input_signature=signature)
    return bytes(tf.lite.TFLiteConverter.from_saved_model(str(saved)).convert())
