import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data import known_dataset
from dssd_tf.data.known_dataset import Fact, load_known_dataset

FOLDER = "TAU-urban-acoustic-scenes-2022-mobile-development"


@pytest.fixture
def url(archive_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """An archive of one small zip, which is what is known of tau2022 for the test."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr(f"{FOLDER}/meta.csv", "filename\n")
    archive_server.files = {f"{FOLDER}.meta.zip": stream.getvalue()}
    facts = {"record": Fact[int](value=archive_server.record, source="code"), "archives": None}
    known = load_known_dataset("tau2022").model_copy(update=facts)
    monkeypatch.setattr(known_dataset, "load_known_dataset", lambda name: known)
    return archive_server.url


def test_a_set_is_fetched_once(dssd: Callable, url: str, tmp_path: Path) -> None:
    root = tmp_path / "set"
    result = dssd("data", "download", "tau2022", root, "--yes", "--base-url", url)
    assert result.code == 0
    assert result.out == ""
    assert "free for non-commercial use" in result.err
    assert "1 of 1 files" in result.err and "takes about" in result.err
    assert f"dssd data verify {root} --dataset tau2022" in result.err
    assert (root / "meta.csv").read_text() == "filename\n"
    again = dssd("data", "download", "tau2022", root, "--base-url", url)
    assert again.code == 0
    assert f"{root}: tau2022 is complete" in again.err


def test_archives_are_kept_on_demand(dssd: Callable, url: str, tmp_path: Path) -> None:
    options = ["--yes", "--keep-archives", "--jobs", "1", "--base-url", url]
    assert dssd("data", "download", "tau2022", tmp_path, *options).code == 0
    assert (tmp_path / "archives" / f"{FOLDER}.meta.zip").is_file()


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("YES ", 0), ("", 2), ("n", 2)])
def test_it_asks_before_it_starts(
    dssd: Callable,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    code: int,
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: answer)
    result = dssd("data", "download", "tau2022", tmp_path, "--base-url", url)
    assert result.code == code
    assert (tmp_path / "meta.csv").exists() == (code == 0)
    if code:
        assert "nothing was fetched" in result.line


def test_nobody_to_ask(
    dssd: Callable, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    result = dssd("data", "download", "tau2022", tmp_path, "--base-url", url)
    assert result.code == 2
    assert "add --yes" in result.line
    assert list(tmp_path.iterdir()) == []


def test_the_files_are_listed(
    dssd: Callable, url: str, archive_server: Any, tmp_path: Path
) -> None:
    result = dssd("data", "download", "tau2022", "--list", "--base-url", url)
    assert result.code == 0
    size = len(archive_server.files[f"{FOLDER}.meta.zip"])
    assert f"{FOLDER}.meta.zip" in result.out
    assert f"1 files, {size:,} bytes" in result.out
    there = dssd("data", "download", "tau2022", tmp_path, "--list", "--base-url", url)
    assert "to fetch" in there.out
    assert list(tmp_path.iterdir()) == []


def test_the_sets_are_listed(dssd: Callable) -> None:
    result = dssd("data", "download", "--list")
    assert result.code == 0
    rows = {line.split()[0]: line for line in result.out.splitlines()}
    assert "230,350" in rows["tau2022"] and "6337421" in rows["tau2022"]
    assert "(unverified)" in rows["tau2022_evaluation"]


def test_a_missing_archive(dssd: Callable, url: str, archive_server: Any, tmp_path: Path) -> None:
    archive_server.behaviours[f"{FOLDER}.meta.zip"] = ["status:404"]
    result = dssd("data", "download", "tau2022", tmp_path, "--yes", "--base-url", url)
    assert result.code == 2
    assert f"{FOLDER}.meta.zip/content: the server answers 404 Not Found" in result.line


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "no data set is named"),
        (["tau2022"], "no folder is named"),
        (["tau2202", "x"], "unknown dataset 'tau2202', did you mean 'tau2022'?"),
        (["tau2022", "x", "--base-url", "ftp://a"], "'ftp://a' is no http address"),
    ],
)
def test_errors(dssd: Callable, arguments: list[str], problem: str) -> None:
    result = dssd("data", "download", *arguments)
    assert result.code == 2
    assert problem in result.line
