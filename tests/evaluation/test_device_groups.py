import pytest

from dssd_tf.evaluation.device_groups import device_groups

TAU_TRAINED = {"a", "b", "c", "s1", "s2", "s3"}


def test_devices_of_the_challenge() -> None:
    devices = ["s10", "a", "d", "s1", "s4", "b", "c", "a", "s2", "s3"]
    assert device_groups(devices, TAU_TRAINED) == {
        "seen": ("a", "b", "c", "s1", "s2", "s3"),
        "unseen": ("d", "s10", "s4"),
        "real": ("a", "b", "c", "d"),
        "simulated_seen": ("s1", "s2", "s3"),
        "simulated_unseen": ("s10", "s4"),
    }


def test_what_was_trained_on_decides_not_the_name() -> None:
    groups = device_groups(["a", "s1", "s4"], {"s4"})
    assert groups["seen"] == groups["simulated_seen"] == ("s4",)
    assert groups["unseen"] == ("a", "s1") and groups["simulated_unseen"] == ("s1",)


@pytest.mark.parametrize("trained", [TAU_TRAINED, TAU_TRAINED | {"unknown"}])
def test_a_withheld_device_is_never_seen(trained: set[str]) -> None:
    groups = device_groups(["a", "unknown"], trained)
    assert groups == {"seen": ("a",), "unseen": ("unknown",), "real": ("a",)}


def test_other_names_are_only_seen_or_not() -> None:
    groups = device_groups(["a", "phone", "s11"], {"phone"})
    assert groups == {"seen": ("phone",), "unseen": ("a", "s11")}


def test_a_group_without_a_device_is_left_out() -> None:
    assert device_groups(["mine"], ["mine"]) == {"seen": ("mine",)}
    assert device_groups([], ["mine"]) == {}
