"""A tiny set that one device recorded, and its variant."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data.device_shift import shift_devices
from dssd_tf.data.device_shift.drawing import draw_devices

RATE, SAMPLES = 8000, 2000
SCENES = ("bus", "park")


def _names(*locations: int) -> list[str]:
    """Two clips of each of two segments of every scene at each location."""
    return [
        f"audio/{scene}-lyon-{location}-{segment}-{sub}-a.wav"
        for scene in SCENES
        for location in locations
        for segment in (0, 1)
        for sub in (0, 1)
    ]


@pytest.fixture(scope="session")
def _source_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shift") / "one_device"
    (root / "audio").mkdir(parents=True)
    setup = root / "evaluation_setup"
    setup.mkdir()
    random = np.random.default_rng(1)
    rows = ["filename\tscene_label\tidentifier\tsource_label\tauthor"]
    for name in _names(0, 1, 2, 3, 4):
        noise = 0.05 * random.standard_normal(SAMPLES)
        soundfile.write(root / name, noise, RATE, subtype="PCM_24")
        scene, city, location, *_ = Path(name).stem.split("-")
        rows.append(f"{name}\t{scene}\t{city}-{location}\ta\tNoël {location}")
    (root / "meta.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    # The recordings at location 4 are in no list.
    for name, locations in {
        "fold1_train": (0, 1),
        "fold1_evaluate": (2, 3),
        "fold2_train": (2, 3),
        "fold2_evaluate": (0, 1),
        "split50": (0,),
        "test": (2, 3),
    }.items():
        rows = [f"{clip}\t{Path(clip).name.split('-')[0]}" for clip in _names(*locations)]
        (setup / f"{name}.csv").write_text("\n".join(["filename\tscene_label", *rows]) + "\n")
    for fold, locations in ((1, (2, 3)), (2, (0, 1))):
        (setup / f"fold{fold}_test.csv").write_text("\n".join(["filename", *_names(*locations)]))
    return root


@pytest.fixture
def source(_source_original: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(_source_original, tmp_path / "one_device"))


@pytest.fixture(scope="session")
def shifted(_source_original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The variant with seed 3, the other settings as they are by default."""
    root = tmp_path_factory.mktemp("shifted") / "set"
    shift_devices(_source_original, root, seed=3, workers=1)
    return root


@pytest.fixture(scope="session")
def devices() -> dict:
    return draw_devices(0)
