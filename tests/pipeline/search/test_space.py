from pathlib import Path
from typing import Any

import optuna
import pytest

from dssd_tf.errors import RecipeError
from dssd_tf.pipeline.search import Choice, Range, read_space


def test_lists_and_ranges(tmp_path: Path) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(
        "model.name: [dsmn_s, dsmn_f]\nfeatures.n_mels: {low: 40, high: 128, step: 8}\n"
        "training.optimizer.learning_rate: {low: 1.0e-4, high: 1.0e-2, log: true}\n"
    )
    space = read_space(path)
    assert space["model.name"] == Choice(choices=("dsmn_s", "dsmn_f"))
    assert space["features.n_mels"] == Range(low=40, high=128, step=8)
    given = {"model.name": 1, "features.n_mels": 48, "training.optimizer.learning_rate": 3e-3}
    trial: Any = optuna.trial.FixedTrial(given)
    assert {key: values.suggest(trial, key) for key, values in space.items()} == {
        **given,
        "model.name": "dsmn_f",
    }
    assert isinstance(space["features.n_mels"].suggest(trial, "features.n_mels"), int)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[1, 2]", "must map dotted keys"),
        ("{}", "must map dotted keys"),
        ("a.b: 3", "a.b: .* — give a list of values, or"),
        ("a.b: []", "a.b: "),
        ("a.b: {low: 3, high: 2}", "low 3 is not below high 2"),
        ("a.b: {low: 0, high: 2, log: true}", "log goes with low above 0"),
        ("a.b: {low: 1}", "a.b: "),
    ],
)
def test_what_is_no_space(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=reason) as caught:
        read_space(path)
    assert str(caught.value).startswith(str(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="cannot be read"):
        read_space(tmp_path / "none.yaml")
