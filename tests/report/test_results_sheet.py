import re

import pytest
import yaml

from dssd_tf.errors import DssdError
from dssd_tf.report import write_results_sheet

HEADING = "Results sheet made by dssd_tf from a run; replace it by your technical report"


def draw(folder, target, title):
    """The sheet's figure, with the bytes that were written."""
    from matplotlib.figure import Figure

    figures = []
    save = Figure.savefig

    def record(figure, *args, **options):
        figures.append(figure)
        save(figure, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", record)
        written = write_results_sheet(folder, target, title)
    (figure,) = figures
    return figure, written.read_bytes()


def texts_of(figure):
    from matplotlib.table import Cell
    from matplotlib.text import Text

    # A table's cells do not count their texts among their children.
    cells = [cell.get_text() for cell in figure.findobj(Cell)]
    return [t for t in figure.findobj(Text) + cells if t.get_visible() and t.get_text().strip()]


@pytest.fixture(scope="module")
def sheet(finished, tmp_path_factory):
    return draw(finished, tmp_path_factory.mktemp("sheet") / "s.pdf", "Doe_EXAMPLE_task1_1")


def test_sheet_is_one_page_of_pdf_with_the_figures(finished, sheet):
    figure, data = sheet
    drawn = [text.get_text() for text in texts_of(figure)]
    assert data.startswith(b"%PDF-") and data.rstrip().endswith(b"%%EOF")
    assert len(re.findall(rb"/Type /Page\b(?!s)", data)) == 1
    assert HEADING in drawn and "Doe_EXAMPLE_task1_1" in drawn
    assert "synthetic" not in " ".join(drawn)
    accuracy = yaml.safe_load((finished / "metrics.json").read_text())["systems"]["int8"]
    assert f"{100 * accuracy['macro_accuracy']:.2f} %" in drawn
    assert "passed" in drawn and "mean, unseen simulated" in drawn


def test_long_names_are_not_cut_off(run_dir, tmp_path, edit):
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    def lengthen(metrics):
        names = {label: f"{label} of a very long name indeed" for label in metrics["classes"]}
        metrics["classes"] = list(names.values())
        for system in metrics["systems"].values():
            old = system["class_wise"]
            system["class_wise"] = {names[label]: score for label, score in old.items()}

    edit(run_dir / "metrics.json", lengthen)
    figure, _ = draw(run_dir, tmp_path / "sheet.pdf", "W" * 60)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    page = figure.bbox
    texts = texts_of(figure)
    assert sum("of a very" in text.get_text() for text in texts) == 15
    for text in texts:
        box = text.get_window_extent(canvas.get_renderer())
        assert page.x0 <= box.x0 and box.x1 <= page.x1, text
        assert page.y0 <= box.y0 and box.y1 <= page.y1, text


@pytest.mark.slow
def test_sheet_is_deterministic(finished, tmp_path, sheet):
    again = write_results_sheet(finished, tmp_path / "b.pdf", "Doe_EXAMPLE_task1_1")
    assert again.read_bytes() == sheet[1]


def test_bare_run_of_synthetic_data_and_awkward_names(float_run_dir, tmp_path):
    for name in ("complexity.json", "history.csv", "predictions.csv"):
        (float_run_dir / name).unlink()
    recipe = {"name": r"$\frac{", "data": {"synthetic": True}}
    (float_run_dir / "recipe.yaml").write_text(yaml.safe_dump(recipe), encoding="utf-8")
    title = r"$\frac{" + " long title" * 30
    figure, _ = draw(float_run_dir, tmp_path / "s.pdf", title)
    shown = "\n".join(text.get_text() for text in texts_of(figure))
    assert "synthetic data: no result" in shown and "No limits were checked" in shown
    assert r"Run: $\frac{. Deployed system: float." in shown


def test_run_without_metrics_leaves_no_sheet(tmp_path):
    with pytest.raises(DssdError, match=r"metrics\.json"):
        write_results_sheet(tmp_path, tmp_path / "s.pdf", "T")
    assert not list(tmp_path.iterdir())
