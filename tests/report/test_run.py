import pytest

from dssd_tf.errors import RunError
from dssd_tf.report.run import read_run


def test_reads_a_finished_run(finished):
    run = read_run(finished)
    assert run.name == "dssdn_small"
    assert run.synthetic is False
    assert run.deployed == "int8"
    assert run.deployed_metrics is run.metrics.systems.int8
    assert len(run.history) == 12
    assert len(run.predictions) == 2 * run.deployed_metrics.samples
    assert run.stages["train"].seconds == 41.5


def test_float_is_deployed_without_int8(float_run_dir):
    assert read_run(float_run_dir).deployed == "float"


def test_missing_folder_and_metrics_are_named(tmp_path):
    with pytest.raises(RunError, match="absent: no such run folder"):
        read_run(tmp_path / "absent")
    with pytest.raises(RunError, match=r"metrics\.json: no such file — run `dssd evaluate"):
        read_run(tmp_path)


def drop_class(metrics):
    del metrics["systems"]["int8"]["class_wise"]["bus"]


def drop_row(metrics):
    metrics["systems"]["float"]["confusion_matrix"].pop()


def add_clip(metrics):
    metrics["systems"]["float"]["confusion_matrix"][0][0] += 1


def percent(metrics):
    metrics["systems"]["int8"]["macro_accuracy"] = 57.1


def infinite(metrics):
    metrics["systems"]["float"]["log_loss"] = float("inf")


def text(metrics):
    metrics["systems"]["float"]["log_loss"] = "1.2"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (drop_class, "systems.int8.class_wise has 0 clips of 'bus', confusion_matrix has 48"),
        (drop_row, "systems.float.confusion_matrix is not 5 × 5"),
        (add_clip, "systems.float.confusion_matrix counts 241 clips, samples says 240"),
        (percent, "systems.int8.macro_accuracy is 57.1"),
        (infinite, "systems.float.log_loss is inf"),
        (text, "systems.float.log_loss is '1.2'"),
        (lambda m: m.pop("classes"), "classes is"),
        (lambda m: m["systems"].pop("float"), "systems.float is"),
    ],
)
def test_wrong_metrics_are_refused_in_one_line(run_dir, edit, change, words):
    edit(run_dir / "metrics.json", change)
    with pytest.raises(RunError) as caught:
        read_run(run_dir)
    message = str(caught.value)
    assert message.startswith(f"{run_dir / 'metrics.json'}: ")
    assert words in message
    assert message.endswith(f"make it again with `dssd evaluate {run_dir}`")
    assert "\n" not in message and len(message) < 400


def test_verdict_against_its_checks_is_refused(run_dir, edit):
    edit(run_dir / "complexity.json", lambda c: c["checks"][0].update(passed=False))
    with pytest.raises(RunError, match="passed is true, but the check 'size' failed"):
        read_run(run_dir)


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("recipe.yaml", "a: [1", "is not valid YAML"),
        ("recipe.yaml", "- 1\n", "holds a list, not a mapping"),
        ("history.csv", "epoch,loss\n1,2\n", "has no column 'learning_rate'"),
        ("history.csv", "", "is not a CSV table"),
        ("predictions.csv", "filename,device\n", "has no column 'scene_label'"),
        (
            "predictions.csv",
            "filename,device,scene_label,system,predicted\nx.wav,a,bus,float,bus\n",
            "holds 1 rows of the float system where metrics.json counts 240",
        ),
        ("stages.json", '{"train": {"seconds": -1}}', "train.seconds is -1"),
        ("stages.json", '{"train": {"seconds": 1, "finished": "noon"}}', "finished is 'noon'"),
    ],
)
def test_damaged_optional_file_is_named(run_dir, file, content, words):
    (run_dir / file).write_text(content, encoding="utf-8")
    with pytest.raises(RunError) as caught:
        read_run(run_dir)
    assert str(caught.value).startswith(f"{run_dir / file}: ") and words in str(caught.value)
    assert "\n" not in str(caught.value) and caught.value.fix


HEADER = "epoch,learning_rate,loss,accuracy,val_loss,val_accuracy,seconds\n"


def test_history_keeps_gaps_and_refuses_words(run_dir):
    path = run_dir / "history.csv"
    path.write_text(HEADER + "1,0.1,nan,,0.5,inf,2\n", encoding="utf-8")
    (row,) = read_run(run_dir).history.to_dict("records")
    assert row["loss"] != row["loss"] and row["accuracy"] != row["accuracy"]
    assert row["val_accuracy"] == float("inf") and row["val_loss"] == 0.5
    path.write_text(HEADER + "1,0.1,2,0.1,0.5,0.1,2\n2,0.1,high,0,0,0,1\n", encoding="utf-8")
    with pytest.raises(RunError, match="loss in row 2 is 'high', not a number"):
        read_run(run_dir)
    path.write_text(HEADER + ",0.1,2,0.1,0.5,0.1,2\n", encoding="utf-8")
    with pytest.raises(RunError, match="epoch in row 1 is ''"):
        read_run(run_dir)


def test_history_without_an_epoch_counts_as_missing(run_dir):
    (run_dir / "history.csv").write_text(HEADER, encoding="utf-8")
    assert read_run(run_dir).history is None


def test_unknown_keys_do_no_harm(run_dir, edit):
    edit(run_dir / "metrics.json", lambda m: m.update(calibration={"ece": 0.1}))
    edit(run_dir / "complexity.json", lambda c: c["float"].update(energy_kwh=1))
    assert read_run(run_dir).complexity is not None
