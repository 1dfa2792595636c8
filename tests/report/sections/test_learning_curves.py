import pandas as pd

from dssd_tf.report.run import read_run
from dssd_tf.report.sections.learning_curves import build


def change(folder, **columns):
    path = folder / "history.csv"
    pd.read_csv(path).assign(**columns).to_csv(path, index=False)
    return build(read_run(folder))


def test_best_epoch_and_labels(finished):
    data = build(read_run(finished))
    history = pd.read_csv(finished / "history.csv")
    assert data["best"] == history.loc[history["val_loss"].idxmin(), "epoch"]
    loss, accuracy, rate = (figure["label"] for figure in data["figures"])
    first, last = history["val_loss"].iloc[[0, -1]]
    assert f"validation from {first:.4g} to {last:.4g}" in loss
    assert "training from 30 to 70 %" in accuracy
    assert rate.startswith("Learning rate by epoch. from 0.0008 to")


def test_run_without_validation(run_dir, render):
    data = change(run_dir, val_loss=float("nan"), val_accuracy=float("nan"))
    assert data["best"] is None
    assert "validation" not in data["figures"][0]["label"]
    assert ">validation<" not in data["figures"][0]["svg"]
    table = render(run_dir).one("section", id="learning_curves").one("table")
    heads = [head.text for head in table.one("thead").all("th")]
    assert heads == ["Epoch", "Learning rate", "Loss", "Accuracy", "Seconds"]
    assert all(len(row.all("td")) == 4 for row in table.one("tbody").all("tr"))
    assert "not a number" not in table.text


def test_diverged_run(run_dir, render):
    change(run_dir, val_loss=[2.0, *[float("inf")] * 11], loss=float("nan"))
    page = render(run_dir).one("section", id="learning_curves")
    assert "lowest at epoch 1," in " ".join(page.text.split())
    assert "not a number" in page.text and "infinite" in page.text


def test_rate_of_zero_is_drawn(run_dir):
    data = change(run_dir, learning_rate=[0.0, *[1e-3] * 11])
    assert "from 0 to 0.001" in data["figures"][2]["label"]
