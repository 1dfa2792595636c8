import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.evaluation.metrics import agreement
from dssd_tf.evaluation.side_by_side import flips, side_by_side

CLASSES = ["bus", "metro", "tram"]
TRUTH = np.array([0, 0, 1, 1, 1])


def logits(*predicted: int, height: float = 2.0) -> np.ndarray:
    """Rows that are 0 but for the predicted class."""
    return height * np.eye(3, dtype=np.float32)[list(predicted)]


FLOAT = logits(0, 0, 1, 2, 0)
INT8 = logits(0, 1, 2, 1, 2)  # same, right to wrong, right to wrong, wrong to right, wrong to wrong


def test_flips_of_a_known_case() -> None:
    assert flips(TRUTH, FLOAT, INT8, CLASSES) == {
        "bus": {"clips": 2, "changed": 1, "right_to_wrong": 1, "wrong_to_right": 0},
        "metro": {"clips": 3, "changed": 3, "right_to_wrong": 1, "wrong_to_right": 1},
    }


def test_systems_and_pairs_of_a_known_case() -> None:
    near = FLOAT.copy()
    near[0, 2] += 0.5
    found = side_by_side(TRUTH, {"float": FLOAT, "fake_quant": near, "int8": INT8}, CLASSES)
    assert found["clips"] == 5
    assert list(found["systems"]) == ["float", "fake_quant", "int8"]
    assert found["systems"]["float"]["macro_accuracy"] == pytest.approx((1 + 1 / 3) / 2)
    assert found["systems"]["int8"]["macro_accuracy"] == pytest.approx((1 / 2 + 1 / 3) / 2)
    right, wrong = np.log(2 + np.exp(2)) - 2, np.log(2 + np.exp(2))
    assert found["systems"]["float"]["log_loss"] == pytest.approx((3 * right + 2 * wrong) / 5)
    names = [(pair["reference"], pair["other"]) for pair in found["pairs"]]
    assert names == [("float", "fake_quant"), ("float", "int8"), ("fake_quant", "int8")]
    first, second, _ = found["pairs"]
    assert (first["argmax"], first["max_abs_logit"]) == (1.0, 0.5)
    assert first["mean_abs_logit"] == pytest.approx(0.5 / 15)
    assert all(not row["changed"] for row in first["flips"].values())
    assert (second["argmax"], second["max_abs_logit"]) == (pytest.approx(0.2), 2.0)
    # Four clips of five change, two values in each of them, by 2.
    assert second["mean_abs_logit"] == pytest.approx(16 / 15)
    assert second["flips"] == flips(TRUTH, FLOAT, INT8, CLASSES)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_flips_account_for_agreement_and_accuracy(clips: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.integers(3, size=clips)
    one, other = random.normal(size=(2, clips, 3))
    rows = flips(truth, one, other, CLASSES).values()
    total = {key: sum(row[key] for row in rows) for key in next(iter(rows))}
    assert total["clips"] == clips
    assert agreement(one, other)["argmax"] == pytest.approx(1 - total["changed"] / clips)
    gained = (other.argmax(axis=1) == truth).sum() - (one.argmax(axis=1) == truth).sum()
    assert total["wrong_to_right"] - total["right_to_wrong"] == gained
    assert total["right_to_wrong"] + total["wrong_to_right"] <= total["changed"]


def test_one_system_has_no_pair() -> None:
    assert side_by_side(TRUTH, {"float": FLOAT}, CLASSES)["pairs"] == []


def test_no_clips_and_logits_that_do_not_fit() -> None:
    with pytest.raises(ValueError, match="no clips"):
        side_by_side(TRUTH[:0], {"float": FLOAT[:0]}, CLASSES)
    with pytest.raises(ValueError, match=r"logits of int8 have shape \(4, 3\), not \(5, 3\)"):
        side_by_side(TRUTH, {"float": FLOAT, "int8": INT8[:4]}, CLASSES)
    with pytest.raises(ValueError, match=r"logits of int8 have shape \(5, 2\)"):
        side_by_side(TRUTH, {"int8": INT8[:, :2]}, CLASSES)
