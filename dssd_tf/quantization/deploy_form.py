"""The deploy form: the trained function in primitives, with batch normalization folded away."""

import keras
import numpy as np

from dssd_tf.errors import ModelError
from dssd_tf.quantization.deploy.graph import build
from dssd_tf.quantization.deploy.passes import simplify
from dssd_tf.quantization.deploy.translate import translate

TOLERANCE = 1e-4
"""Largest difference of an output, relative to the largest output, that counts as equal."""


def deploy_form(model: keras.Model) -> keras.Model:
    """A functional model that computes what `model` computes at inference.

    Each operator becomes a 1x1 convolution and one 3x3 depthwise convolution, dilated like its
    taps, with bias: the (3, 1) and (1, 3) kernels, their sum and the batch normalization are one
    linear map. Form S distils both halves by one convolution whose two taps lie half the
    frequencies apart. Normalizations go into the convolution before them, else they become a
    1x1 depthwise convolution; a 1x1 convolution without activation (the stem) merges into the
    ones behind it, and the split is made before it; average pools become depthwise
    convolutions. The names of the layers depend on the model alone.

    Layers of the result: Conv2D, DepthwiseConv2D and Dense with bias, no activation or a
    fused one; Add, Multiply, Concatenate, Cropping2D, ZeroPadding2D, Reshape,
    GlobalAveragePooling2D, Activation ("sigmoid", or for global response normalization
    `keras.ops.sqrt` and `keras.ops.rsqrt`); StridedDepthwiseConv and AveragePooling2D with
    strides that differ; and those usual layers of Keras that have no arithmetic of their own to
    fold.

    Args:
        model: A functional Keras model, or a built sequential one, of this package's layers and
            those of Keras that docs/howto/layers.md lists.

    Raises:
        ModelError: The model is not functional or has several inputs or outputs, a layer has no
            deploy form, or the two forms differ.
    """
    if isinstance(model, keras.Sequential):
        model = _functional(model)
    if not isinstance(model, keras.src.models.functional.Functional):
        raise ModelError(
            f"{model.name} is not a functional model, so its layers cannot be folded",
            fix="build it with keras.Model(inputs, outputs)",
        )
    if (len(model.inputs), len(model.outputs)) != (1, 1):
        raise ModelError(
            f"{model.name} has {len(model.inputs)} inputs and {len(model.outputs)} outputs",
            fix="give a model with one input and one output",
        )
    try:
        output = translate(model)
    except ModelError as error:
        raise ModelError(f"{model.name}: {error.problem}", fix=error.fix) from error
    deployed = build(simplify(output), model.name)
    _assert_equal(model, deployed)
    return deployed


def _functional(model: keras.Sequential) -> keras.Model:
    """The same layers as a functional model."""
    try:
        # Not the lists of them: the outputs of a model have the structure that it was given.
        return keras.Model(model.inputs[0], model.outputs[0], name=model.name)
    except AttributeError as error:
        raise ModelError(
            f"{model.name} is not built yet, so the shape of its input is not known",
            fix="let it begin with a keras.Input",
        ) from error


def _assert_equal(model: keras.Model, deployed: keras.Model) -> None:
    generator = np.random.default_rng(0)
    shape = (2, *(n or 32 for n in model.inputs[0].shape[1:]))
    x = generator.standard_normal(shape, dtype=np.float32)
    expected = np.asarray(model(x, training=False))
    found = np.asarray(deployed(x, training=False))
    difference = float(np.abs(expected - found).max())
    scale = max(1.0, float(np.abs(expected).max()))
    if not difference <= TOLERANCE * scale:
        raise ModelError(
            f"the deploy form of {model.name} differs from the model by {difference:.2g} "
            f"(largest output {scale:.2g}); this is a fault of the package, please report it"
        )
