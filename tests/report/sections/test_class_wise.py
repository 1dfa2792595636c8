import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.schema import Scores
from dssd_tf.report.sections.class_wise import build, difference


def _scores(accuracy: float | None) -> Scores:
    return Scores(samples=4, accuracy=accuracy, log_loss=1.0)


def test_a_row_for_each_class_in_the_runs_order(finished):
    run = read_run(finished)
    data = build(run)
    assert [row["label"] for row in data["rows"]] == list(run.metrics.classes)
    for row in data["rows"]:
        assert row["samples"] == row["scores"]["int8"].samples > 0
        assert row["difference"] == pytest.approx(
            row["scores"]["int8"].accuracy - row["scores"]["float"].accuracy
        )


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"float": _scores(0.5), "int8": _scores(0.75)}, 0.25),
        ({"float": _scores(0.5)}, None),
        ({"float": _scores(0.5), "int8": _scores(None)}, None),
        ({"float": _scores(None), "int8": _scores(0.5)}, None),
    ],
)
def test_difference_needs_both_accuracies(scores, expected):
    assert difference(scores, next(reversed(scores))) == expected
