import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dssd_tf.challenge import load_edition, validate, write_entry_template
from dssd_tf.errors import PackageError, RunError
from dssd_tf.files import read_json, write_json
from dssd_tf.pipeline import RunFolder
from dssd_tf.pipeline.packaging import data_of, package_runs

SPLITS = (5, 10, 25, 50, 100)


@pytest.fixture
def entry(repository: Path) -> Path:
    return repository / "submissions" / "example" / "entry.yaml"


@pytest.fixture
def with_inference_code(entry: Path, tmp_path: Path) -> Path:
    path = tmp_path / "entry.yaml"
    text = entry.read_text(encoding="utf-8")
    assert "inference_code: null" in text
    path.write_text(
        text.replace("inference_code: null", "inference_code: https://example.org/inference")
    )
    return path


@pytest.mark.slow
def test_five_splits_make_one_system_of_2024(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    runs = copies(*SPLITS)
    package = package_runs(runs, load_edition(2024), entry, tmp_path / "out")
    classes, files = data_of(runs[0])
    assert validate(package.path, 2024, classes=classes, files=files) == []
    names = zipfile.ZipFile(package.path).namelist()
    assert sum("output.split_" in name for name in names) == 5
    assert package.remarks[-1] == "valid"
    said = "\n".join(package.remarks)
    assert "not as 2024 wants it: the 10 rows are not the 135,730 files" in said
    assert "hold the same model" in said


@pytest.mark.parametrize("year", [2021, 2023])
def test_a_run_makes_a_system_of_any_year(
    run: RunFolder, entry: Path, tmp_path: Path, year: int
) -> None:
    package = package_runs([run], load_edition(year), entry, tmp_path / "out")
    classes, files = data_of(run)
    assert validate(package.path, year, classes=classes, files=files) == []
    lacks_energy = [remark for remark in package.remarks if "energy_consumption lacks" in remark]
    assert len(lacks_energy) == (year == 2023)


def test_2025_joins_the_models_of_devices(
    copies: Callable[..., list[RunFolder]],
    of_devices: Callable[..., RunFolder],
    with_inference_code: Path,
    tmp_path: Path,
) -> None:
    runs = copies(None, None)
    for run in runs:
        run.evaluation_predictions.unlink()
    of_devices(runs[1], "a")
    package = package_runs(runs, load_edition(2025), with_inference_code, tmp_path / "out")
    assert any("restricts training to split 25" in remark for remark in package.remarks)
    classes, files = data_of(runs[0])
    assert validate(package.path, 2025, classes=classes, files=files) == []
    with zipfile.ZipFile(package.path) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".meta.yaml")]
        meta = yaml.safe_load(archive.read(name))
    assert meta["system"]["description"]["num_models_at_inference"] == 2
    assert meta["system"]["inference_code"] == "https://example.org/inference"
    assert set(meta["results"]["development_dataset"]) == {"device_specific", "general"}


def test_an_evaluation_set_is_predicted_first(
    run: RunFolder, entry: Path, synthetic_set: Path, tmp_path: Path
) -> None:
    run.evaluation_predictions.unlink()
    run.evaluation_set.unlink()
    package = package_runs(
        [run], load_edition(2022), entry, tmp_path, evaluation=synthetic_set / "evaluation"
    )
    assert run.evaluation_predictions.is_file()
    assert "the 10 rows are not" in package.remarks[0]


@pytest.fixture
def not_synthetic(run: RunFolder) -> RunFolder:
    text = run.recipe_file.read_text(encoding="utf-8")
    assert "  synthetic: true\n" in text
    run.recipe_file.write_text(text.replace("  synthetic: true\n", "  synthetic: false\n"))
    return run


def test_what_the_organisers_would_refuse_is_refused(
    not_synthetic: RunFolder, entry: Path, tmp_path: Path
) -> None:
    edition = load_edition(2022)
    with pytest.raises(PackageError, match=r"10 rows are not the 118,800 files .*--own-data"):
        package_runs([not_synthetic], edition, entry, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    package = package_runs([not_synthetic], edition, entry, tmp_path / "out", own_data=True)
    assert "not as 2022 wants it" in package.remarks[0]
    assert package.check == (
        f"dssd validate {package.path} --edition 2022 --like {not_synthetic.path}"
    )
    again = package_runs([not_synthetic], edition, entry, tmp_path / "out", own_data=True)
    assert "replaces the one that was there" in again.remarks


def test_every_objection_is_told(not_synthetic: RunFolder, entry: Path, tmp_path: Path) -> None:
    told = (
        r"10 rows are not the .*: give that set by --eval DIR; .* takes clips of 1 s, .*--own-data"
    )
    with pytest.raises(PackageError, match=told):
        package_runs([not_synthetic], load_edition(2021), entry, tmp_path / "out")


def test_test_clips_are_no_submission(
    not_synthetic: RunFolder, entry: Path, tmp_path: Path
) -> None:
    not_synthetic.evaluation_predictions.unlink()
    with pytest.raises(PackageError, match=r"no predictions of an evaluation set: .*--eval DIR"):
        package_runs([not_synthetic], load_edition(2022), entry, tmp_path / "out")


def test_a_template_that_is_not_filled_in_is_refused(run: RunFolder, tmp_path: Path) -> None:
    path = write_entry_template(tmp_path / "entry.yaml")
    with pytest.raises(PackageError, match=r"still the template's: last_name, institute, systems"):
        package_runs([run], load_edition(2022), path, tmp_path / "out")


def test_a_missing_split_is_named(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    with pytest.raises(PackageError, match="lacks 25"):
        package_runs(copies(5, 10, 50, 100), load_edition(2024), entry, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_split_given_twice_is_named(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    runs = copies(5, 5)
    with pytest.raises(PackageError, match="second run of split 5") as caught:
        package_runs(runs, load_edition(2024), entry, tmp_path / "out")
    assert str(caught.value).startswith(str(runs[1].path))


def test_a_run_without_a_split_is_named(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    runs = copies(5, None)
    with pytest.raises(PackageError, match="not trained on a training split") as caught:
        package_runs(runs, load_edition(2024), entry, tmp_path / "out")
    assert str(caught.value).startswith(str(runs[1].path))
    assert "data.split" in str(caught.value)


def test_runs_on_other_classes_do_not_go_together(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    runs = copies(5, 10)
    metrics = read_json(runs[1].metrics)
    write_json(runs[1].metrics, {**metrics, "classes": metrics["classes"][::-1]})
    with pytest.raises(PackageError, match="other classes or evaluation clips") as caught:
        package_runs(runs, load_edition(2024), entry, tmp_path / "out")
    assert str(caught.value).startswith(str(runs[1].path))


def test_runs_on_other_clips_do_not_go_together(
    copies: Callable[..., list[RunFolder]], entry: Path, tmp_path: Path
) -> None:
    runs = copies(5, 10)
    runs[1].evaluation_predictions.unlink()
    with pytest.raises(PackageError, match="other classes or evaluation clips"):
        package_runs(runs, load_edition(2024), entry, tmp_path / "out")


def test_without_an_evaluation_set_the_test_clips_are_packaged(
    run: RunFolder, entry: Path, tmp_path: Path
) -> None:
    assert len(data_of(run)[1]) == 10
    run.evaluation_predictions.unlink()
    package = package_runs([run], load_edition(2022), entry, tmp_path / "out")
    classes, files = data_of(run)
    assert len(files) == 20
    assert validate(package.path, 2022, classes=classes, files=files) == []


def test_the_meta_file_says_what_the_recipe_says(run: RunFolder, entry: Path) -> None:
    package = package_runs([run], load_edition(2022), entry, run.path / "again")
    with zipfile.ZipFile(package.path) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith(".meta.yaml")]
        meta = yaml.safe_load(archive.read(name))
    described = meta["system"]["description"]
    assert described["input_sampling_rate"] == "44.1 kHz"
    assert "32 bands" in described["acoustic_features"]
    assert described["data_augmentation"] == "mixup"
    assert "dsmn_s" in described["machine_learning_method"]
    complexity = read_json(run.complexity)
    assert meta["system"]["complexity"]["total_parameters"] == complexity["int8"]["parameters"]


@pytest.mark.parametrize("name", ["metrics", "complexity"])
def test_an_unfinished_run_names_the_command(
    run: RunFolder, entry: Path, tmp_path: Path, name: str
) -> None:
    getattr(run, name).unlink()
    with pytest.raises(RunError, match=rf"{name}\.json: has not been made yet"):
        package_runs([run], load_edition(2022), entry, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_package_with_a_fault_is_not_kept(run: RunFolder, entry: Path, tmp_path: Path) -> None:
    complexity = read_json(run.complexity)
    complexity["int8"]["parameters"] = 10**6
    write_json(run.complexity, complexity)
    with pytest.raises(PackageError, match="1,000,000 parameters is over the limit") as caught:
        package_runs([run], load_edition(2022), entry, tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()
