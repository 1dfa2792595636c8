"""Which form a training computes in, and whether XLA compiles its steps."""

from dataclasses import dataclass

import keras

from dssd_tf.layers import CrossDepthwiseConv, EfficientChannelAttention, GroupedPointwiseConv
from dssd_tf.layers.forms import Form
from dssd_tf.training.config import TrainingConfig

WORTHWHILE_STEPS = 30
"""Steps from which on the fused form pays: compiling its loops, once on a machine, takes about
as long as these steps win."""

_CONVOLUTIONS = (
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    keras.layers.DepthwiseConv1D,
    keras.layers.DepthwiseConv2D,
    keras.layers.SeparableConv1D,
    keras.layers.SeparableConv2D,
)


@dataclass(frozen=True)
class Computation:
    """How steps are computed.

    Args:
        form: Form of the layers.
        jit: Whether XLA compiles; None leaves it to Keras, which compiles on a GPU.
    """

    form: Form
    jit: bool | None


def choose(model: keras.Model, config: TrainingConfig, steps: int) -> Computation:
    """What `config` asks for.

    Where nothing is asked for, trainings on a CPU of networks with the cross-shaped convolution
    compute in the fused form, but for a few steps, and all else is left to Keras. XLA compiles
    only if told to; on a CPU then without convolutions where the network allows that, since its
    own are slow there.

    Args:
        model: The network.
        config: `form` and `jit_compile` count.
        steps: Batches of the whole training.
    """
    jit = config.jit_compile
    if jit is True:
        form: Form = "shifted" if _on_cpu() and convolution_free(model) else "convolution"
    else:
        suits = jit == "auto" and steps >= WORTHWHILE_STEPS and _on_cpu() and _fusible(model)
        form = "fused" if suits else "convolution"
    return Computation(
        form if config.form == "auto" else config.form, None if jit == "auto" else jit
    )


def convolution_free(model: keras.Model) -> bool:
    """Whether the model has the cross-shaped convolution, and in the shifted form no other one.

    A 1x1 convolution counts as a matrix product, which XLA makes of it.
    """
    layers = list(model._flatten_layers(include_self=False))
    hidden = {
        id(part)
        for layer in layers
        if isinstance(layer, (CrossDepthwiseConv, EfficientChannelAttention))
        for part in layer._flatten_layers(include_self=False)
    }
    crosses = any(isinstance(layer, CrossDepthwiseConv) for layer in layers)
    return crosses and not any(_convolves(x) for x in layers if id(x) not in hidden)


def _fusible(model: keras.Model) -> bool:
    """Whether it has the cross-shaped convolution, in a precision that the loops know."""
    crosses = [x for x in model._flatten_layers() if isinstance(x, CrossDepthwiseConv)]
    return bool(crosses) and all(x.compute_dtype in ("float32", "float64") for x in crosses)


def _convolves(layer: keras.layers.Layer) -> bool:
    if not isinstance(layer, _CONVOLUTIONS) or isinstance(layer, GroupedPointwiseConv):
        return False
    if type(layer) is not keras.layers.Conv2D:
        return True
    sizes = (*layer.kernel_size, *layer.strides, layer.groups)
    return any(size != 1 for size in sizes)


def _on_cpu() -> bool:
    if keras.backend.backend() != "tensorflow":
        return False
    import tensorflow as tf

    return all(device.device_type == "CPU" for device in tf.config.list_physical_devices())
