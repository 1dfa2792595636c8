from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from dssd_tf.challenge import load_edition
from dssd_tf.errors import PackageError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.submitted_system import submission_rows, submitted_system
from dssd_tf.pipeline.system_runs import SystemRuns, group_runs

EDITION = load_edition(2025)


@pytest.fixture
def pair(
    copies: Callable[..., list[RunFolder]], of_devices: Callable[..., RunFolder]
) -> SystemRuns:
    """A general run, and one of a device that is always right; both without evaluation set."""
    general, special = copies(None, None)
    for run in (general, special):
        run.evaluation_predictions.unlink()
    table = pd.read_csv(special.predictions)
    classes = list(special.recipe().data.classes or ())
    table[classes] = (table["scene_label"].to_numpy()[:, None] == np.array(classes)).astype(float)
    table["predicted"] = table["scene_label"]
    table.to_csv(special.predictions, index=False)
    of_devices(special, _device(general))
    (group,) = group_runs([general, special], EDITION, 1)
    return group


def _device(run: RunFolder) -> str:
    """The device with the most test clips."""
    return str(pd.read_csv(run.predictions)["device"].value_counts().index[0])


def test_a_device_has_the_rows_of_its_own_model(pair: SystemRuns) -> None:
    result = submitted_system(pair, EDITION)
    ((device, special),) = pair.by_device.items()
    rows = result.outputs[None].set_index("filename")
    general, own = (submission_rows(run).set_index("filename") for run in (pair.first, special))
    classes = list(pair.first.recipe().data.classes or ())
    is_own = (rows["device"] == device).to_numpy()
    assert is_own.any() and not is_own.all()
    assert rows[classes][is_own].equals(own[classes].loc[rows.index[is_own]])
    assert rows[classes][~is_own].equals(general[classes].loc[rows.index[~is_own]])


def test_results_are_with_and_without_models_of_devices(pair: SystemRuns) -> None:
    result = submitted_system(pair, EDITION)
    ((device, _),) = pair.by_device.items()
    with_own, general = result.results["device_specific"], result.results["general"]
    assert general == read_json(pair.first.metrics)["systems"]["int8"]
    assert with_own["device_wise"][device]["accuracy"] == 1.0
    for name, scores in with_own["device_wise"].items():
        if name != device:
            assert scores == pytest.approx(general["device_wise"][name])
    assert result.recipe["num_models_at_inference"] == 2
    assert device in result.recipe["device_information"]


def test_a_system_of_one_model_gives_both_groups_alike(
    copies: Callable[..., list[RunFolder]],
) -> None:
    (run,) = copies(None)
    result = submitted_system(SystemRuns({None: run}), EDITION)
    assert result.results["device_specific"] == result.results["general"]
    assert result.recipe["num_models_at_inference"] == 1
    assert "device_information" not in result.recipe


def test_the_largest_figure_of_the_models_counts(pair: SystemRuns) -> None:
    special = next(iter(pair.by_device.values()))
    complexity = read_json(special.complexity)
    complexity["int8"]["size_bytes"] += 1000
    write_json(special.complexity, complexity)
    result = submitted_system(pair, EDITION)
    assert result.complexity["int8"]["size_bytes"] == complexity["int8"]["size_bytes"]
    assert result.complexity["float"] == read_json(pair.first.complexity)["float"]


def test_models_of_two_kinds_do_not_go_together(pair: SystemRuns) -> None:
    special = next(iter(pair.by_device.values()))
    complexity = read_json(special.complexity)
    del complexity["int8"]
    write_json(special.complexity, complexity)
    with pytest.raises(PackageError, match="model of type int8 — quantize all") as caught:
        submitted_system(pair, EDITION)
    assert str(caught.value).startswith(str(special.path))


def test_clips_without_devices_have_no_use_for_such_models(pair: SystemRuns) -> None:
    for run in pair.all:
        table = pd.read_csv(run.predictions)
        table.assign(device="").to_csv(run.predictions, index=False)
    with pytest.raises(PackageError, match="name no device of"):
        submitted_system(pair, EDITION)


def test_rows_of_an_older_model_are_refused(run: RunFolder) -> None:
    assert len(submission_rows(run)) == 10
    run.int8_model.write_bytes(run.int8_model.read_bytes() + b"x")
    with pytest.raises(PackageError, match=r"made with another model .*dssd evaluate"):
        submission_rows(run)


def test_energy_is_taken_as_it_was_measured(run: RunFolder) -> None:
    group = SystemRuns({None: run})
    assert submitted_system(group, load_edition(2023)).energy == {}
    figures = {"kwh": 0.25, "reason": None}
    write_json(run.energy, {"training": figures, "inference": None})
    energy = submitted_system(group, load_edition(2023)).energy
    assert energy == {"training": 0.25, "inference": None}
