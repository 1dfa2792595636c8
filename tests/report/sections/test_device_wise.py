import pandas as pd
import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.device_wise import build


def test_class_by_device_counts_the_deployed_system_s_clips(finished):
    run = read_run(finished)
    data = build(run)
    table = pd.read_csv(finished / "predictions.csv")
    table = table[table["system"] == "int8"]
    devices = [device for group in data["columns"] for device in group.devices]
    for row in data["class_device"]:
        cells = [cell for group in row["groups"] for cell in group]
        for device, cell in zip(devices, cells, strict=True):
            clips = table[(table["scene_label"] == row["label"]) & (table["device"] == device)]
            assert cell["clips"] == len(clips)
            assert cell["correct"] == (clips["predicted"] == row["label"]).sum()
            assert cell["accuracy"] == cell["correct"] / cell["clips"]


def test_groups_pool_their_devices(finished):
    run = read_run(finished)
    groups = {group["name"]: group for group in build(run)["groups"]}
    assert list(groups) == ["real", "seen simulated", "unseen simulated"]
    table = run.predictions[run.predictions["system"] == "int8"]
    unseen = table[table["device"].isin(["s4", "s10"])]
    pooled = groups["unseen simulated"]["pooled"]["int8"]
    assert pooled.samples == len(unseen)
    assert pooled.accuracy == pytest.approx((unseen["scene_label"] == unseen["predicted"]).mean())


def test_pair_without_a_clip_is_unknown(run_dir):
    path = run_dir / "predictions.csv"
    table = pd.read_csv(path)
    table.loc[(table["device"] == "a") & (table["scene_label"] == "bus"), "device"] = "b"
    table.to_csv(path, index=False)
    row = build(read_run(run_dir))["class_device"][1]
    assert row["groups"][0][0] == {"correct": 0, "clips": 0, "accuracy": None}
    assert row["groups"][0][1]["clips"] == 12


def test_metrics_without_devices_leave_the_section_out(run_dir, edit):
    def drop(metrics):
        for system in metrics["systems"].values():
            system["device_wise"] = {}

    edit(run_dir / "metrics.json", drop)
    assert build(read_run(run_dir)) == Missing(
        "metrics.json names no device", ("dssd evaluate RUN",)
    )


def test_a_set_of_one_device_has_one_row(run_dir, edit, render_tables):
    def one(metrics):
        metrics["trained_devices"] = ["a"]
        for system in metrics["systems"].values():
            system["device_wise"] = {"a": system["device_wise"]["a"]}

    edit(run_dir / "metrics.json", one)
    table = render_tables(run_dir).one("section", id="device_wise").all("table")[0]
    (row,) = table.one("tbody").all("tr")
    assert row.one("th").text == "seen real: a"
