"""Which fold tests on which recording."""

from collections.abc import Mapping, Sequence

import numpy as np

from dssd_tf.data.recordings.recording import Recording
from dssd_tf.errors import DataError


def assign_folds(
    recordings: Sequence[Recording], clips: Mapping[int, int], folds: int, *, seed: int = 0
) -> list[int]:
    """A fold from 1 for each recording; a group stays together, a fold has all scenes.

    Of each scene, groups without a fold go, the longest first, to the fold that has the fewest
    clips of it so far; groups of the same length in an order that the seed draws.

    Args:
        recordings: The recordings.
        clips: Clips of each, by its place.
        folds: Number of folds.
        seed: Any number of 0 or more.

    Raises:
        DataError: A group is in several folds, a fold is above the number of folds, or a scene
            has fewer groups than folds, so that one of them would not be tested on it.
    """
    random = np.random.default_rng([seed, 0xF01D])
    chosen: dict[tuple[str, str], int] = {}
    sizes: dict[tuple[str, str], int] = {}
    for place, recording in enumerate(recordings):
        key = (recording.scene, recording.group)
        sizes[key] = sizes.get(key, 0) + clips[place]
        if recording.fold is None:
            continue
        if recording.fold > folds:
            raise DataError(
                f"is of fold {recording.fold}, but there are {folds}", path=recording.path
            )
        if chosen.setdefault(key, recording.fold) != recording.fold:
            raise DataError(
                f"{recording.group} is in the folds {chosen[key]} and {recording.fold}",
                path=recording.path,
                fix="give all recordings of a group the same fold",
            )
    for scene in sorted({scene for scene, _ in sizes}):
        groups = sorted(group for own, group in sizes if own == scene)
        held = dict.fromkeys(range(1, folds + 1), 0)
        for group in groups:
            if (key := (scene, group)) in chosen:
                held[chosen[key]] += sizes[key]
        rest = [group for group in groups if (scene, group) not in chosen]
        order = [rest[place] for place in random.permutation(len(rest))]
        for group in sorted(order, key=lambda name: -sizes[(scene, name)]):
            fold = min(held, key=lambda number: (held[number], number))
            chosen[(scene, group)] = fold
            held[fold] += sizes[(scene, group)]
        if empty := [fold for fold, count in held.items() if not count]:
            raise DataError(
                f"class {scene!r} has recordings of {len(groups)} groups, none for fold {empty[0]}",
                fix=f"record it at more places, or make fewer folds than {folds}",
            )
    return [chosen[(recording.scene, recording.group)] for recording in recordings]
