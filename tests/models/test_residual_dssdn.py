import keras
import numpy as np
import pytest

from dssd_tf.errors import ModelError
from dssd_tf.layers import OPERATORS
from dssd_tf.models import ResidualDSSDN, create_model, save_model

SMALL = {
    "input_shape": (16, 16, 2),
    "classes": 3,
    "pattern": "SF",
    "widths": (8, 12),
    "pools": ((2, 1), (1, 1)),
    "stem": ((8, 3, 2),),
}
X = np.random.default_rng(0).normal(size=(2, 16, 16, 2)).astype("float32")


@pytest.mark.parametrize("operator", OPERATORS)
def test_logits_of_every_operator(operator):
    filters = (8, 8) if operator == "sc_g" else SMALL["widths"]
    model = ResidualDSSDN(**{**SMALL, "widths": filters}, operator=operator)
    logits = model(X, training=False)
    assert logits.shape == (2, 3) and np.isfinite(logits).all()


def test_the_grid_is_that_of_stem_split_and_pools():
    model = ResidualDSSDN(**SMALL)
    shapes = [model.get_layer(f"block{index}").output.shape[1:] for index in (1, 2)]
    assert model.get_layer("stem1_relu").output.shape[1:] == (8, 8, 8)
    assert shapes == [(4, 4, 8), (4, 4, 12)]


@pytest.mark.parametrize(("width", "found"), [(None, (4, 4)), ("same", (8, 8)), (3, (3, 3))])
def test_the_distilled_width_of_every_block_can_be_chosen(width, found):
    model = ResidualDSSDN(**SMALL, distilled_width=width)
    blocks = [model.get_layer(f"block{index}") for index in (1, 2)]
    assert tuple(block.distill[0].filters for block in blocks) == found


def test_dropout_acts_in_training_alone():
    plain, dropping = ResidualDSSDN(**SMALL), ResidualDSSDN(**SMALL, dropout=0.9)
    dropping.set_weights(plain.get_weights())
    np.testing.assert_allclose(dropping(X, training=False), plain(X, training=False), atol=1e-6)
    assert dropping.get_layer("dropout").rate == 0.9
    assert "dropout" not in [layer.name for layer in plain.layers]


def test_without_the_top_it_gives_the_last_block_or_its_pool():
    grid = ResidualDSSDN(**SMALL, include_top=False)
    assert grid(X).shape == (2, 4, 4, 12)
    pooled = ResidualDSSDN(**SMALL, include_top=False, pooling="avg")
    pooled.set_weights(grid.get_weights())
    np.testing.assert_allclose(
        pooled(X, training=False), np.mean(grid(X, training=False), axis=(1, 2)), atol=1e-6
    )


def test_a_softmax_may_follow():
    softmax = ResidualDSSDN(**SMALL, classifier_activation="softmax")
    np.testing.assert_allclose(np.asarray(softmax(X)).sum(axis=1), 1, atol=1e-6)


def test_weights_come_from_a_file_of_the_same_network(tmp_path):
    model = ResidualDSSDN(**SMALL)
    save_model(model, tmp_path / "model.keras")
    again = ResidualDSSDN(**SMALL, weights=tmp_path / "model.keras")
    np.testing.assert_allclose(again(X), model(X), atol=1e-6)
    with pytest.raises(ModelError):
        ResidualDSSDN(**{**SMALL, "widths": (8, 16)}, weights=tmp_path / "model.keras")


def test_an_open_time_axis_takes_clips_of_any_length():
    model = ResidualDSSDN(**{**SMALL, "input_shape": (None, 16, 2)})
    for frames in (12, 16):
        assert model(X[:, :frames]).shape == (2, 3)


@pytest.mark.parametrize("name", ["residual_dssdn_f", "residual_dssdn_sf", "residual_dssdn_small"])
def test_registered_networks_are_within_the_limits_of_a_microcontroller(name, figures):
    parameters, macs = figures(create_model(name))
    assert parameters <= 128_000 and macs <= 17_000_000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pattern": "SX"}, "letters S and F"),
        ({"widths": (8,)}, "must have the same length"),
        ({"pools": ((2, 1),)}, "must have the same length"),
        ({"pooling": "avg"}, "is for include_top=False"),
        ({"pooling": "median", "include_top": False}, "must be None or one of"),
        ({"input_shape": (16, 18, 2)}, "must have an even, known size"),
        ({"pools": ((9, 1), (1, 1))}, "block1: the time axis has size 8"),
        ({"stem": ()}, "stem must list one convolution or more"),
        ({"distilled_width": "wide"}, "distilled_width must be a whole number"),
        ({"distilled_width": 0}, "distilled_width must be a whole number"),
        ({"operator": "conv"}, "unknown operator 'conv'"),
    ],
)
def test_what_does_not_fit_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        ResidualDSSDN(**{**SMALL, **change})


def test_gradients_reach_every_weight():
    model = ResidualDSSDN(**SMALL)
    model.compile("sgd", keras.losses.CategoricalCrossentropy(from_logits=True))
    before = [np.array(weight) for weight in model.trainable_weights]
    model.fit(X, np.eye(3, dtype="float32")[:2], epochs=3, verbose=0)
    for weight, old in zip(model.trainable_weights, before, strict=True):
        assert np.abs(np.asarray(weight) - old).max() > 0, weight.path
