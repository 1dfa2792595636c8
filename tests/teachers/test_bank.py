from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers import TeacherBank, begin_teacher


def test_logits_come_in_the_order_that_is_asked_for(
    bank: Path, clips: list[str], add: Callable
) -> None:
    big, small = add("big"), add("small", seed=1)
    opened = TeacherBank.open(bank)
    assert opened.teachers == ("big", "small")
    wanted = [clips[5], clips[0], clips[5]]
    stacked = opened.stacked(wanted, ["small", "big"])
    assert stacked.shape == (3, 2, 3)
    np.testing.assert_array_equal(stacked[:, 0], small[[5, 0, 5]])
    np.testing.assert_array_equal(stacked[:, 1], big[[5, 0, 5]])


def test_weights_by_name_choose_the_teachers(bank: Path, clips: list[str], add: Callable) -> None:
    big, _, third = add("big"), add("small", seed=1), add("third", seed=2)
    opened = TeacherBank.open(bank)
    found = opened.logits(clips, weights={"third": 3, "big": 1})
    np.testing.assert_allclose(found, (big + 3 * third) / 4, atol=1e-6)
    by_order = opened.logits(clips, ["big", "third"], [1, 3])
    np.testing.assert_allclose(by_order, found, atol=1e-6)
    with pytest.raises(DataError, match="weights are given for third"):
        opened.logits(clips, ["big"], {"third": 1})


def test_missing_clips_are_counted(bank: Path, clips: list[str], add: Callable) -> None:
    add(names=clips[:4])
    with pytest.raises(DataError) as caught:
        TeacherBank.open(bank).logits(clips)
    assert f"teacher 'big' has no logits of {clips[4]} (3 of 7 clips" in str(caught.value)


def test_an_unknown_teacher_gets_the_nearest_name(
    bank: Path, clips: list[str], add: Callable
) -> None:
    add("bigger")
    with pytest.raises(DataError, match="did you mean 'bigger'"):
        TeacherBank.open(bank).stacked(clips, ["biger"])


def test_an_unfinished_teacher_is_not_used(
    bank: Path, clips: list[str], add: Callable, make_record: Callable, classes: tuple
) -> None:
    writer = begin_teacher(bank, make_record("half"), classes)
    writer.write(clips[:2], np.zeros((2, 3)))
    with pytest.raises(DataError, match="has no finished teacher"):
        TeacherBank.open(bank).logits(clips)
    add("big")
    opened = TeacherBank.open(bank)
    assert opened.teachers == ("big",)
    with pytest.raises(DataError, match="'half' is unfinished"):
        opened.logits(clips, ["half"])


def test_a_removed_shard_is_noticed(bank: Path, clips: list[str], add: Callable) -> None:
    add()
    for path in (bank / "big").glob("shard-*"):
        path.unlink()
    with pytest.raises(DataError, match="0 clips, 7 were written"):
        TeacherBank.open(bank).logits(clips)


def test_check_reorders_by_name_and_says_so(
    bank: Path, clips: list[str], add: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    big = add()
    opened = TeacherBank.open(bank)
    checked = opened.check(("tram", "bus", "park"), clips, {"bus-paris"})
    assert "in the order tram, bus, park" in capsys.readouterr().err
    np.testing.assert_array_equal(checked.logits(clips), big[:, [2, 0, 1]])
    assert checked.classes == ("tram", "bus", "park")
    np.testing.assert_array_equal(opened.logits(clips), big)
    same = opened.check(("bus", "park", "tram"), clips, {"bus-paris"})
    assert capsys.readouterr().err == ""
    np.testing.assert_array_equal(same.logits(clips), big)


def test_check_refuses_other_classes_and_missing_clips(
    bank: Path, clips: list[str], classes: tuple, add: Callable
) -> None:
    add(names=clips[:6])
    opened = TeacherBank.open(bank)
    with pytest.raises(DataError, match="lacks 'metro'"):
        opened.check((*classes, "metro"), clips, ())
    with pytest.raises(DataError, match=f"no logits of {clips[6]}"):
        opened.check(classes, clips, ())


def test_check_refuses_a_leak_or_warns(
    bank: Path, clips: list[str], classes: tuple, add: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    add("clean")
    add("leaky", recordings={"bus-lyon", "bus-paris"})
    opened = TeacherBank.open(bank)
    with pytest.raises(DataError, match="'leaky' was trained on recording 'bus-paris'"):
        opened.check(classes, clips, {"bus-paris", "tram-rome"})
    opened.check(classes, clips, {"bus-paris"}, teachers=["clean"])
    assert capsys.readouterr().err == ""
    opened.check(classes, clips, {"bus-paris"}, allow_leak=True)
    assert "'leaky'" in capsys.readouterr().err


def test_check_of_an_unknown_origin_warns_or_refuses(
    bank: Path, clips: list[str], classes: tuple, add: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    add(recordings=None)
    opened = TeacherBank.open(bank)
    opened.check(classes, clips, {"bus-paris"})
    assert "cannot be checked" in capsys.readouterr().err
    with pytest.raises(DataError, match="cannot be checked"):
        opened.check(classes, clips, {"bus-paris"}, strict=True)
