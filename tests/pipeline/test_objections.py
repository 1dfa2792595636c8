from collections.abc import Callable

import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.objections import objections, training_objections
from dssd_tf.pipeline.system_runs import SystemRuns

EDITION = load_edition(2022)
FILES = [f"audio/{number}.wav" for number in range(EDITION.rows.value)]


def test_official_data_and_a_run_for_them_have_none(run: RunFolder) -> None:
    group = SystemRuns({None: run})
    assert objections([group], EDITION, EDITION.classes.value, FILES) == []


@pytest.mark.parametrize(
    ("classes", "files", "reason"),
    [
        (EDITION.classes.value[::-1], FILES, "the 10 classes are not those of 2022"),
        (EDITION.classes.value, FILES[1:], "the 118,799 rows are not the 118,800 files"),
        (EDITION.classes.value, [*FILES[1:], "x.wav"], "the 118,800 rows are not the 118,800"),
    ],
)
def test_other_data(run: RunFolder, classes: list[str], files: list[str], reason: str) -> None:
    (found,) = objections([SystemRuns({None: run})], EDITION, classes, files)
    assert reason in found


def test_clips_of_another_length(run: RunFolder) -> None:
    old = load_edition(2021)
    files = [f"{number}.wav" for number in range(old.rows.value)]
    (found,) = objections([SystemRuns({None: run})], old, old.classes.value, files)
    assert "takes clips of 1 s, those of 2021 last 10 s: set data.clip_seconds=10" in found


def test_one_model_twice(copies: Callable[..., list[RunFolder]]) -> None:
    groups = [SystemRuns({None: run}) for run in copies(None, None)]
    (found,) = objections(groups, EDITION, EDITION.classes.value, FILES)
    assert "copy1 and " in found and "copy0 hold the same model" in found


def test_only_2025_restricts_the_training_clips(copies: Callable[..., list[RunFolder]]) -> None:
    runs = copies(25, None, 100)
    found = training_objections(runs, load_edition(2025))
    assert [reason.split(",")[0].rsplit(" was ", 1)[1] for reason in found] == [
        "trained on a fold",
        "trained on split 100",
    ]
    assert training_objections(runs, EDITION) == []
