from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers import TeacherBank, TeacherRecord
from dssd_tf.teachers.importing import import_logits

PROBABILITIES = np.array([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0], [0.1, 0.2, 0.7]])


@pytest.fixture
def bring(tmp_path: Path, bank: Path, clips: list[str], classes: tuple) -> Callable:
    """Import an array as the teacher `made`."""

    def bring(values: np.ndarray, order: tuple = classes, **options: Any) -> TeacherRecord:
        path = tmp_path / "logits.npz"
        np.savez(path, names=np.array(clips[: len(values)]), logits=values)
        return import_logits(path, bank, "made", order, **options)

    return bring


def test_float16_is_stored_as_float32(bank: Path, clips: list[str], bring: Callable) -> None:
    values = np.random.default_rng(0).normal(size=(7, 3)).astype(np.float16)
    record = bring(values)
    assert (record.dtype, record.kind, record.clips, record.origin) == (
        "float32",
        "import",
        7,
        None,
    )
    found = TeacherBank.open(bank).logits(clips)
    np.testing.assert_array_equal(found, values.astype(np.float32))


def test_probabilities_become_logits_with_the_same_softmax(
    bank: Path, clips: list[str], bring: Callable
) -> None:
    assert bring(PROBABILITIES, probabilities=True).values == "probabilities"
    found = TeacherBank.open(bank).logits(clips[:3])
    assert np.isfinite(found).all()
    shares = np.exp(found) / np.exp(found).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(shares, PROBABILITIES, atol=1e-6)


def test_a_temperature_is_undone(bank: Path, clips: list[str], bring: Callable) -> None:
    logits = np.array([[2.0, -1.0, 0.5]])
    softened = np.exp(logits / 4) / np.exp(logits / 4).sum()
    bring(softened, probabilities=True, temperature=4)
    found = TeacherBank.open(bank).logits(clips[:1])
    np.testing.assert_allclose(found - found[:, :1], logits - logits[:, :1], atol=1e-5)


def test_what_is_no_probability_is_refused(bring: Callable, clips: list[str], bank: Path) -> None:
    with pytest.raises(DataError, match=f"values of {clips[1]} are no probabilities.*sum to 1.5"):
        bring(PROBABILITIES + np.array([[0], [0.5 / 3], [0]]), probabilities=True)
    assert not bank.exists()


def test_probabilities_given_as_logits_are_suspected(
    bring: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(PROBABILITIES)
    assert "give --probabilities" in capsys.readouterr().err


def test_recordings_and_fold_are_noted(bank: Path, bring: Callable) -> None:
    bring(np.zeros((2, 3)), fold=2, recordings=["bus-a", "bus-b"])
    opened = TeacherBank.open(bank)
    assert opened.recordings("made") == {"bus-a", "bus-b"}
    origin = opened.record("made").origin
    assert (origin.fold, origin.recordings, origin.complete) == (2, 2, True)
    assert bring(np.zeros((2, 3)), split=5, overwrite=True).origin.complete is False


def test_a_prefix_and_the_order_of_the_bank(
    bank: Path, clips: list[str], bring: Callable, add: Callable
) -> None:
    add()
    bring(np.array([[1.0, 2.0, 3.0]]), ("park", "tram", "bus"), prefix="set/")
    found = TeacherBank.open(bank).logits([f"set/{clips[0]}"], ["made"])
    np.testing.assert_array_equal(found, [[3, 1, 2]])


def test_the_same_again_changes_nothing_and_another_is_refused(bring: Callable) -> None:
    first = bring(np.zeros((2, 3)))
    assert bring(np.zeros((2, 3))) == first
    with pytest.raises(DataError, match="has another teacher 'made'"):
        bring(np.ones((2, 3)))


@pytest.mark.parametrize("options", [{"temperature": 0}, {"fold": 0}, {"split": 101}])
def test_numbers_out_of_range_are_one_line(bring: Callable, options: dict[str, Any]) -> None:
    with pytest.raises(DataError, match=next(iter(options))):
        bring(np.zeros((2, 3)), **options)
