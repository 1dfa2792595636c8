import numpy as np
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.augmentation.resampling import read_bands, read_frames

CLIPS = np.random.default_rng(0).standard_normal((2, 7, 5)).astype("float32")
PLACES = st.lists(st.floats(-20, 20, width=32), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None)
@given(places=PLACES)
def test_frames_are_read_as_of_a_periodic_function(places: list[float]) -> None:
    found = read_frames(tf.constant(CLIPS), tf.constant([places, places[::-1]], tf.float32))
    for clip, row, result in zip(CLIPS, (places, places[::-1]), found, strict=True):
        for band in range(5):
            expected = np.interp(row, np.arange(7), clip[:, band], period=7)
            np.testing.assert_allclose(result[:, band], expected, atol=1e-4)


@settings(max_examples=30, deadline=None)
@given(places=PLACES)
def test_bands_are_read_with_the_edges_repeated(places: list[float]) -> None:
    found = read_bands(tf.constant(CLIPS), tf.constant([places, places[::-1]], tf.float32))
    for clip, row, result in zip(CLIPS, (places, places[::-1]), found, strict=True):
        for frame in range(7):
            expected = np.interp(row, np.arange(5), clip[frame])
            np.testing.assert_allclose(result[frame], expected, atol=1e-4)
