"""What rounds weights and activations while training, as tensorflow-model-optimization takes it.

Imported inside functions only, see the package.
"""

from typing import Any

import tensorflow as tf
import tensorflow_model_optimization as tfmot
import tf_keras

_Quantizer: Any = tfmot.quantization.keras.quantizers.Quantizer
_QuantizeConfig: Any = tfmot.quantization.keras.QuantizeConfig
_SMALLEST = 1e-7


class WeightQuantizer(_Quantizer):
    """Symmetric int8 between plus and minus the largest weight, of a channel where that can be.

    Args:
        kind: ``conv``: a range for each channel of the output; ``depthwise``: the same, the
            kernel (h, w, in, multiplier) seen as (h, w, 1, in x multiplier), the only form in
            which the converter takes it; ``dense``: one range, as the converter transposes the
            kernel and then takes no other.
    """

    def __init__(self, kind: str):
        self.kind = kind

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, Any]:
        """Make the variables of the range, (channels,) or one."""
        *_, channels = self._view_shape(tensor_shape)
        shape = () if self.kind == "dense" else (channels,)
        return {
            end: layer.add_weight(
                name=f"{name}_{end}",
                shape=shape,
                initializer=tf_keras.initializers.Constant(sign),
                trainable=False,
            )
            for end, sign in (("min", -1.0), ("max", 1.0))
        }

    def __call__(self, inputs: Any, training: Any, weights: Any, **kwargs: Any) -> Any:
        """Round to 255 steps; in training the range follows the weights."""
        if training:
            self.follow(inputs, weights)
        view = tf.reshape(inputs, self._view_shape(inputs.shape))
        fake_quant = (
            tf.quantization.fake_quant_with_min_max_vars
            if self.kind == "dense"
            else tf.quantization.fake_quant_with_min_max_vars_per_channel
        )
        rounded = fake_quant(view, weights["min"], weights["max"], num_bits=8, narrow_range=True)
        return tf.reshape(rounded, inputs.shape)

    def follow(self, weight: Any, ranges: dict[str, Any]) -> None:
        """Set the range to that of the weights."""
        view = tf.abs(tf.reshape(weight, self._view_shape(weight.shape)))
        axes = None if self.kind == "dense" else list(range(len(view.shape) - 1))
        largest = tf.maximum(tf.reduce_max(view, axis=axes), _SMALLEST)
        ranges["min"].assign(-largest)
        ranges["max"].assign(largest)

    def _view_shape(self, shape: Any) -> tuple[int, ...]:
        sizes = tuple(int(n) for n in shape)
        if self.kind == "depthwise":
            return (*sizes[:2], 1, sizes[2] * sizes[3])
        return sizes

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this quantizer again."""
        return {"kind": self.kind}


class FixedQuantizer(_Quantizer):
    """Asymmetric int8 over a range that the runtime prescribes."""

    def __init__(self, low: float, high: float):
        self.low, self.high = low, high

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, Any]:
        """Nothing to keep."""
        return {}

    def __call__(self, inputs: Any, training: Any, weights: Any, **kwargs: Any) -> Any:
        """Round to 256 steps."""
        return tf.quantization.fake_quant_with_min_max_args(inputs, self.low, self.high)

    def get_config(self) -> dict[str, Any]:
        """Everything needed to make this quantizer again."""
        return {"low": self.low, "high": self.high}


class Ranges:
    """The observed ranges of a twin's activations, some of them shared by several tensors.

    Each tensor's extremes follow their own moving average; a shared range is the union. While
    `observing` is false they stand still.

    Args:
        decay: Of the moving averages, a step.
    """

    def __init__(self, decay: float):
        self.decay = decay
        self.observing = tf.Variable(True, trainable=False, name="observing")
        self.shared: dict[int, dict[str, Any]] = {}
        self.observed: dict[int, list[dict[str, Any]]] = {}

    def unite(self) -> None:
        """Set each range to the union of what its tensors have shown; part of a step."""
        for group, members in self.observed.items():
            low = tf.reduce_min(tf.stack([member["min"] for member in members]))
            high = tf.reduce_max(tf.stack([member["max"] for member in members]))
            # Zero must have a value of its own, for padding and for ReLU.
            self.shared[group]["min"].assign(tf.minimum(low, 0.0))
            self.shared[group]["max"].assign(tf.maximum(high, _SMALLEST))


class RangeQuantizer(_Quantizer):
    """Asymmetric int8 over one of the observed ranges.

    Args:
        ranges: Those of the twin.
        group: Which of them.
        observes: Whether this tensor's values count for the range.
    """

    def __init__(self, ranges: Ranges, group: int, observes: bool):
        self.ranges, self.group, self.observes = ranges, group, observes

    def build(self, tensor_shape: Any, name: str, layer: Any) -> dict[str, Any]:
        """Make the variables that no tensor before has made."""

        def pair(title: str) -> dict[str, Any]:
            return {
                end: layer.add_weight(
                    name=f"{title}_{end}",
                    shape=(),
                    initializer=tf_keras.initializers.Constant(sign * 6.0),
                    trainable=False,
                )
                for end, sign in (("min", -1), ("max", 1))
            }

        variables: dict[str, Any] = {}
        if self.group not in self.ranges.shared:
            self.ranges.shared[self.group] = pair(f"{name}_shared")
        if self.observes:
            variables = pair(name)
            self.ranges.observed.setdefault(self.group, []).append(variables)
        return variables

    def __call__(self, inputs: Any, training: Any, weights: Any, **kwargs: Any) -> Any:
        """Round to 256 steps; in training the moving averages follow."""
        if training and self.observes:
            share = tf.where(self.ranges.observing, 1.0 - self.ranges.decay, 0.0)
            for end, extreme in (("min", tf.reduce_min), ("max", tf.reduce_max)):
                weights[end].assign_add(share * (extreme(inputs) - weights[end]))
        shared = self.ranges.shared[self.group]
        return tf.quantization.fake_quant_with_min_max_vars(inputs, shared["min"], shared["max"])

    def get_config(self) -> dict[str, Any]:
        """Its own part; the ranges belong to the twin."""
        return {"group": self.group, "observes": self.observes}


class PrimitiveQuantizeConfig(_QuantizeConfig):
    """What of a twin's layer is rounded.

    Args:
        kind: That of the primitive.
        weight: Name of the attribute that holds the kernel; None: it has none.
        output: Quantizer of the output; None: the output is not rounded.
    """

    def __init__(self, kind: str, weight: str | None, output: Any):
        self.kind, self.weight, self.output = kind, weight, output

    def get_weights_and_quantizers(self, layer: Any) -> list[Any]:
        """The kernel; the runtime makes 32-bit integers of the bias."""
        if self.weight is None:
            return []
        return [(getattr(layer, self.weight), WeightQuantizer(self.kind))]

    def set_quantize_weights(self, layer: Any, quantize_weights: Any) -> None:
        """Compute with the rounded kernel."""
        if self.weight is not None:
            setattr(layer, self.weight, quantize_weights[0])

    def get_activations_and_quantizers(self, layer: Any) -> list[Any]:
        """None: an activation inside a layer is computed along with it."""
        return []

    def set_quantize_activations(self, layer: Any, quantize_activations: Any) -> None:
        """Nothing to set."""
        # AutoGraph warns of a body that is a docstring alone.
        return None

    def get_output_quantizers(self, layer: Any) -> list[Any]:
        """That of the output."""
        return [] if self.output is None else [self.output]

    def get_config(self) -> dict[str, Any]:
        """Its own part."""
        return {"kind": self.kind, "weight": self.weight}
