import pytest

from dssd_tf.report.run import read_run
from dssd_tf.report.sections.complexity import build


def test_layers_carry_the_official_count_of_their_kind(finished):
    models = build(read_run(finished))["models"]
    assert models["float"]["official"] == "macs_torchinfo"
    assert models["int8"]["official"] == "macs_nessi_tflite"
    for model in models.values():
        assert sum(row["share"] for row in model["layers"]) == pytest.approx(1)
        total = sum(row["official"] for row in model["layers"])
        assert total == getattr(model["cost"], model["official"])


def test_limit_passed_over_is_shown_as_failed(run_dir, edit, render_tables):
    def burst(complexity):
        complexity["checks"][0].update(measured=160_000, passed=False)
        complexity["passed"] = False
        complexity["int8"]["uncounted"] = ["strange_op"]

    edit(run_dir / "complexity.json", burst)
    page = render_tables(run_dir)
    row = page.one("section", id="complexity").all("tbody")[0].all("tr")[0]
    assert "over by 25.0 %" in row.text and "failed" in row.text
    assert page.one("dl").all("span", class_="bad")[0].text == "failed"
    assert "Over the limit: size." in page.one("section", id="summary").text
    assert "strange_op" in page.one("section", id="complexity").text


def test_limits_in_words_and_costs_without_checks(run_dir, edit, render_tables):
    words = {"name": "number format", "measured": "int8", "limit": "int8", "passed": True}
    edit(run_dir / "complexity.json", lambda c: c.update(checks=[words]))
    page = render_tables(run_dir)
    assert "number format" in page.one("section", id="complexity").all("tbody")[0].text
    edit(run_dir / "complexity.json", lambda c: c.update(checks=[], edition=None, passed=None))
    page = render_tables(run_dir)
    text = " ".join(page.one("section", id="complexity").text.split())
    assert "Checks left out: the recipe names no edition" in text
    assert "dssd complexity RUN --edition YEAR" in text
    assert "limits" not in page.one("dl").text


def test_the_figure_names_the_costliest_layers(finished, run_dir, edit, render_tables):
    for name, model in build(read_run(finished))["models"].items():
        shares = [row["share"] for row in model["layers"]]
        assert [row["share"] for row in model["figure"]["most"]] == sorted(shares)[:-4:-1]
        assert f"Multiply-adds of the {name} model by layer" in model["figure"]["svg"]

    def empty(complexity):
        for name in ("float", "int8"):
            for layer in complexity[name]["layers"]:
                layer["macs"] = 0

    edit(run_dir / "complexity.json", empty)
    assert not render_tables(run_dir).one("section", id="complexity").all("svg")
