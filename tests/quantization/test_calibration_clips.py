import keras
import numpy as np
import pytest
import tensorflow as tf

from dssd_tf.errors import ModelError
from dssd_tf.quantization.calibration_clips import calibration_clips

CLIPS = np.arange(12, dtype="float64").reshape(2, 3, 2, 1)


@pytest.mark.parametrize(
    "make",
    [np.asarray, tf.constant, keras.ops.convert_to_tensor, np.ndarray.tolist, list],
    ids=["array", "tensorflow", "keras", "nested-list", "list-of-arrays"],
)
def test_whatever_numpy_makes_an_array_of_is_taken(make):
    found = calibration_clips("net", make(CLIPS), (3, 2, 1))
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, CLIPS)


@pytest.mark.parametrize(
    "clips",
    [[], np.zeros(0), 3.0, np.zeros((0, 3, 2, 1)), CLIPS[0], CLIPS[..., 0], CLIPS[None]],
    ids=["empty", "no-axes", "number", "no-clip", "one-clip", "no-channels", "more-axes"],
)
def test_another_shape_is_told_beside_the_wanted_one(clips):
    with pytest.raises(ModelError) as refused:
        calibration_clips("net", clips, (3, 2, 1))
    assert str(refused.value).startswith(
        f"net: calibration features have shape {np.shape(clips)} — give at least one clip of "
        "shape (3, 2, 1)"
    )


@pytest.mark.parametrize(
    "clips",
    ["clips.npy", None, [CLIPS[0], CLIPS[0, 0]], keras.KerasTensor((2, 3, 2, 1)), object()],
    ids=["text", "none", "ragged", "symbolic", "object"],
)
def test_what_is_no_array_is_refused_in_one_line(clips):
    with pytest.raises(ModelError, match=r"^net: calibration features .*\(3, 2, 1\)") as refused:
        calibration_clips("net", clips, (3, 2, 1))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
def test_a_clip_that_is_not_finite_is_named(bad):
    clips = CLIPS.copy()
    clips[1, 2, 0, 0] = bad
    with pytest.raises(ModelError, match="calibration clip 1 holds NaN or infinity"):
        calibration_clips("net", clips, (3, 2, 1))


def test_an_open_axis_is_the_fault_of_the_network():
    with pytest.raises(ModelError, match=r"net has an input of shape \(None, 2, 1\) — build it"):
        calibration_clips("net", CLIPS, (None, 2, 1))
