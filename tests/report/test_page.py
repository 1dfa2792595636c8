import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from dssd_tf.errors import DssdError
from dssd_tf.report import write_report
from dssd_tf.report.sections import SECTIONS


def set_recipe(folder, **values):
    path = folder / "recipe.yaml"
    recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    path.write_text(yaml.safe_dump(recipe | values), encoding="utf-8")


def test_every_section_is_there_and_in_the_navigation(page):
    names = [section.name for section in SECTIONS]
    assert [node.attributes["id"] for node in page.all("section")] == names
    links = page.one("nav").all("a")
    assert [link.attributes["href"] for link in links] == [f"#{name}" for name in names]
    assert len({node.attributes["id"] for node in page.all() if "id" in node.attributes}) == len(
        [node for node in page.all() if "id" in node.attributes]
    )


def test_links_and_labels_point_to_ids_that_exist(page):
    ids = {node.attributes["id"] for node in page.all() if "id" in node.attributes}
    for node in page.all():
        for key in ("href", "aria-labelledby"):
            if key in node.attributes:
                assert node.attributes[key].removeprefix("#") in ids
        for target in re.findall(r"url\(#([^)]*)\)", " ".join(map(str, node.attributes.values()))):
            assert target in ids


def test_page_needs_nothing_from_outside(run_dir):
    html = write_report(run_dir).read_text(encoding="utf-8")
    rest = html.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?://|@import|<script|<link|<iframe", rest)
    assert all(source.startswith("data:") for source in re.findall(r"\bsrc\s*=\s*\"(.*?)\"", rest))
    assert not re.search(r"\bsrc\s*=\s*[^\"\s]", rest)
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", rest))
    assert "default-src 'none'" in html


def test_metric_numbers_are_those_of_the_file(page, finished):
    metrics = json.loads((finished / "metrics.json").read_text(encoding="utf-8"))
    complexity = json.loads((finished / "complexity.json").read_text(encoding="utf-8"))

    def values(section):
        nodes = page.one("section", id=section).all("data")
        return {float(node.attributes["value"]): node.text for node in nodes}

    summary, by_class, by_device = map(values, ("summary", "class_wise", "device_wise"))
    for name, system in metrics["systems"].items():
        assert summary[system["macro_accuracy"]] == f"{100 * system['macro_accuracy']:.2f} %"
        assert summary[system["log_loss"]] == f"{system['log_loss']:.3f}"
        assert summary[complexity[name]["parameters"]].startswith(
            f"{complexity[name]['parameters']:,}"
        )
        for score in system["class_wise"].values():
            assert by_class[score["accuracy"]] == f"{100 * score['accuracy']:.2f} %"
            assert by_class[score["log_loss"]] == f"{score['log_loss']:.3f}"
        for score in system["device_wise"].values():
            assert score["accuracy"] in by_device
            assert by_device[score["log_loss"]] == f"{score['log_loss']:.3f}"
    matrix = page.one("section", id="confusion_matrix")
    rows = matrix.one("tbody").all("tr")
    shown = [[int(cell.all("data")[0].text) for cell in row.all("td")[:-1]] for row in rows]
    assert shown == metrics["systems"]["int8"]["confusion_matrix"]


def test_tables_have_captions_and_scoped_headers(page):
    tables = page.all("table")
    assert len(tables) >= 10
    for table in tables:
        assert table.one("caption").text.strip()
        assert all(
            th.attributes.get("scope") in {"row", "col", "rowgroup", "colgroup"}
            for th in table.all("th")
        )
        assert all(row.all("th") for row in table.all("tr"))
        frame = table.parent
        assert frame.attributes["class"] == "scroll" and frame.attributes["tabindex"] == "0"
        assert frame.attributes["role"] == "region" and frame.attributes["aria-label"]


def test_table_rows_are_equally_wide(page):
    for table in page.all("table"):
        widths = set()
        open_below = 0
        for row in table.all("tr"):
            cells = [c for c in row.children if not isinstance(c, str)]
            widths.add(open_below + sum(int(c.attributes.get("colspan", 1)) for c in cells))
            open_below = sum(c.attributes.get("rowspan") == "2" for c in cells)
        assert len(widths) == 1, table.one("caption").text


def test_figures_have_names_and_a_table_of_their_numbers(page):
    figures = page.all("svg")
    assert len(figures) == 8
    for svg in figures:
        assert svg.attributes["role"] == "img"
        title = svg.one("title")
        assert title.attributes["id"] == svg.attributes["aria-labelledby"]
        assert any(x in title.text for x in ("by epoch", "by tensor", "by confidence", "by layer"))
    details = page.one("section", id="learning_curves").one("details")
    assert len(details.one("tbody").all("tr")) == 12


def test_head_and_headings(page):
    assert page.one("html").attributes["lang"] == "en"
    assert page.one("meta", name="viewport")
    assert page.one("h1").text == "dssdn_small"
    assert page.all("title")[0].text.startswith("dssdn_small")
    assert page.one("a", class_="skip").attributes["href"] == "#content"


def test_names_of_the_user_are_inert(run_dir, render, edit):
    hostile = '<script>alert("x")</script>'
    set_recipe(run_dir, name=hostile)

    def change(metrics):
        metrics["classes"][0] = hostile
        for system in metrics["systems"].values():
            system["class_wise"][hostile] = system["class_wise"].pop("airport")
            system["device_wise"]["<img src=x>"] = system["device_wise"].pop("a")

    edit(run_dir / "metrics.json", change)
    edit(run_dir / "environment.json", lambda e: e.update(platform="<b onclick=x>"))
    edit(
        run_dir / "complexity.json",
        lambda c: c["float"]["layers"][0].update(name="</td><script>", type='"><svg>'),
    )
    page = render(run_dir)
    assert not page.all("script") and not page.all("b")
    assert all(i.attributes["src"].startswith("data:image/png") for i in page.all("img"))
    assert len(page.all("svg")) == 8
    assert page.one("h1").text == hostile
    assert hostile in page.one("section", id="class_wise").text
    assert "<script>" in page.one("pre").text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("file", "section", "words"),
    [
        ("history.csv", "learning_curves", "Made by dssd train RECIPE --out RUN."),
        ("parity.json", "parity", "Made by dssd evaluate RUN."),
        ("complexity.json", "complexity", "Made by dssd complexity RUN."),
        ("recipe.yaml", "recipe", "Made by dssd run RECIPE --out RUN."),
        ("environment.json", "environment", "Made by dssd run RECIPE --out RUN."),
    ],
)
def test_missing_piece_leaves_one_line(run_dir, render, file, section, words):
    (run_dir / file).unlink()
    page = render(run_dir)
    assert not page.all("section", id=section)
    assert f"#{section}" not in [a.attributes["href"] for a in page.one("nav").all("a")]
    line = " ".join(page.one("p", id=section).text.split())
    assert file in line and line.endswith(words)
    assert len(page.all("section")) == len(SECTIONS) - 1


def test_run_with_nothing_but_metrics(float_run_dir, render):
    metrics = (float_run_dir / "metrics.json").read_bytes()
    shutil.rmtree(float_run_dir)
    float_run_dir.mkdir()
    (float_run_dir / "metrics.json").write_bytes(metrics)
    page = render(float_run_dir)
    shown = [node.attributes["id"] for node in page.all("section")]
    assert shown == ["summary", "confusion_matrix", "class_wise", "device_wise", "calibration"]
    assert page.one("h1").text == "float_run"
    assert "origin of the data unknown" in page.one("p", class_="banner").text
    assert "predictions.csv is missing" in page.one("section", id="device_wise").text
    line = " ".join(page.one("p", id="agreement").text.split())
    assert line.endswith("Made by dssd quantize RUN, then dssd evaluate RUN.")


def test_synthetic_data_is_told(run_dir, render_tables, page):
    assert not page.all("p", class_="banner")
    set_recipe(run_dir, data={"synthetic": True})
    assert "synthetic data: no result" in render_tables(run_dir).one("p", class_="banner").text


def test_same_folder_gives_the_same_bytes(run_dir, tmp_path):
    first = write_report(run_dir, target=tmp_path / "first.html").read_bytes()
    assert write_report(run_dir).read_bytes() == first


def test_target_is_kept_when_the_run_is_damaged(run_dir):
    target = write_report(run_dir)
    assert target == run_dir / "report.html"
    before = target.read_bytes()
    (run_dir / "metrics.json").write_text("{", encoding="utf-8")
    with pytest.raises(DssdError, match=r"metrics\.json"):
        write_report(run_dir)
    assert target.read_bytes() == before
    assert not list(run_dir.glob(".*tmp"))


def test_import_is_cheap():
    code = (
        "import sys, dssd_tf.report\n"
        "heavy = {'matplotlib', 'tensorflow', 'keras', 'pandas'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    root = str(Path(__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
