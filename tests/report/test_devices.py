import pytest

from dssd_tf.report.devices import group_devices, pool
from dssd_tf.report.schema import Scores


def test_groups_follow_the_result_tables():
    devices = ["s10", "s4", "a", "s1", "unknown", "d", "s9", "b", "x10", "x2"]
    groups = {group.name: group.devices for group in group_devices(devices)}
    assert groups == {
        "real": ("a", "b", "d"),
        "seen simulated": ("s1",),
        "unseen simulated": ("s4", "s9", "s10"),
        "other": ("unknown", "x2", "x10"),
    }


def test_devices_of_the_training_make_the_difference():
    groups = group_devices(["a", "b", "s1", "s2", "phone", "tablet"], ["a", "s2", "phone", "x"])
    assert {group.name: group.devices for group in groups} == {
        "seen real": ("a",),
        "unseen real": ("b",),
        "seen simulated": ("s2",),
        "unseen simulated": ("s1",),
        "seen other": ("phone",),
        "unseen other": ("tablet",),
    }


def test_no_device_gives_no_group():
    assert group_devices([]) == []


def test_pool_weights_by_clips_and_skips_what_is_unknown():
    pooled = pool(
        [
            Scores(samples=30, accuracy=0.5, log_loss=1.0),
            Scores(samples=10, accuracy=0.9, log_loss=None),
            Scores(samples=0),
        ]
    )
    assert pooled.samples == 40
    assert pooled.accuracy == pytest.approx(0.6)
    assert pooled.log_loss == pytest.approx(1.0)
    assert pool([]).accuracy is None


def test_a_group_of_one_device_has_one_row():
    groups = group_devices(["a", "b", "c"], ["a"])
    assert [(group.label, group.inner) for group in groups] == [
        ("seen real: a", ()),
        ("unseen real", ("b", "c")),
    ]
