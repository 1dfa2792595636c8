"""How near an int8 file stays to the float network, tensor by tensor."""

from dssd_tf.quantization.parity.layers import TensorParity, layer_parity

__all__ = ["TensorParity", "layer_parity"]
