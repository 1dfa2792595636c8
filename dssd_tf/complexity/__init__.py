"""What a network costs: parameters, bytes, multiply-adds and activation memory, by each rule.

Importing this room is cheap; `measure` loads TensorFlow when it is given a Keras model.
"""

from dssd_tf.complexity.complexity import Complexity, LayerRow, LiveTensor
from dssd_tf.complexity.measure import measure

__all__ = ["Complexity", "LayerRow", "LiveTensor", "measure"]
