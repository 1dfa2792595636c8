import pytest

from dssd_tf.errors import RunError
from dssd_tf.report.run import read_run
from dssd_tf.report.section import Missing
from dssd_tf.report.sections.parity import build


def test_sums_worst_layers_and_labels(finished):
    run = read_run(finished)
    data = build(run)
    assert list(data["systems"]) == ["float", "int8"]
    (row,) = data["pairs"]
    assert row["title"] == "float → int8"
    flips = row["pair"].flips.values()
    assert row["total"]["changed"] == sum(f.changed for f in flips) > 0
    assert row["total"]["clips"] == data["clips"] == 240
    assert row["pair"].argmax == pytest.approx(1 - row["total"]["changed"] / 240)
    layers = data["layers"]
    assert [t.layer for t in layers["worst"]] == ["block_5_conv", "block_4_conv", "block_3_conv"]
    assert layers["unmatched"] == 1
    first, second = (str(figure["svg"]) for figure in layers["figures"])
    assert "lowest 25.2 dB (block_5_conv), highest 41.5 dB (block_0_conv)" in first
    assert "at an end of the range at most 0.5 % (block_5_conv)" in second


def test_the_page_shows_the_numbers(page):
    section = page.one("section", id="parity")
    tables = {table.one("caption").text.split(",")[0]: table for table in section.all("table")}
    rows = tables["Tensors of the int8 file in order of computation"].one("tbody").all("tr")
    assert len(rows) == 8
    assert "41.5 dB" in rows[0].text
    # A tensor without a layer, and one without any noise.
    assert [cell.text for cell in rows[3].all("td")] == [
        "–",
        "CONV_2D",
        "11 × 64 × 16",
        "–",
        "0.30 %",
        "–",
    ]
    assert "exact" in rows[7].text
    text = " ".join(section.text.split())
    assert "1 of 8 tensors stand for no layer of their own" in text


def test_a_run_without_the_file_says_how_to_make_it(float_run_dir, run_dir, render_tables):
    missing = build(read_run(float_run_dir))
    assert isinstance(missing, Missing) and missing.commands == ("dssd evaluate RUN",)
    (run_dir / "parity.json").unlink()
    page = render_tables(run_dir)
    assert not page.all("section", id="parity")
    assert "parity.json is missing" in page.one("p", id="parity").text


def test_without_layers_the_rest_is_shown(run_dir, edit, render_tables):
    edit(run_dir / "parity.json", lambda parity: parity.update(layers=None))
    section = render_tables(run_dir).one("section", id="parity")
    assert "Layer by layer" not in section.text and not section.all("svg")
    assert len(section.all("table")) == 3


def test_layers_without_any_ratio_have_no_figure(run_dir, edit, render_tables):
    def blind(parity):
        for tensor in parity["layers"]["tensors"]:
            tensor.update(layer=None, sqnr_db=None, noise=None, clipped=None)

    edit(run_dir / "parity.json", blind)
    section = render_tables(run_dir).one("section", id="parity")
    assert not section.all("svg")
    assert "8 of 8 tensors" in " ".join(section.text.split())


def test_a_third_form_gives_three_pairs(run_dir, edit, render_tables):
    def add(parity):
        parity["systems"] = {
            "float": parity["systems"]["float"],
            "fake_quant": parity["systems"]["int8"],
            "int8": parity["systems"]["int8"],
        }
        pair = parity["pairs"][0]
        parity["pairs"] = [
            pair | {"other": "fake_quant"},
            pair,
            pair | {"reference": "fake_quant"},
        ]

    edit(run_dir / "parity.json", add)
    section = render_tables(run_dir).one("section", id="parity")
    titles = ["float → fake-quant", "float → int8", "fake-quant → int8"]
    assert [row.one("th").text for row in section.all("tbody")[1].all("tr")] == titles


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda p: p["pairs"].clear(), "pairs is"),
        (lambda p: p["pairs"][0].update(argmax=99.5), "pairs.0.argmax is 99.5"),
        (lambda p: p["layers"]["tensors"][0].update(saturated=-0.1), "saturated is -0.1"),
        (lambda p: p["pairs"][0]["flips"]["bus"].pop("changed"), "flips.bus.changed"),
    ],
)
def test_wrong_values_are_refused_in_one_line(run_dir, edit, change, words):
    edit(run_dir / "parity.json", change)
    with pytest.raises(RunError) as caught:
        read_run(run_dir)
    message = str(caught.value)
    assert words in message and message.endswith(f"make it again with `dssd evaluate {run_dir}`")


def test_float16_is_a_deployed_system(run_dir, edit, render_tables):
    edit(
        run_dir / "metrics.json",
        lambda m: m["systems"].update(float16=m["systems"].pop("int8")),
    )
    for name in ("predictions.csv", "complexity.json", "parity.json"):
        (run_dir / name).unlink()
    assert read_run(run_dir).deployed == "float16"
    page = render_tables(run_dir)
    assert "float16 − float" in page.one("section", id="agreement").text
    assert "float16 − float" in page.one("section", id="class_wise").text
