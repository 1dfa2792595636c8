"""From a trained Keras model to an int8 file."""

from dssd_tf.quantization.config import QuantizationConfig

__all__ = ["QuantizationConfig"]
