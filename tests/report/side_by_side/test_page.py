import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml

from dssd_tf.errors import RunError
from dssd_tf.report import write_side_by_side
from dssd_tf.report.side_by_side.runs import read_runs
from dssd_tf.report.side_by_side.sections import SECTIONS, device_wise


@pytest.fixture
def other_dir(run_dir: Path) -> Path:
    """A second run: without quantized model, of another recipe, always right on the park."""
    folder = Path(shutil.copytree(run_dir, run_dir.with_name("other")))
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["systems"].pop("int8")
    metrics["systems"]["float"]["class_wise"]["park"]["accuracy"] = 1.0
    (folder / "metrics.json").write_text(json.dumps(metrics))
    table = pd.read_csv(folder / "predictions.csv")
    table[table["system"] == "float"].to_csv(folder / "predictions.csv", index=False)
    recipe = yaml.safe_load((folder / "recipe.yaml").read_text())
    recipe["training"]["epochs"] = 99
    (folder / "recipe.yaml").write_text(yaml.safe_dump(recipe))
    return folder


@pytest.fixture
def page_of(read_page, tmp_path):
    """Writes the page of several runs and reads it back."""
    return lambda *folders: read_page(write_side_by_side(folders, tmp_path / "both.html"))


def _rows(page, section: str) -> dict[str, list[str]]:
    body = page.one("section", id=section)
    rows = [row for part in body.all("tbody") for row in part.all("tr")]
    return {row.one("th").text: [cell.text for cell in row.all("td")] for row in rows}


def _told(page, section: str) -> list:
    return page.one("section", id=section).all("p", class_="missing")


def test_results_of_both_stand_in_one_row(run_dir, other_dir, page_of):
    page = page_of(run_dir, other_dir)
    assert page.one("h1").text == f"{run_dir.name} · {other_dir.name}"
    assert [section.attributes["id"] for section in page.all("section")] == [
        section.name for section in SECTIONS
    ]
    systems = json.loads((run_dir / "metrics.json").read_text())["systems"]
    found = _rows(page, "summary")
    assert found["System"] == ["int8", "float"]
    assert found["Macro accuracy"] == [
        f"{100 * systems[name]['macro_accuracy']:.2f} %" for name in ("int8", "float")
    ]
    assert found["Limits"][0].startswith("DCASE 2024: ")
    assert found["95 % interval"] == 2 * ["40.00 % to 70.00 %"]
    assert not _told(page, "summary")
    assert _rows(page, "class_wise")["park"][1] == "100.0 %"
    framed = page.one("section", id="class_wise").all("tbody")[0].all("tr")[-1].all("td")
    assert ["hit" in cell.attributes["class"] for cell in framed] == [False, True]
    titles = [svg.one("title").text for svg in page.one("section", id="curves").all("svg")]
    assert [title.split(" by epoch")[0] for title in titles] == [
        f"Loss of {folder.name}" for folder in (run_dir, other_dir)
    ]
    ids = [node.attributes["id"] for node in page.all() if node.attributes.get("id")]
    assert len(set(ids)) == len(ids)


def test_the_same_recipe_is_told(run_dir, page_of, tmp_path):
    same = Path(shutil.copytree(run_dir, tmp_path / "same"))
    page = page_of(run_dir, same)
    assert "The recipes are the same." in page.one("section", id="settings").text


def test_devices_are_seen_where_all_runs_were_trained_on_them(run_dir, other_dir, edit):
    for folder in (run_dir, other_dir):
        edit(folder / "metrics.json", lambda metrics: metrics.update(trained_devices=["a", "s4"]))
    groups = device_wise(read_runs([run_dir, other_dir]))["groups"]
    assert [group["pooled"]["label"] for group in groups] == [
        "seen real: a",
        "unseen real",
        "seen simulated: s4",
        "unseen simulated",
    ]
    assert [len(group["rows"]) for group in groups] == [0, 2, 0, 4]
    edit(other_dir / "metrics.json", lambda metrics: metrics.update(trained_devices=["b"]))
    groups = device_wise(read_runs([run_dir, other_dir]))["groups"]
    assert next(group["pooled"]["label"] for group in groups) == "real"


def test_names_are_the_recipes_where_these_differ(run_dir, other_dir):
    recipe = yaml.safe_load((other_dir / "recipe.yaml").read_text())
    (other_dir / "recipe.yaml").write_text(yaml.safe_dump(recipe | {"name": "second"}))
    assert list(read_runs([run_dir, other_dir]).by_name) == ["dssdn_small", "second"]


def test_folders_of_one_name_are_told_apart_by_more_of_their_paths(run_dir, tmp_path):
    folders = [Path(shutil.copytree(run_dir, tmp_path / name / "fold1")) for name in ("x", "y")]
    assert list(read_runs(folders).by_name) == ["x", "y"]
    folders.append(Path(shutil.copytree(run_dir, tmp_path / "x" / "fold2")))
    assert list(read_runs(folders).by_name) == ["x/fold1", "y/fold1", "x/fold2"]


def test_other_clips_are_noticed(run_dir, other_dir, page_of):
    assert "not the same test clips" not in page_of(run_dir, other_dir).text
    path = other_dir / "predictions.csv"
    path.write_text(path.read_text().replace("-lisbon-1-1-", "-lisbon-1-2-"))
    assert "not the same test clips" in page_of(run_dir, other_dir).text


def test_pieces_that_are_missing_leave_a_line(run_dir, other_dir, page_of):
    for folder in (run_dir, other_dir):
        for name in ("history.csv", "recipe.yaml", "complexity.json", "predictions.csv"):
            (folder / name).unlink()
    page = page_of(run_dir, other_dir)
    assert "no run has a history.csv" in page.one("p", id="curves").text
    assert "a run has no recipe.yaml" in page.one("p", id="settings").text
    assert set(_rows(page, "summary")["MACs"]) == {"–"}
    assert [" ".join(line.text.split()) for line in _told(page, "summary")] == [
        f"Costs of {folder.name} left out: complexity.json is missing. Made by dssd complexity "
        f"{folder}."
        for folder in (run_dir, other_dir)
    ]


def test_a_run_without_an_edition_tells_what_prints_its_limits(run_dir, other_dir, page_of, edit):
    edit(other_dir / "complexity.json", lambda c: c.update(checks=[], edition=None, passed=None))
    page = page_of(run_dir, other_dir)
    assert _rows(page, "summary")["Limits"][1] == "–"
    (line,) = _told(page, "summary")
    assert f"dssd complexity {other_dir} --edition YEAR" in line.text


def test_what_cannot_stand_side_by_side_is_refused(run_dir, other_dir, edit, tmp_path):
    out = tmp_path / "both.html"
    with pytest.raises(RunError, match="takes two runs or more"):
        write_side_by_side([run_dir], out)
    with pytest.raises(RunError, match="is given twice"):
        write_side_by_side([run_dir, run_dir.parent / "." / run_dir.name], out)
    (other_dir / "predictions.csv").unlink()

    def rename(metrics):
        metrics["classes"][0] = "library"
        for system in metrics["systems"].values():
            system["class_wise"]["library"] = system["class_wise"].pop("airport")

    edit(other_dir / "metrics.json", rename)
    with pytest.raises(RunError, match="has other classes than"):
        write_side_by_side([run_dir, other_dir], out)
    assert not out.exists()
