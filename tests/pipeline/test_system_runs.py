from collections.abc import Callable

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.errors import PackageError
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.system_runs import group_runs

SPLITS = (5, 10, 25, 50, 100)


def test_without_splits_a_run_is_a_system(copies: Callable[..., list[RunFolder]]) -> None:
    runs = copies(None, None)
    groups = group_runs(runs, load_edition(2023), 2)
    assert [group.first for group in groups] == runs
    assert [group.all for group in groups] == [[run] for run in runs]


def test_systems_share_the_runs_of_splits_in_order(
    copies: Callable[..., list[RunFolder]],
) -> None:
    runs = copies(*SPLITS, *reversed(SPLITS))
    first, second = group_runs(runs, load_edition(2024), 2)
    assert list(first.by_split) == list(SPLITS)
    assert list(second.by_split.values()) == runs[5:]
    with pytest.raises(PackageError, match="10 runs cannot be shared evenly by the entry's 3"):
        group_runs(runs, load_edition(2024), 3)


def test_models_of_devices_follow_their_general_one(
    copies: Callable[..., list[RunFolder]], of_devices: Callable[..., RunFolder]
) -> None:
    runs = copies(None, None, None, None)
    of_devices(runs[1], "a")
    of_devices(runs[2], "s1", "s2")
    first, second = group_runs(runs, load_edition(2025), 2)
    assert first.by_device == {"a": runs[1], "s1": runs[2], "s2": runs[2]}
    assert first.all == runs[:3]
    assert second.all == [runs[3]]
    of_devices(runs[3], "a")
    with pytest.raises(PackageError, match="second run of device a") as caught:
        group_runs(runs, load_edition(2025), 1)
    assert str(caught.value).startswith(str(runs[3].path))
    with pytest.raises(PackageError, match="model for s1, s2, with no general one before it"):
        group_runs(runs[2:], load_edition(2025), 1)


@pytest.mark.parametrize(("year", "split"), [(2022, None), (2024, 5)])
def test_other_editions_take_no_models_of_devices(
    copies: Callable[..., list[RunFolder]],
    of_devices: Callable[..., RunFolder],
    year: int,
    split: int | None,
) -> None:
    (run,) = copies(split)
    of_devices(run, "a")
    with pytest.raises(PackageError, match=f"{year} takes no models of devices"):
        group_runs([run], load_edition(year), 1)
