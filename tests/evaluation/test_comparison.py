import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics
from hypothesis import given, settings
from hypothesis import strategies as st

from dssd_tf.evaluation.comparison import Comparison, Difference, compare

CLASSES = ["bus", "metro", "tram"]


def _table(skill: float, *, seed: int = 0, recordings: int = 30, clips: int = 8) -> pd.DataFrame:
    """Predictions of a system; clips depend on the sizes only, answers on skill and seed."""
    number = np.repeat(np.arange(recordings), clips)
    truth = number % 3
    random = np.random.default_rng(seed)
    logits = random.normal(size=(len(number), 3)) + random.normal(size=(recordings, 3))[number]
    logits[np.arange(len(number)), truth] += skill
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    clip = np.arange(len(number))
    return pd.DataFrame(
        {
            "filename": [f"audio/{n}.wav" for n in clip],
            "recording": [f"{CLASSES[t]}-lyon-{n}" for t, n in zip(truth, number, strict=True)],
            "device": [("a", "s1", "s4")[n % 3] for n in clip],
            "scene_label": [CLASSES[t] for t in truth],
            "system": "float",
            "predicted": [CLASSES[p] for p in probabilities.argmax(axis=1)],
        }
    ).join(pd.DataFrame(probabilities, columns=CLASSES))


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return _table(0.5), _table(1.0, seed=1)


@pytest.fixture(scope="module")
def found(tables: tuple[pd.DataFrame, pd.DataFrame]) -> Comparison:
    return compare(*tables, CLASSES, resamples=500)


def test_figures_are_those_of_scikit_learn(
    found: Comparison, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    score = sklearn.metrics.balanced_accuracy_score
    accuracies = [score(t["scene_label"], t["predicted"]) for t in tables]
    losses = [sklearn.metrics.log_loss(t["scene_label"], t[CLASSES]) for t in tables]
    for figure, (a, b) in ((found.macro_accuracy, accuracies), (found.log_loss, losses)):
        assert (figure.a, figure.b) == (pytest.approx(a), pytest.approx(b))
        assert figure.difference == pytest.approx(b - a)
        low, high = figure.interval or (1, 0)
        assert low < figure.difference < high
    assert (found.samples, found.recordings, found.level) == (240, 30, 0.95)


@pytest.mark.parametrize("column", ["scene_label", "device"])
def test_parts(found: Comparison, tables: tuple[pd.DataFrame, pd.DataFrame], column: str) -> None:
    parts = found.class_wise if column == "scene_label" else found.device_wise
    assert list(parts) == sorted(set(tables[0][column]))
    assert sum(part.samples for part in parts.values()) == 240
    for name, part in parts.items():
        for table, accuracy, loss in zip(
            tables,
            (part.accuracy.a, part.accuracy.b),
            (part.log_loss.a, part.log_loss.b),
            strict=True,
        ):
            rows = table[table[column] == name]
            right = rows["scene_label"] == rows["predicted"]
            assert accuracy == pytest.approx(right.groupby(rows["scene_label"]).mean().mean())
            true = [row[row["scene_label"]] for _, row in rows.iterrows()]
            assert loss == pytest.approx(-np.log(true).mean())
        assert part.accuracy.difference == part.accuracy.b - part.accuracy.a
        assert part.accuracy.interval is None


def test_table_of_who_is_right(
    found: Comparison, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    a, b = (table["scene_label"] == table["predicted"] for table in tables)
    counts = pd.crosstab(a, b)
    assert dataclasses.asdict(found.recognised) == {
        "both": counts.loc[True, True],
        "only_a": counts.loc[True, False],
        "only_b": counts.loc[False, True],
        "neither": counts.loc[False, False],
    }


def test_a_system_and_itself(tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    same = compare(tables[0], tables[0], CLASSES, resamples=50)
    for figure in (same.macro_accuracy, same.log_loss):
        assert figure.difference == 0 and figure.interval == (0, 0)
        assert figure.includes_zero
    assert same.permutation_test.p_value == 1
    assert same.recognised.only_a == same.recognised.only_b == 0


def test_a_clear_difference() -> None:
    clear = compare(_table(0.0), _table(4.0), CLASSES, resamples=999)
    assert clear.permutation_test.p_value == pytest.approx(1 / 1000)
    assert clear.macro_accuracy.includes_zero is False
    assert clear.log_loss.interval is not None and clear.log_loss.interval[1] < 0


def test_swapping_the_systems_changes_the_sign(
    found: Comparison, tables: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    back = compare(*tables[::-1], CLASSES, resamples=500)
    assert back.macro_accuracy.difference == -found.macro_accuracy.difference
    low, high = found.macro_accuracy.interval or (0, 0)
    assert back.macro_accuracy.interval == pytest.approx((-high, -low))
    assert back.permutation_test == found.permutation_test
    assert back.recognised.only_a == found.recognised.only_b


def test_what_is_hard_for_both_cancels() -> None:
    """A system that differs from the other on few clips has a short interval."""
    a = _table(0.5)
    b = a.copy()
    b.loc[::40, "predicted"] = b.loc[::40, "scene_label"]
    near, far = (compare(a, other, CLASSES, resamples=300) for other in (b, _table(0.5, seed=9)))
    widths = [np.diff(each.macro_accuracy.interval)[0] for each in (near, far)]
    assert widths[0] < widths[1] / 3


@pytest.mark.parametrize("skill", [0.0, 0.7])
def test_the_interval_holds_the_truth_and_the_test_errs_as_often_as_it_says(skill: float) -> None:
    """Two systems of one skill, many times: their true difference is 0."""
    results = [
        compare(
            _table(skill, seed=2 * seed, clips=4),
            _table(skill, seed=2 * seed + 1, clips=4),
            CLASSES,
            resamples=199,
        )
        for seed in range(100)
    ]
    held = np.mean([each.macro_accuracy.includes_zero for each in results])
    wrong = np.mean([each.permutation_test.p_value <= 0.05 for each in results])
    assert 0.88 <= held <= 1
    assert wrong <= 0.12


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_the_clips_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    a, b = _table(0.5, seed=seed), _table(0.8, seed=seed + 1)
    expected = compare(a, b, CLASSES, resamples=30)
    shuffled = [table.iloc[random.permutation(len(table))] for table in (a, b)]
    assert compare(*shuffled, CLASSES, resamples=30) == expected


def test_one_recording_gives_no_interval() -> None:
    a, b = _table(0.0, recordings=1, clips=20), _table(5.0, recordings=1, clips=20)
    found = compare(a, b, CLASSES)
    assert found.macro_accuracy.difference > 0
    assert found.macro_accuracy.interval is None and found.macro_accuracy.includes_zero is None
    assert found.permutation_test.p_value == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.iloc[1:],
        lambda table: table.replace("audio/3.wav", "audio/x.wav"),
        lambda table: table.replace({"scene_label": {"bus": "tram"}}),
        lambda table: table.replace({"recording": {"bus-lyon-0": "bus-lyon-1"}}),
    ],
    ids=["fewer", "other name", "other label", "other recording"],
)
def test_other_clips_are_refused(change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    with pytest.raises(ValueError, match="not on the same clips"):
        compare(_table(0.5), change(_table(0.5)), CLASSES)


@pytest.mark.parametrize(
    ("interval", "includes"), [((-1.0, 1.0), True), ((0.0, 1.0), True), ((0.1, 1.0), False)]
)
def test_includes_zero(interval: tuple[float, float], includes: bool) -> None:
    assert Difference(0.0, 0.5, 0.5, interval).includes_zero is includes


def test_it_can_be_written_as_json(found: Comparison) -> None:
    text = json.dumps(dataclasses.asdict(found), allow_nan=False)
    assert json.loads(text)["macro_accuracy"]["interval"] == list(found.macro_accuracy.interval)
