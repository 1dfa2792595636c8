import numpy as np
import pytest

from dssd_tf.data.synthesis.textures import footsteps, luggage


def test_one_walker_steps_about_twice_a_second(rng):
    signal = footsteps(rng, 441_000, walkers=1.0, hardness=1.0)
    active = np.abs(signal).reshape(-1, 441).max(axis=1) > 0.02
    onsets = int((np.diff(active.astype(int)) == 1).sum())
    assert 13 <= onsets <= 26


def test_stone_is_brighter_than_grass(rng, share):
    grass, stone = (footsteps(rng, 220_500, walkers=3.0, hardness=h) for h in (0.0, 1.0))
    assert share(stone, 1000, 10_000) > share(grass, 1000, 10_000) + 0.2


def test_wheels_knock_at_the_joints(rng):
    signal = luggage(rng, 441_000, joints=10.0)
    level = np.abs(signal).reshape(-1, 441).mean(axis=1)
    spectrum = np.abs(np.fft.rfft(level - level.mean()))
    hertz = np.fft.rfftfreq(len(level), 0.01)
    fast = hertz > 5
    assert hertz[fast][spectrum[fast].argmax()] == pytest.approx(10, rel=0.15)
