from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dssd_tf.data.recordings import Recording
from dssd_tf.data.recordings.folds import assign_folds
from dssd_tf.errors import DataError


def _recordings(sizes: dict[str, list[int]]) -> tuple[list[Recording], dict[int, int]]:
    """A recording a number, each a group of its own."""
    found, clips = [], {}
    for scene, counts in sizes.items():
        for number, count in enumerate(counts):
            clips[len(found)] = count
            found.append(Recording(Path(f"{scene}{number}.wav"), scene, str(number)))
    return found, clips


@given(
    st.dictionaries(
        st.sampled_from("abc"), st.lists(st.integers(1, 50), min_size=3, max_size=12), min_size=1
    ),
    st.integers(0, 5),
)
def test_every_fold_has_every_scene_and_as_much_as_may_be(sizes, seed):
    recordings, clips = _recordings(sizes)
    folds = assign_folds(recordings, clips, 3, seed=seed)
    for scene, counts in sizes.items():
        held = Counter()
        for place, recording in enumerate(recordings):
            if recording.scene == scene:
                held[folds[place]] += clips[place]
        assert set(held) == {1, 2, 3}
        assert max(held.values()) - min(held.values()) <= max(counts)
    assert folds == assign_folds(recordings, clips, 3, seed=seed)


def test_groups_stay_together_and_given_folds_are_kept():
    recordings = [
        Recording(Path("1.wav"), "bus", "x"),
        Recording(Path("2.wav"), "bus", "x", fold=2),
        Recording(Path("3.wav"), "bus", "y"),
        Recording(Path("4.wav"), "park", "x"),
        Recording(Path("5.wav"), "park", "z", fold=2),
    ]
    folds = assign_folds(recordings, dict.fromkeys(range(5), 4), 2)
    assert folds == [2, 2, 1, 1, 2]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ([None, None, 3, 1], "3.wav: is of fold 3, but there are 2"),
        ([1, 2, None, None], "2.wav: x is in the folds 1 and 2"),
        ([1, 1, 1, None], "class 'bus' has recordings of 2 groups, none for fold 2"),
    ],
)
def test_folds_that_cannot_be_made(changes, reason):
    recordings = [
        Recording(Path("1.wav"), "bus", "x", fold=changes[0]),
        Recording(Path("2.wav"), "bus", "x", fold=changes[1]),
        Recording(Path("3.wav"), "bus", "y", fold=changes[2]),
        Recording(Path("4.wav"), "park", "x", fold=changes[3]),
    ]
    with pytest.raises(DataError, match=reason):
        assign_folds(recordings, dict.fromkeys(range(4), 1), 2)
