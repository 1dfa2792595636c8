"""Where the rule departs from torchinfo, each shown with both figures."""

import keras
import pytest
from keras import layers

from dssd_tf.complexity import measure

IMAGE = (12, 9, 4)


def channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[-1], *shape[:-1])


def test_difference_a_tied_weight_is_one_parameter_here_and_two_there(by_us, torch, by_torchinfo):
    class TiedDense(layers.Dense):
        def __init__(self, units, kernel):
            super().__init__(units)
            self._kernel = kernel

        def build(self, shape):
            self.bias = self.add_weight(shape=(self.units,))

    first = layers.Dense(4)
    first.build((None, 4))
    tied = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Linear(4, 4))
    tied[1].weight = tied[0].weight
    assert by_us(lambda x: TiedDense(4, first.kernel)(first(x)), (4,)) == (16 + 4 + 4, 40)
    assert by_torchinfo(tied, (4,)) == (40, 40)


@pytest.mark.parametrize(
    ("in_keras", "in_torch", "expected"),
    [
        (lambda: layers.Dense(5), lambda nn: nn.Linear(4, 5), (25, 7 * 25)),
        (lambda: layers.BatchNormalization(), lambda nn: nn.BatchNorm1d(4), (8, 7 * 8)),
    ],
    ids=["dense", "batch_normalization"],
)
def test_rows_folded_into_the_batch_count_each_time(
    by_us, in_keras, in_torch, expected, torch, by_torchinfo
):
    class Folded(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = in_torch(torch.nn)

        def forward(self, x):
            return self.layer(x.reshape(-1, 4))

    assert by_torchinfo(Folded(), (7, 4)) == expected
    ours = by_us(lambda x: in_keras()(keras.ops.reshape(x, (-1, 4))), (7, 4))
    assert ours == expected


def test_difference_masked_weights_count_here_and_not_there(torch, by_torchinfo):
    layer = layers.Conv2D(3, 3)
    inputs = keras.Input((5, 5, 2))
    model = keras.Model(inputs, layer(inputs))
    kernel, bias = layer.get_weights()
    kernel[..., 0] = 0
    layer.set_weights([kernel, bias + 1])
    module = torch.nn.Conv2d(2, 3, 3)
    mask = torch.ones(3, 2, 3, 3)
    mask[0] = 0
    prune = pytest.importorskip("torch.nn.utils.prune")
    prune.custom_from_mask(module, "weight", mask)
    found, theirs = measure(model), by_torchinfo(module, (2, 5, 5))
    assert theirs == (36 + 3, (36 + 3) * 9)
    assert found.parameters_nonzero == theirs[0]
    assert (found.parameters, found.macs_torchinfo) == (54 + 3, (54 + 3) * 9)


def test_difference_torchinfo_knows_parameters_by_their_names(torch, by_torchinfo):
    """A leaf layer without a rule counts its parameters once, and is named as uncounted."""

    class Scale(layers.Layer):
        def build(self, shape):
            self.gain = self.add_weight(shape=(shape[-1],), initializer="ones")

        def call(self, x):
            return x * self.gain

    class Named(torch.nn.Module):
        def __init__(self, name):
            super().__init__()
            self.parameter = name
            setattr(self, name, torch.nn.Parameter(torch.ones(4)))

        def forward(self, x):
            return x * getattr(self, self.parameter)

    inputs = keras.Input((3, 4))
    found = measure(keras.Model(inputs, Scale(name="scale")(inputs)))
    assert (found.parameters, found.macs_torchinfo, found.uncounted) == (4, 4, ("scale",))
    assert by_torchinfo(Named("weight"), (3, 4)) == (4, 4)
    assert by_torchinfo(Named("gain"), (3, 4)) == (4, 0)
    assert by_torchinfo(Named("my_weight"), (3, 4)) == (4, 3 * 4)


def test_difference_transposed_convolution_has_no_rule_and_is_named(torch, by_torchinfo):
    inputs = keras.Input(IMAGE)
    found = measure(keras.Model(inputs, layers.Conv2DTranspose(3, 3, name="up")(inputs)))
    theirs = by_torchinfo(torch.nn.ConvTranspose2d(4, 3, 3), channels_first(IMAGE))
    one = 4 * 3 * 9 + 3
    assert theirs == (one, one * 14 * 11)
    assert (found.parameters, found.macs_torchinfo, found.uncounted) == (one, one, ("up",))
