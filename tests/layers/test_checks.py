import numpy as np
import pytest

from dssd_tf.layers.checks import require_grid, require_positive


def test_grid_is_returned_as_a_tuple_with_open_axes_kept():
    assert require_grid("layer", [None, 44, None, 2]) == (None, 44, None, 2)


@pytest.mark.parametrize("shape", [(), (2, 8, 8), (2, 8, 8, 3, 1)])
def test_wrong_rank_names_layer_shape_and_expected_axes(shape):
    with pytest.raises(ValueError) as refused:
        require_grid("my_layer", shape)
    message = str(refused.value)
    assert message.startswith("my_layer: ")
    assert f"rank {len(shape)} with shape {shape}" in message
    assert "(batch, time, frequency, channels)" in message


def test_unknown_channels_are_refused_with_the_shape():
    with pytest.raises(ValueError, match=r"my_layer.*\(None, 8, 8, None\).*Input"):
        require_grid("my_layer", (None, 8, 8, None))


@pytest.mark.parametrize("value", [0, -3, 2.0, "4", None, True])
def test_what_is_no_count_is_named(value):
    with pytest.raises(ValueError) as refused:
        require_positive("my_layer", width=3, filters=value)
    assert str(refused.value) == (
        f"my_layer: filters must be a whole number from 1 up, got {value!r}."
    )


def test_numpy_counts_are_taken():
    require_positive("my_layer", filters=np.int64(3))
