import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Four clips of two scenes, half of them for test."""
    root = tmp_path / "source"
    (root / "audio").mkdir(parents=True)
    (root / "evaluation_setup").mkdir()
    random = np.random.default_rng(0)
    names = [f"audio/{scene}-lyon-{n}-0-a.flac" for n in (0, 1) for scene in ("bus", "park")]
    rows = []
    for name in names:
        soundfile.write(root / name, 0.1 * random.standard_normal(1600), 8000)
        scene, _, location, _, _ = Path(name).stem.split("-")
        rows.append(f"{name}\t{scene}\tlyon-{location}\ta")
    header = "filename\tscene_label\tidentifier\tsource_label"
    (root / "meta.csv").write_text("\n".join([header, *rows]) + "\n")
    for part, some in (("train", rows[:2]), ("evaluate", rows[2:])):
        lines = ["filename\tscene_label", *("\t".join(row.split("\t")[:2]) for row in some)]
        (root / "evaluation_setup" / f"fold1_{part}.csv").write_text("\n".join(lines) + "\n")
    return root


def test_a_variant_is_made_that_verify_accepts(
    dssd: Callable, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = dssd("data", "devices", source, out, "--seed", "5", "--share-a", "0.5")
    assert result.code == 0
    assert "4 clips → 16 (a 3, s1 3, s2 2," in result.err
    assert f"dssd data verify {out}" in result.err
    assert json.loads((out / "devices.json").read_text())["seed"] == 5
    assert dssd("data", "verify", out).code == 0


def test_test_devices_are_chosen_by_a_list(dssd: Callable, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = dssd(
        "data", "devices", source, out, "--test-devices", "s4, a", "--share-a", "1", "--workers", 1
    )
    assert result.code == 0
    assert "4 clips → 6 (a 4, s4 2)" in result.err


@pytest.mark.parametrize(
    ("flags", "problem"),
    [
        (["--seed", "-1"], "seed -1 is negative"),
        (["--share-a", "7"], "share 7 of device a"),
        (["--test-devices", "a,s9"], "test device 's9' is unknown"),
        (["--workers", "0"], "workers 0"),
    ],
)
def test_wrong_settings_are_one_line(
    dssd: Callable, source: Path, tmp_path: Path, flags: list[str], problem: str
) -> None:
    result = dssd("data", "devices", source, tmp_path / "out", *flags)
    assert result.code == 2
    assert problem in result.line
    assert not (tmp_path / "out").exists()


def test_a_set_of_several_devices_is_refused(
    dssd: Callable, synthetic_set: Path, tmp_path: Path
) -> None:
    result = dssd("data", "devices", synthetic_set, tmp_path / "out")
    assert result.code == 2
    assert "devices (a, b, c, s1, s2, s3), expected one" in result.line


def test_an_existing_set_stays(dssd: Callable, source: Path) -> None:
    result = dssd("data", "devices", source, source)
    assert result.code == 2
    assert f"{source}: is not empty" in result.line
