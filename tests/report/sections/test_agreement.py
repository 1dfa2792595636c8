import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.agreement import build
from dssd_tf.report.sections.class_wise import build as build_classes


def test_differences_are_int8_less_float(finished):
    run = read_run(finished)
    data = build(run)
    old, new = run.metrics.systems.float_, run.metrics.systems.int8
    assert data["accuracy_change"] == pytest.approx(new.macro_accuracy - old.macro_accuracy)
    assert data["log_loss_change"] == pytest.approx(new.log_loss - old.log_loss)
    differences = [row["difference"] for row in build_classes(run)["rows"]]
    assert sum(differences) / len(differences) == pytest.approx(data["accuracy_change"])


def test_float_run_has_nothing_to_compare(float_run_dir):
    run = read_run(float_run_dir)
    assert isinstance(build(run), Missing)
    assert {row["difference"] for row in build_classes(run)["rows"]} == {None}


def test_missing_agreement_is_told(run_dir, edit, render_tables):
    edit(run_dir / "metrics.json", lambda metrics: metrics.pop("agreement"))
    assert (
        "Agreement figures left out" in render_tables(run_dir).one("section", id="agreement").text
    )
