import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.calibration import build


def test_bins_without_clips_are_left_out(finished):
    run = read_run(finished)
    data = build(run)
    assert sum(each.samples for each in data["bins"]) == run.deployed_metrics.samples
    assert all(each.samples for each in data["bins"])
    assert data["errors"].keys() == {"float", "int8"}
    assert data["errors"]["int8"] == run.deployed_metrics.calibration.ece


def _one_bin(metrics, confidence, accuracy):
    samples = metrics["systems"]["int8"]["samples"]
    metrics["systems"]["int8"]["calibration"] = {
        "ece": abs(confidence - accuracy),
        "bins": [
            {"low": 0.0, "high": 0.5, "samples": 0, "confidence": None, "accuracy": None},
            {
                "low": 0.5,
                "high": 1.0,
                "samples": samples,
                "confidence": confidence,
                "accuracy": accuracy,
            },
        ],
    }


@pytest.mark.parametrize(("confidence", "accuracy", "surer"), [(0.9, 0.6, True), (0.6, 0.9, False)])
def test_what_the_figure_says(run_dir, edit, render_tables, confidence, accuracy, surer):
    edit(run_dir / "metrics.json", lambda metrics: _one_bin(metrics, confidence, accuracy))
    data = build(read_run(run_dir))
    assert data["surer"] is surer
    assert (
        f"{100 * confidence:.0f} % and the accuracy {100 * accuracy:.0f} %"
        in (data["figure"]["label"])
    )
    section = render_tables(run_dir).one("section", id="calibration")
    told = " ".join(section.text.split())
    assert ("system is surer than it is right" in told) is surer
    assert "int8 30.00 %." in told
    assert section.one("svg").attributes["role"] == "img"
    assert len(section.one("tbody").all("tr")) == 1


def test_an_older_run_has_none(run_dir, edit):
    def forget(metrics):
        for system in metrics["systems"].values():
            del system["calibration"]

    edit(run_dir / "metrics.json", forget)
    assert isinstance(build(read_run(run_dir)), Missing)
