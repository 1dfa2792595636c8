import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.sections.confusion_matrix import build


def test_shares_are_of_the_true_class(finished):
    run = read_run(finished)
    data = build(run)
    for row in data["rows"]:
        assert row["total"] == run.deployed_metrics.class_wise[row["label"]].samples
        assert sum(cell["share"] for cell in row["cells"]) == pytest.approx(1)
    diagonal = [row["cells"][i]["share"] for i, row in enumerate(data["rows"])]
    known = [run.deployed_metrics.class_wise[c].accuracy for c in data["classes"]]
    assert diagonal == pytest.approx(known)


def test_commonest_confusions_come_first(finished):
    data = build(read_run(finished))
    wrong = [
        cell["share"]
        for i, row in enumerate(data["rows"])
        for j, cell in enumerate(row["cells"])
        if i != j
    ]
    assert [m["share"] for m in data["mistakes"]] == sorted(wrong, reverse=True)[:3]
    assert all(m["true"] != m["predicted"] for m in data["mistakes"])


def test_class_without_clips_has_shares_of_zero(run_dir, edit, render_tables):
    def empty(metrics):
        for system in metrics["systems"].values():
            system["samples"] -= sum(system["confusion_matrix"][1])
            system["confusion_matrix"][1] = [0] * 5
            del system["class_wise"]["bus"]

    edit(run_dir / "metrics.json", empty)
    (run_dir / "predictions.csv").unlink()
    row = build(read_run(run_dir))["rows"][1]
    assert row["total"] == 0 and {cell["share"] for cell in row["cells"]} == {0.0}
    by_class = render_tables(run_dir).one("section", id="class_wise")
    cells = [cell.text for cell in by_class.one("tbody").all("tr")[1].all("td")]
    assert cells == ["0", "–", "–", "", "–", "–", "–"]
