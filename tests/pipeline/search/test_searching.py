from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.errors import RecipeError, RunError
from dssd_tf.pipeline.search import Choice, Range, Search, run_search
from dssd_tf.pipeline.sweep.points import read_variants


@pytest.fixture
def search(write_recipe: Callable[..., Path], synthetic_set: Path, tmp_path: Path) -> Search:
    recipe = write_recipe(
        model={"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8, 8]}},
        training={"epochs": 1, "form": "convolution", "jit_compile": None},
        quantization={"method": "none"},
        challenge={"edition": 2024, "entry": None},
    )
    space = {"training.optimizer.learning_rate": Range(low=1e-4, high=1e-2, log=True)}
    return Search(recipe, space, tmp_path / "search", synthetic_set)


@pytest.fixture
def histories(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Trials are not trained: the loss is the learning rate's distance from 1e-3. Their names."""
    done: list[str] = []

    def train(sweep, point, processes, stop) -> str | None:
        done.append(point.name)
        rate = point.settings["training.optimizer.learning_rate"]
        if rate > 9e-3:
            return "diverged"
        folder = sweep.out / point.name
        folder.mkdir(parents=True, exist_ok=True)
        losses = [9.0, abs(rate - 1e-3) + point.fold]
        pd.DataFrame({"val_loss": losses, "val_accuracy": [0.1, 0.5]}).to_csv(
            folder / "history.csv", index=False
        )
        return None

    monkeypatch.setattr("dssd_tf.pipeline.search.searching.do_run", train)
    return done


def test_the_best_trial_is_written_as_a_variant(search: Search, histories: list[str]) -> None:
    table = run_search(search, 6)
    complete = table[table["state"] == "complete"]
    best = complete.loc[complete["val_loss"].astype(float).idxmin()]
    settings = read_variants([search.out / "best.yaml"])["best"]
    assert settings == {
        "training.optimizer.learning_rate": float(best["set training.optimizer.learning_rate"])
    }
    assert histories == [f"trial{number:04d}/fold1_seed0" for number in range(6)]
    assert len(pd.read_csv(search.out / "trials.csv")) == 6


def test_a_search_goes_on_where_it_was(search: Search, histories: list[str]) -> None:
    first = run_search(search, 2)
    table = run_search(search, 5)
    assert len(histories) == 5 and len(table) == 5
    pd.testing.assert_frame_equal(table.iloc[:2], first, check_dtype=False)
    run_search(search, 5)
    assert len(histories) == 5
    assert table["set training.optimizer.learning_rate"].is_unique


def test_another_search_is_not_mixed_in(search: Search, histories: list[str]) -> None:
    run_search(search, 1)
    for other in (replace(search, objective="val_accuracy"), replace(search, folds=(1, 2))):
        with pytest.raises(RunError, match="holds a search of another space, objective"):
            run_search(other, 2)
    assert len(histories) == 1


def test_folds_are_averaged(search: Search, histories: list[str]) -> None:
    table = run_search(replace(search, folds=(1, 3)), 1)
    rate = float(table["set training.optimizer.learning_rate"][0])
    assert float(table["val_loss"][0]) == pytest.approx(2 + abs(rate - 1e-3))
    assert histories == ["trial0000/fold1_seed0", "trial0000/fold3_seed0"]


def test_what_is_over_a_limit_is_not_trained(search: Search, histories: list[str]) -> None:
    options = Choice(choices=({"pattern": "FF", "widths": [64, 640]},))
    space = {**search.space, "model.options": options}
    with pytest.raises(RunError, match=r"trials.csv: no trial came to an end"):
        run_search(replace(search, space=space), 2)
    assert histories == []
    table = pd.read_csv(search.out / "trials.csv")
    assert list(table["state"]) == ["pruned", "pruned"] and (table["over"] > 0).all()


def test_a_trial_that_fails_leaves_the_others(search: Search, histories: list[str]) -> None:
    wide = {"training.optimizer.learning_rate": Choice(choices=(1.0, 2e-3))}
    table = run_search(replace(search, space=wide, seed=1), 6)
    assert set(table["state"]) == {"complete", "fail"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"overrides": ["data.validation_fraction=0"]}, "holds out no validation clips"),
        ({"space": {"seed": Range(low=0, high=3)}}, "seed is set by the search itself"),
    ],
)
def test_searches_that_mean_nothing(search: Search, changes: dict, reason: str) -> None:
    with pytest.raises(RecipeError, match=reason):
        run_search(replace(search, **changes), 1)
    assert not search.out.exists()


def test_without_optuna_it_tells_what_to_install(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pip install 'dssd_tf\[search\]'"):
        run_search(search, 1)


@pytest.mark.slow
def test_a_real_trial(search: Search) -> None:
    table = run_search(search, 1)
    assert list(table["state"]) == ["complete"]
    history = pd.read_csv(search.out / "trial0000" / "fold1_seed0" / "history.csv")
    assert float(table["val_loss"][0]) == pytest.approx(history["val_loss"].min())
    assert not (search.out / "trial0000" / "fold1_seed0" / "metrics.json").exists()
