from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.errors import RunError
from dssd_tf.evaluation.comparison import compare
from dssd_tf.evaluation.predictions import prediction_table, read_predictions, write_predictions
from dssd_tf.files import write_json
from dssd_tf.pipeline.comparing import compare_runs
from dssd_tf.pipeline.run_folder import RunFolder

CLASSES = ["bus", "metro", "tram"]


@pytest.fixture
def evaluated(tmp_path: Path) -> Callable[..., RunFolder]:
    """Make a run's folder with predictions of 36 clips from 12 recordings."""

    def make(name: str, *, seed: int, systems: tuple[str, ...] = ("float", "int8")) -> RunFolder:
        number = np.arange(36)
        clips = pd.DataFrame(
            {
                "filename": [f"audio/{n}.wav" for n in number],
                "scene_label": [CLASSES[n % 3] for n in number],
                "recording": [f"{CLASSES[n % 3]}-lyon-{n % 12}" for n in number],
                "device": [("a", "s1")[n % 2] for n in number],
            }
        )
        random = np.random.default_rng(seed)
        tables = []
        for system in systems:
            logits = random.normal(size=(36, 3)) + 2 * np.eye(3)[number % 3]
            tables.append(prediction_table(clips, system, logits, CLASSES))
        run = RunFolder(tmp_path / name)
        run.path.mkdir()
        write_predictions(run.predictions, tables)
        return run

    return make


@pytest.fixture
def pair(evaluated: Callable[..., RunFolder]) -> tuple[RunFolder, RunFolder]:
    return evaluated("a", seed=1), evaluated("b", seed=2)


def _rows(run: RunFolder, system: str) -> pd.DataFrame:
    table = read_predictions(run.predictions)
    return table[table["system"] == system]


def _change(run: RunFolder, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(read_predictions(run.predictions)).to_csv(run.predictions, index=False)


@pytest.mark.parametrize(
    ("wanted", "compared"),
    [
        ((None, None), ("int8", "int8")),
        (("float", None), ("float", "int8")),
        (("float", "float"), ("float", "float")),
    ],
)
def test_the_chosen_systems_are_compared(
    pair: tuple[RunFolder, RunFolder],
    wanted: tuple[str | None, str | None],
    compared: tuple[str, str],
) -> None:
    systems, found = compare_runs(*pair, systems=wanted, resamples=50, seed=7)
    assert systems == compared
    tables = [_rows(run, system) for run, system in zip(pair, compared, strict=True)]
    assert found == compare(*tables, CLASSES, resamples=50, seed=7)
    assert found.recordings == 12


def test_two_systems_of_one_run(pair: tuple[RunFolder, RunFolder]) -> None:
    run = pair[0]
    systems, found = compare_runs(run, run, systems=("float", "int8"), resamples=50)
    assert systems == ("float", "int8")
    assert found == compare(_rows(run, "float"), _rows(run, "int8"), CLASSES, resamples=50)


def test_runs_with_other_systems(evaluated: Callable[..., RunFolder]) -> None:
    a, b = evaluated("a", seed=1, systems=("float",)), evaluated("b", seed=2)
    assert compare_runs(a, b, resamples=10)[0] == ("float", "int8")
    with pytest.raises(RunError, match=r"has no system 'int8' — choose from float$") as caught:
        compare_runs(a, b, systems=("int8", "int8"))
    assert caught.value.path == a.predictions


def test_neither_order_nor_the_order_of_columns_matters(pair: tuple[RunFolder, RunFolder]) -> None:
    before = compare_runs(*pair, resamples=50)
    _change(pair[1], lambda table: table.sample(frac=1, random_state=1)[table.columns[::-1]])
    assert compare_runs(*pair, resamples=50) == before


def test_a_run_that_was_not_evaluated(pair: tuple[RunFolder, RunFolder]) -> None:
    pair[1].predictions.unlink()
    pair[1].mark_finished("train", 1.0)
    with pytest.raises(RunError, match=r"has not been made yet — run `dssd evaluate .*b` first"):
        compare_runs(*pair)


def test_predictions_of_an_older_model(pair: tuple[RunFolder, RunFolder]) -> None:
    times = {"train": "2024-01-02T00:00:00+00:00", "evaluate": "2024-01-01T00:00:00+00:00"}
    stages = {stage: {"seconds": 1.0, "finished": time} for stage, time in times.items()}
    write_json(pair[0].path / "stages.json", stages)
    with pytest.raises(RunError, match="is older than the model"):
        compare_runs(*pair)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda t: t[~t["filename"].isin(["audio/3.wav", "audio/5.wav"])],
            r"b/predictions\.csv: lacks audio/3\.wav \(and 1 more\), which .*a/predictions",
        ),
        (
            lambda t: t.replace({"filename": {"audio/3.wav": "audio/99.wav"}}),
            r"b/predictions\.csv: lacks audio/3\.wav, which .*a/predictions",
        ),
        (
            lambda t: pd.concat([t, t.tail(1).assign(filename="audio/99.wav")]),
            r"a/predictions\.csv: lacks audio/99\.wav, which .*b/predictions",
        ),
        (
            lambda t: t.assign(
                scene_label=t["scene_label"].mask(t["filename"] == "audio/4.wav", "tram")
            ),
            r"b/.*: audio/4\.wav has scene_label 'tram', .*a/predictions\.csv says 'metro'",
        ),
        (
            lambda t: t.replace({"recording": {"bus-lyon-3": "bus-lyon-0"}}),
            r"b/.*: audio/3\.wav has recording 'bus-lyon-0', .* says 'bus-lyon-3'",
        ),
        (
            lambda t: t.replace({"device": {"s1": "s2"}}),
            r"b/.*: audio/1\.wav has device 's2', .* says 's1'",
        ),
        (lambda t: t.drop(columns="tram"), r"b/.*: has the classes \['bus', 'metro'\], .*'tram'"),
    ],
    ids=["fewer", "renamed", "more", "label", "recording", "device", "classes"],
)
def test_other_clips_are_refused(
    pair: tuple[RunFolder, RunFolder], change: Callable, message: str
) -> None:
    _change(pair[1], change)
    with pytest.raises(RunError, match=message) as caught:
        compare_runs(*pair)
    assert "\n" not in str(caught.value) and " — compare runs " in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: pd.concat([t, t.tail(1)]), r"has audio/35\.wav twice"),
        (lambda t: t.assign(scene_label=""), r"audio/0\.wav has scene_label ''"),
        (lambda t: t.assign(predicted="park"), r"audio/0\.wav has predicted 'park'"),
        (lambda t: t.assign(metro="much"), r"audio/0\.wav has 'much' for metro"),
        (lambda t: t.assign(metro=1.5), r"audio/0\.wav has '1\.5' for metro"),
        (lambda t: t.assign(system="int4"), "has no predictions of a system"),
        (lambda t: t.head(0), "has no predictions of a system"),
    ],
    ids=["twice", "no label", "no class", "no number", "no probability", "no system", "no rows"],
)
def test_damaged_predictions_are_refused(
    pair: tuple[RunFolder, RunFolder], change: Callable, message: str
) -> None:
    _change(pair[0], change)
    with pytest.raises(RunError, match=message) as caught:
        compare_runs(*pair)
    assert caught.value.path == pair[0].predictions
    assert "dssd evaluate" in str(caught.value) and "\n" not in str(caught.value)
