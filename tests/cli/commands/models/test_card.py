"""`dssd models card`."""

import shutil
from collections.abc import Callable
from pathlib import Path

from dssd_tf.pipeline import RunFolder


def test_the_card_is_printed_or_written(dssd: Callable, finished_run: Path, tmp_path: Path) -> None:
    recipe = RunFolder(finished_run).recipe()
    folder = tmp_path / "sweep" / "base"
    shutil.copytree(finished_run, folder / f"fold{recipe.data.fold}_seed{recipe.seed}")
    printed = dssd("models", "card", folder)
    assert printed.code == 0
    assert printed.out.startswith("# base\n")
    out = tmp_path / "cards" / "base.md"
    written = dssd("models", "card", folder, "--out", out)
    assert written.code == 0 and written.out == ""
    assert out.read_text() == printed.out


def test_a_folder_that_is_no_configuration(dssd: Callable, tmp_path: Path) -> None:
    result = dssd("models", "card", tmp_path, "--out", tmp_path / "card.md")
    assert result.code == 2
    assert f"{tmp_path}: holds no evaluated run" in result.line
    assert not (tmp_path / "card.md").exists()
