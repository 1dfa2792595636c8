import keras
import numpy as np
import pytest

from dssd_tf.models.block_network import block_network


@pytest.fixture(scope="module")
def build():
    def make(**changes):
        settings = {
            "input_shape": (16, 16, 2),
            "classes": 4,
            "include_top": True,
            "weights": None,
            "pooling": None,
            "operator": "sc",
            "pattern": "SFF",
            "widths": (8, 6, 10),
            "distilled_width": None,
            "stem_width": 8,
            "hidden_units": 5,
            "dropout": 0.5,
            "classifier_activation": None,
            "name": "net",
        }
        return block_network(**{**settings, **changes})

    return make


def test_blocks_follow_the_pattern_and_widths(build):
    model = build()
    blocks = [model.get_layer(f"block{index}") for index in (1, 2, 3)]
    assert [block.split for block in blocks] == [True, False, False]
    assert [tuple(block.output.shape[1:]) for block in blocks] == [
        (8, 8, 8),
        (4, 4, 6),
        (2, 2, 10),
    ]
    assert model.get_layer("stem").output.shape[1:] == (16, 16, 8)
    assert model.name == "net" and model.output_shape == (None, 4)


def test_embedding_is_the_means_of_all_blocks_but_the_first_in_order(build):
    model = build()
    x = np.random.default_rng(0).normal(size=(3, 16, 16, 2)).astype("float32")
    outputs = [model.get_layer(name).output for name in ("block2", "block3", "embedding")]
    block2, block3, embedding = keras.Model(model.input, outputs)(x, training=False)
    means = [np.mean(block, axis=(1, 2)) for block in (block2, block3)]
    np.testing.assert_allclose(embedding, np.concatenate(means, axis=1), atol=1e-6)


def test_classifier_is_dense_relu_dense_on_the_embedding(build):
    model = build()
    x = np.random.default_rng(0).normal(size=(3, 16, 16, 2)).astype("float32")
    inner = keras.Model(model.input, [model.get_layer("embedding").output, model.output])
    embedding, found = (np.asarray(value, "float64") for value in inner(x, training=False))
    kernel, bias = model.get_layer("hidden").get_weights()
    hidden = np.maximum(embedding @ kernel + bias, 0)
    kernel, bias = model.get_layer("logits").get_weights()
    np.testing.assert_allclose(found, hidden @ kernel + bias, atol=1e-5)
    assert model.get_layer("dropout").rate == 0.5


def test_softmax_is_that_of_the_logits(build):
    logits, probabilities = build(), build(classifier_activation="softmax")
    probabilities.set_weights(logits.get_weights())
    x = np.random.default_rng(0).normal(size=(3, 16, 16, 2)).astype("float32")
    expected = keras.ops.softmax(logits(x, training=False))
    np.testing.assert_allclose(probabilities(x, training=False), expected, atol=1e-6)


def test_two_blocks_are_the_fewest(build):
    assert build(pattern="SF", widths=(8, 6)).output_shape == (None, 4)
    with pytest.raises(ValueError, match=r"pattern 'S' and widths \(8,\).*at least 2"):
        build(pattern="S", widths=(8,))


@pytest.mark.parametrize("pattern", ["", "SFX", "sff", "S F"])
def test_other_letters_are_refused(build, pattern):
    with pytest.raises(ValueError, match=f"letters S and F, got {pattern!r}"):
        build(pattern=pattern)


@pytest.mark.parametrize("widths", [(8, 6), (8, 6, 10, 10), ()])
def test_as_many_widths_as_letters(build, widths):
    with pytest.raises(ValueError) as refused:
        build(widths=widths)
    assert "'SFF'" in str(refused.value) and str(widths) in str(refused.value)


def test_a_grid_too_small_names_the_block_that_fails(build):
    with pytest.raises(ValueError, match=r"block3: the time axis has size 1"):
        build(input_shape=(4, 16, 2))


def test_grouped_operator_names_the_width_that_does_not_divide(build):
    with pytest.raises(ValueError, match=r"multiple of 4, got 9"):
        build(operator="sc_g", widths=(9, 6, 10))
