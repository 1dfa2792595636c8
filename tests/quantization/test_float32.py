import keras
import numpy as np

from dssd_tf.evaluation.predictor import TFLitePredictor
from dssd_tf.models import create_model
from dssd_tf.quantization.float16 import quantize_float16
from dssd_tf.quantization.float32 import convert_float32


def test_the_file_computes_what_the_model_does() -> None:
    keras.utils.set_random_seed(0)
    options = {"pattern": "SF", "widths": (8, 8)}
    model = create_model("dsmn_s", input_shape=(11, 32, 2), classes=4, **options)
    content = convert_float32(model)
    clips = np.random.default_rng(0).normal(size=(6, 11, 32, 2)).astype(np.float32)
    found, wanted = TFLitePredictor(content)(clips), model.predict_on_batch(clips)
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-5)
    assert len(content) > 1.3 * len(quantize_float16(model))
