"""One random generator for each place in the set, so that no part depends on what came before."""

import numpy as np

from dssd_tf.errors import DataError

CITY, LOCATION, RECORDING, LAYER, ROOM, DEVICE, ORDER = range(7)


def generator(seed: int, *key: int) -> np.random.Generator:
    """The generator of one place, spawned from the set's seed.

    Args:
        seed: The set's seed, 0 or more.
        key: What is drawn (one of this module's constants), then its indices, e.g.
            `RECORDING, scene, city, location, segment`.

    Raises:
        DataError: The seed is negative.
    """
    if seed < 0:
        raise DataError(f"seed {seed} is negative", fix="give a seed of 0 or more")
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
