import numpy as np

from dssd_tf.data.synthesis.textures import brake_squeal, rail_joints, rail_rumble


def test_rumble_and_roar(rng, share):
    low = rail_rumble(rng, 88_200, edge=300.0, roar=0.0, swell=0.0)
    high = rail_rumble(rng, 88_200, edge=300.0, roar=1.0, swell=0.0)
    assert share(low, 0, 400) > 0.9
    assert share(high, 600, 4000) > 0.2 > 10 * share(low, 600, 4000)


def test_platform_hears_trains_come_and_go(rng):
    def spread(swell: float) -> float:
        levels = []
        for _ in range(12):
            signal = rail_rumble(rng, 88_200, edge=300.0, roar=0.3, swell=swell)
            levels.append(np.log(np.std(signal)))
        return float(np.std(levels))

    assert spread(1.0) > 2 * spread(0.0)


def test_two_knocks_a_joint(rng):
    signal = rail_joints(rng, 441_000, rate=1.0, hertz=400.0, pair=0.2)
    active = np.abs(signal).reshape(-1, 441).max(axis=1) > 0.3
    onsets = int((np.diff(active.astype(int)) == 1).sum())
    assert 17 <= onsets <= 24


def test_squeal_is_a_high_tone(rng, share):
    signals = [brake_squeal(rng, 88_200, hertz=3000.0) for _ in range(10)]
    heard = np.concatenate([signal for signal in signals if signal.any()])
    assert share(heard, 2500, 3500) > 0.6
