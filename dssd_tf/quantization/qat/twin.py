"""The twins of a deploy form in tf_keras: one in float, one with rounding."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.quantization.qat.fusion import fuse_relu
from dssd_tf.quantization.qat.primitive import Primitive
from dssd_tf.quantization.qat.range_plan import RangePlan, plan_ranges
from dssd_tf.quantization.qat.translation import translate

TOLERANCE = 1e-4
"""Largest difference of an output, relative to the largest output, that counts as equal."""

_BATCH = 64


@dataclass
class Twin:
    """A network with simulated quantization, and the same one without.

    Args:
        name: Of the network.
        model: The tf_keras model that rounds weights and activations, and is trained.
        plain: The tf_keras model that does not; its weights stay those it was made with.
        outputs: By number of a primitive, that output of `plain`.
        primitives: What both are made of.
        plan: Which tensors share a range.
        ranges: Those of `model` (`quantizers.Ranges`).
        shared_add_scale: Whether inputs of an addition share a range.
    """

    name: str
    model: Any
    plain: Any
    outputs: dict[int, Any]
    primitives: list[Primitive]
    plan: RangePlan
    ranges: Any
    shared_add_scale: bool

    @property
    def layer_names(self) -> list[str]:
        """For each primitive, the name of its layer in `model`."""
        return _layer_names(self.primitives)

    def fingerprint(self) -> str:
        """Digest of the structure and of the weights it was made with."""
        digest = hashlib.sha256()
        for primitive in self.primitives:
            what = [primitive.kind, primitive.inputs, primitive.options, primitive.activation]
            digest.update(json.dumps(what, default=str).encode())
            for weight in primitive.weights:
                digest.update(np.ascontiguousarray(weight).tobytes())
        digest.update(repr(self.plan).encode())
        return digest.hexdigest()


def make_twin(
    deployed: keras.Model, *, shared_add_scale: bool = True, observer_decay: float = 0.99
) -> Twin:
    """Both twins of a deploy form, not calibrated yet.

    Args:
        deployed: A functional model of primitives, see `deploy_form`.
        shared_add_scale: See `plan_ranges`.
        observer_decay: Of the moving averages of the activations' extremes, a step.

    Raises:
        ModelError: A layer has no primitive (the message names it), or the float twin differs
            from the model.
    """
    twin = assemble_twin(
        deployed.name,
        fuse_relu(translate(deployed)),
        shared_add_scale=shared_add_scale,
        observer_decay=observer_decay,
    )
    assert_equal(deployed, twin)
    return twin


def assemble_twin(
    name: str,
    primitives: list[Primitive],
    *,
    shared_add_scale: bool = True,
    observer_decay: float = 0.99,
) -> Twin:
    """Both twins of a network given as primitives; see `make_twin`."""
    import tf_keras

    from dssd_tf.quantization.qat.quantizers import Ranges

    plan = plan_ranges(primitives, shared_add_scale=shared_add_scale)
    plain_outputs = _connect(primitives, None, None)
    ranges = Ranges(observer_decay)
    outputs = _connect(primitives, plan, ranges)
    last = len(primitives) - 1
    return Twin(
        name=name,
        model=tf_keras.Model(outputs["source"], outputs[last], name="twin"),
        plain=tf_keras.Model(plain_outputs["source"], plain_outputs[last]),
        outputs=plain_outputs,
        primitives=primitives,
        plan=plan,
        ranges=ranges,
        shared_add_scale=shared_add_scale,
    )


def fake_quant_logits(twin: Twin, features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Outputs (clips, classes) of the twin that rounds.

    Args:
        twin: Calibrated.
        features: (clips, time, frequency, channels).
    """
    return _predict(twin.model, features)


def _connect(primitives: list[Primitive], plan: RangePlan | None, ranges: Any) -> dict[Any, Any]:
    """Outputs by number of the primitive, and the input itself as ``source``."""
    import tensorflow_model_optimization as tfmot
    import tf_keras
    from tensorflow_model_optimization.python.core.quantization.keras.quantize_layer import (
        QuantizeLayer,
    )

    from dssd_tf.quantization.qat.quantizers import (
        FixedQuantizer,
        PrimitiveQuantizeConfig,
        RangeQuantizer,
    )
    from dssd_tf.quantization.qat.twin_layers import make_layer, weight_name

    def quantizer(index: int) -> Any:
        assert plan is not None
        group = plan.group[index]
        if group is None:
            return None
        if group in plan.fixed:
            return FixedQuantizer(*plan.fixed[group])
        return RangeQuantizer(ranges, group, plan.observes[index])

    tensors: dict[Any, Any] = {}
    names = _layer_names(primitives)
    for index, (primitive, name) in enumerate(zip(primitives, names, strict=True)):
        if primitive.kind == "input":
            tensors["source"] = x = tf_keras.Input(primitive.options["size"], name="features")
            tensors[index] = x if plan is None else QuantizeLayer(quantizer(index), name=name)(x)
            continue
        inputs = [tensors[n] for n in primitive.inputs]
        layer = make_layer(primitive, name, inputs[0].shape)
        if plan is not None:
            weight, output = weight_name(primitive), quantizer(index)
            if weight is not None or output is not None:
                config = PrimitiveQuantizeConfig(primitive.kind, weight, output)
                layer = tfmot.quantization.keras.QuantizeWrapperV2(layer, config, name=name)
        tensors[index] = layer(inputs[0] if len(inputs) == 1 else inputs)
    return tensors


def _layer_names(primitives: list[Primitive]) -> list[str]:
    """Those of the layers they came from, so that tensors can be found by them, each once."""
    taken: dict[str, None] = {}
    for primitive in primitives:
        count, candidate = 0, primitive.name
        while candidate in taken:
            count += 1
            candidate = f"{primitive.name}_{count}"
        taken[candidate] = None
    return list(taken)


def _predict(model: Any, features: NDArray[np.float32]) -> NDArray[np.float32]:
    parts = [
        np.asarray(model(features[start : start + _BATCH], training=False))
        for start in range(0, len(features), _BATCH)
    ]
    return np.concatenate(parts)


def assert_equal(model: keras.Model, twin: Twin) -> None:
    """Hold the float twin to a Keras 3 model on random features.

    Raises:
        ModelError: They differ by more than `TOLERANCE`.
    """
    generator = np.random.default_rng(0)
    x = generator.standard_normal((2, *twin.plain.inputs[0].shape[1:]), dtype=np.float32)
    expected = np.asarray(model(x, training=False))
    found = np.asarray(twin.plain(x, training=False))
    scale = max(1.0, float(np.abs(expected).max()))
    if expected.shape != found.shape:
        raise ModelError(f"the twin of {model.name} gives {found.shape}, not {expected.shape}")
    difference = float(np.abs(expected - found).max())
    if not difference <= TOLERANCE * scale:
        raise ModelError(
            f"the twin of {model.name} differs from the model by {difference:.2g} (largest "
            f"output {scale:.2g}); this is a fault of the package, please report it"
        )
