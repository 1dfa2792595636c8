import keras
import pytest

from dssd_tf.models import DSSDN, create_model
from dssd_tf.models.dssdn import VARIANTS


@pytest.mark.parametrize(
    ("pattern", "frames", "parameters", "millions", "digits"),
    [
        ("SFFFF", 44, 80_373, 27.42, 2),
        ("SFFFF", 431, 80_373, 272.7, 1),
        ("SSSSS", 44, 69_365, 15.56, 2),
    ],
)
def test_figures_of_the_large_variant(figures, pattern, frames, parameters, millions, digits):
    model = create_model("dssdn_large", pattern=pattern, input_shape=(frames, 256, 1))
    assert model.output_shape == (None, 10)
    trainable = sum(int(keras.ops.size(weight)) for weight in model.trainable_weights)
    assert trainable == parameters
    counted, macs = figures(model)
    assert counted == parameters
    assert round(macs / 1e6, digits) == millions


def test_defaults_are_the_large_variant_with_a_split_in_the_first_block_only():
    model = DSSDN()
    blocks = [model.get_layer(f"block{index}") for index in range(1, 6)]
    assert [block.split for block in blocks] == [True, False, False, False, False]
    assert {block.operator for block in blocks} == {VARIANTS["large"]} == {"sc"}
    assert model.input_shape == (None, 44, 256, 1)


def test_distilled_width_reaches_every_block(narrow):
    model = create_model("dssdn_large", **narrow, distilled_width=5)
    widths = [model.get_layer(f"block{index}").distill[0].filters for index in (1, 2)]
    assert widths == [5, 5]


def test_ten_seconds_cost_the_same_parameters_and_more_of_the_grid(figures, narrow):
    short = figures(create_model("dssdn_large", **narrow))
    long = figures(create_model("dssdn_large", **{**narrow, "input_shape": (160, 16, 1)}))
    assert short[0] == long[0] and 8 * short[1] < long[1] < 10 * short[1]


def test_unknown_variant_is_named_with_the_choices():
    with pytest.raises(ValueError, match=r"'huge'") as refused:
        DSSDN("huge")
    assert all(variant in str(refused.value) for variant in VARIANTS)
