import json

import pytest

from dssd_tf.report.notices import notices
from dssd_tf.report.run import read_run


def titles(folder, **finished):
    stages = {
        name: {"seconds": 1.0, "finished": f"2026-01-02T03:{minute:02}:00+00:00"}
        for name, minute in finished.items()
    }
    (folder / "stages.json").write_text(json.dumps(stages), encoding="utf-8")
    return [notice.title for notice in notices(read_run(folder))]


@pytest.mark.parametrize(
    ("ends", "outdated"),
    [
        ({"train": 1, "quantize": 2, "evaluate": 3, "complexity": 4}, []),
        ({"train": 1, "quantize": 3, "evaluate": 4, "complexity": 2}, ["complexity.json"]),
        ({"train": 5, "evaluate": 3, "complexity": 4}, ["metrics.json", "complexity.json"]),
        ({"train": 3, "evaluate": 3}, []),
        ({"train": 3}, []),
    ],
)
def test_figures_of_an_older_model_are_told(run_dir, ends, outdated):
    assert titles(run_dir, **ends) == [f"{file} is older than the model" for file in outdated]


def test_data(run_dir):
    assert titles(run_dir) == []
    (run_dir / "recipe.yaml").write_text("data: {synthetic: true}", encoding="utf-8")
    assert titles(run_dir) == ["synthetic data: no result"]
    (run_dir / "recipe.yaml").unlink()
    assert titles(run_dir) == ["origin of the data unknown"]


def test_times_without_a_zone_compare_as_utc(run_dir):
    stages = {
        "quantize": {"seconds": 1, "finished": "2026-01-02T03:00:01"},
        "evaluate": {"seconds": 1, "finished": "2026-01-02T04:00:00+01:00"},
    }
    (run_dir / "stages.json").write_text(json.dumps(stages), encoding="utf-8")
    (notice,) = notices(read_run(run_dir))
    assert notice.title == "metrics.json is older than the model"
    assert "dssd evaluate RUN" in notice.text
