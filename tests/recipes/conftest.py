"""Noise in the TAU layout: enough to see that a recipe runs."""

from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.training.distillation.coarse_classes import TAU_COARSE_CLASSES

RATE = 44100
SCENES = sorted(scene for scenes in TAU_COARSE_CLASSES.values() for scene in scenes)
DEVICES = ("a", "b", "c", "s1", "s2", "s3")
SPLITS = (5, 10, 25, 50, 100)


@pytest.fixture(scope="session")
def noise_set(tmp_path_factory: pytest.TempPathFactory) -> Callable[[float], Path]:
    """Ten scenes, one training recording each by `DEVICES`, one test recording by device a."""
    made: dict[float, Path] = {}

    def make(seconds: float) -> Path:
        if seconds not in made:
            made[seconds] = tmp_path_factory.mktemp("noise") / "set"
            _write(made[seconds], seconds)
        return made[seconds]

    return make


def _write(root: Path, seconds: float) -> None:
    (root / "audio").mkdir(parents=True)
    random = np.random.default_rng(11)
    # Clips of several seconds are many bytes.
    devices = DEVICES if seconds <= 1 else DEVICES[:2]
    train = [(scene, "lyon", device) for scene in SCENES for device in devices]
    test = [(scene, "paris", "a") for scene in SCENES]
    for name in map(_name, [*train, *test]):
        noise = random.normal(scale=0.05, size=round(RATE * seconds))
        soundfile.write(root / name, noise, RATE, subtype="PCM_16")
    rows = [f"{_name(clip)}\t{clip[0]}\t{clip[1]}-1\t{clip[2]}" for clip in [*train, *test]]
    _table(root / "meta.csv", "filename\tscene_label\tidentifier\tsource_label", rows)
    lists = {"fold1_train": train, "fold1_evaluate": test, "test": test}
    for name, clips in {**lists, **{f"split{split}": train for split in SPLITS}}.items():
        rows = [f"{_name(clip)}\t{clip[0]}" for clip in clips]
        _table(root / "evaluation_setup" / f"{name}.csv", "filename\tscene_label", rows)


def _name(clip: tuple[str, str, str]) -> str:
    scene, city, device = clip
    return f"audio/{scene}-{city}-1-1-0-{device}.wav"


def _table(path: Path, head: str, rows: Iterable[str]) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([head, *rows]) + "\n")
