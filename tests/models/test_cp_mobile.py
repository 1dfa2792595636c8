import keras
import numpy as np
import pytest

from dssd_tf.complexity import measure
from dssd_tf.models import CPMobile, create_model
from dssd_tf.models.cp_mobile import round_width


def test_figures_of_the_2024_baseline(figures):
    assert figures(create_model("baseline_2024")) == (61_148, 29_419_156)


def test_figures_of_the_2023_winner():
    found = measure(create_model("cp_mobile"))
    assert found.parameters == 126_952
    assert round(found.macs_torchinfo / 1e6, 2) == 28.89


@pytest.mark.parametrize(
    ("width", "rounded"), [(57.6, 56), (103.68, 104), (67.2, 64), (117.6, 120), (3, 8), (73.6, 72)]
)
def test_widths_are_multiples_of_eight_and_never_under_nine_tenths(width, rounded):
    assert round_width(width) == rounded
    assert rounded >= 0.9 * width


def test_strides_shrink_the_grid_and_shortcuts_are_only_where_the_width_stays():
    model = create_model("baseline_2024")
    names = {layer.name for layer in model.layers}
    assert {f"block{i}_add" for i in (1, 2, 3, 5)} <= names
    assert not {"block4_add", "block6_add"} & names
    shapes = [model.get_layer(f"block{i}_relu").output.shape[1:] for i in range(1, 7)]
    assert shapes[1] == (17, 64, 32)
    assert shapes[2] == (9, 64, 32)
    assert shapes[3] == (9, 32, 56)
    assert shapes[5] == (9, 32, 104)


def test_a_small_one_gives_logits_or_probabilities():
    x = np.random.default_rng(0).normal(size=(2, 16, 16, 1)).astype("float32")
    small = {"input_shape": (16, 16, 1), "classes": 3, "base_width": 16}
    assert CPMobile(**small)(x).shape == (2, 3)
    softmax = CPMobile(**small, classifier_activation="softmax")
    np.testing.assert_allclose(np.asarray(softmax(x)).sum(axis=1), 1, atol=1e-6)


@pytest.mark.slow
def test_a_training_step_moves_every_convolution():
    keras.utils.set_random_seed(0)
    model = CPMobile(input_shape=(16, 16, 1), classes=3, base_width=16)
    kernels = [v for v in model.trainable_variables if v.path.endswith("kernel")]
    before = [np.array(kernel) for kernel in kernels]
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x = np.random.default_rng(0).normal(size=(4, 16, 16, 1)).astype("float32")
    assert np.isfinite(model.train_on_batch(x, np.array([0, 1, 2, 0])))
    for kernel, old in zip(kernels, before, strict=True):
        assert not np.array_equal(np.array(kernel), old), kernel.path
