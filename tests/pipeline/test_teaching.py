import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from dssd_tf.data import read_dataset
from dssd_tf.errors import DataError, ModelError
from dssd_tf.evaluation.predictor import KerasPredictor, softmax
from dssd_tf.pipeline import RunFolder, teaching
from dssd_tf.pipeline.run_preset import preset_from_run
from dssd_tf.pipeline.teacher_source import Teacher, open_teacher
from dssd_tf.pipeline.teaching import teach
from dssd_tf.teachers import TeacherBank


@pytest.fixture
def finished(finished_run: Path) -> RunFolder:
    return RunFolder(finished_run)


@pytest.fixture
def teacher(finished: RunFolder) -> Teacher:
    return open_teacher(finished.path)


@pytest.fixture(scope="module")
def taught(finished_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank with the run as `big`, on its training list; read it, but do not write to it."""
    bank = tmp_path_factory.mktemp("taught") / "bank"
    teach(open_teacher(finished_run), bank, "big")
    return bank


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Clips of each call of the model; a call after the fifth is interrupted, once."""
    made: list[int] = []
    run = KerasPredictor.__call__

    def counted(self: KerasPredictor, features: np.ndarray) -> np.ndarray:
        made.append(len(features))
        if len(made) == 6:
            raise KeyboardInterrupt
        return run(self, features)

    monkeypatch.setattr(KerasPredictor, "__call__", counted)
    monkeypatch.setattr(teaching, "SHARD_CLIPS", 4)
    monkeypatch.setattr(teaching, "_BATCH", 2)
    yield made


@pytest.mark.parametrize("system", ["float", "int8"])
def test_logits_are_those_of_the_evaluation(
    finished: RunFolder, tmp_path: Path, system: str
) -> None:
    teacher = open_teacher(finished.path, int8=system == "int8")
    record = teach(teacher, tmp_path / "bank", "big", clips="all")
    table = pd.read_csv(finished.predictions)
    table = table[table["system"] == system]
    bank = TeacherBank.open(tmp_path / "bank")
    found = softmax(bank.logits(list(table["filename"])))
    np.testing.assert_allclose(found, table[list(bank.classes)], atol=2e-6)
    assert record.system == system
    assert record.clips == len(bank.filenames("big")) == 40


def test_the_whole_training_list_is_stored_and_noted(
    finished: RunFolder, synthetic_set: Path, taught: Path
) -> None:
    recipe = finished.recipe()
    dataset = read_dataset(synthetic_set, recipe.data, seed=recipe.seed)
    assert len(dataset.validation)
    listed = pd.concat([dataset.train, dataset.validation])
    bank = TeacherBank.open(taught)
    assert sorted(bank.filenames("big")) == sorted(listed["filename"])
    assert bank.recordings("big") == set(listed["recording"])
    test = set(dataset.test["recording"])
    bank.check(dataset.classes, list(dataset.train["filename"]), test, strict=True)
    leaky = test | {dataset.validation["recording"].iloc[0]}
    with pytest.raises(DataError, match="'big' was trained on recording"):
        bank.check(dataset.classes, list(dataset.train["filename"]), leaky)


@pytest.mark.slow
def test_an_interrupted_teacher_goes_on_and_ends_the_same(
    teacher: Teacher, taught: Path, tmp_path: Path, calls: list[int]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        teach(teacher, tmp_path / "bank", "big")
    assert TeacherBank.open(tmp_path / "bank").teachers == ()
    calls += [0] * 10
    before = len(calls)
    teach(teacher, tmp_path / "bank", "big")
    # Two shards of four clips were written before: twelve of twenty are left.
    assert sum(calls[before:]) == 12
    one, other = (TeacherBank.open(path) for path in (tmp_path / "bank", taught))
    names = one.filenames("big")
    np.testing.assert_allclose(one.logits(names), other.logits(names), atol=1e-6)
    before = len(calls)
    teach(teacher, tmp_path / "bank", "big")
    assert calls[before:] == []


def test_a_preset_of_the_run_gives_its_logits_and_no_origin(
    finished: RunFolder,
    teacher: Teacher,
    taught: Path,
    synthetic_set: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    preset_from_run(finished, tmp_path / "preset")
    preset = open_teacher(tmp_path / "preset", data=synthetic_set)
    preset = replace(preset, cache=teacher.cache)
    bank = Path(shutil.copytree(taught, tmp_path / "bank"))
    record = teach(preset, bank, "preset")
    assert record.origin is None
    assert "not known" in capsys.readouterr().err
    opened = TeacherBank.open(bank)
    stacked = opened.stacked(opened.filenames("big"), ["big", "preset"])
    np.testing.assert_allclose(stacked[:, 0], stacked[:, 1], atol=1e-5)


def test_another_front_end_is_another_teacher(
    teacher: Teacher, taught: Path, tmp_path: Path
) -> None:
    bank = Path(shutil.copytree(taught, tmp_path / "bank"))
    higher = teacher.features.model_copy(update={"fmin": teacher.features.fmin + 50})
    with pytest.raises(DataError, match="has another teacher 'big'"):
        teach(replace(teacher, features=higher), bank, "big")
    assert TeacherBank.open(bank).filenames("big") == TeacherBank.open(taught).filenames("big")


@pytest.mark.parametrize("int8", [False, True])
def test_a_model_that_does_not_fit_leaves_no_bank(
    finished: RunFolder, tmp_path: Path, int8: bool
) -> None:
    teacher = open_teacher(finished.path, int8=int8)
    mels = teacher.features.model_copy(update={"n_mels": 16})
    with pytest.raises(ModelError, match="takes input"):
        teach(replace(teacher, features=mels), tmp_path / "bank", "big")
    assert teacher.classes is not None
    with pytest.raises(ModelError, match="has 10 outputs"):
        teach(replace(teacher, classes=teacher.classes[:9]), tmp_path / "bank", "big")
    assert not (tmp_path / "bank").exists()


def test_a_model_of_probabilities_is_refused(teacher: Teacher, tmp_path: Path) -> None:
    import keras

    shape = teacher.features.shape(round(teacher.features.sampling_rate))
    inputs = keras.Input(shape)
    x = keras.layers.GlobalAveragePooling2D()(inputs)
    keras.Model(inputs, keras.layers.Dense(10, activation="softmax")(x)).save(tmp_path / "m.keras")
    with pytest.raises(ModelError, match="ends in softmax, expected logits"):
        teach(replace(teacher, model=tmp_path / "m.keras"), tmp_path / "bank", "big")
    assert not (tmp_path / "bank").exists()
