"""A small dataset in the TAU layout."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data import DataConfig
from dssd_tf.features import LogMelConfig

RATE, SECONDS = 8000, 0.25
SCENES = ("airport", "bus", "metro_station")


@dataclass(frozen=True)
class TauFolder:
    """A copy of the dataset that a test may spoil."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name if name == "meta.csv" else self.root / "evaluation_setup" / name

    def edit(self, name: str, old: str, new: str) -> Path:
        """Replace a text that the table must hold."""
        path = self.path(name)
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        return path

    def write_list(self, name: str, filenames: list[str]) -> Path:
        """Write a fold list with the labels of the names."""
        rows = [f"{f}\t{Path(f).name.split('-')[0]}" for f in filenames]
        self.path(name).write_text("\n".join(["filename\tscene_label", *rows]) + "\n")
        return self.path(name)


def _names(location: int) -> list[str]:
    """Three clips of one recording of each scene."""
    return [
        f"audio/{scene}-lyon-{1000 + location}-{location}-{sub}-{device}.wav"
        for scene in SCENES
        for sub, device in enumerate(("a", "b", "s1"))
    ]


@pytest.fixture(scope="session")
def _tau_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five recordings a scene, four of them for training, three clips each."""
    tau = TauFolder(tmp_path_factory.mktemp("tau") / "tau")
    (tau.root / "audio").mkdir(parents=True)
    (tau.root / "evaluation_setup").mkdir()
    random = np.random.default_rng(5)
    train = [name for location in range(4) for name in _names(location)]
    meta = ["filename\tscene_label\tidentifier\tsource_label"]
    for name in [*train, *_names(4)]:
        noise = 0.1 * random.standard_normal(round(RATE * SECONDS))
        soundfile.write(tau.root / name, noise, RATE, subtype="PCM_24")
        scene, city, location, _, _, device = Path(name).stem.split("-")
        meta.append(f"{name}\t{scene}\t{city}-{location}\t{device}")
    tau.path("meta.csv").write_text("\n".join(meta) + "\n")
    tau.write_list("fold1_train.csv", train)
    tau.write_list("fold1_evaluate.csv", _names(4))
    tau.write_list("split5.csv", _names(0))
    tau.write_list("test.csv", _names(4))
    return tau.root


@pytest.fixture
def tau(_tau_original: Path, tmp_path: Path) -> TauFolder:
    shutil.copytree(_tau_original, tmp_path / "tau")
    return TauFolder(tmp_path / "tau")


@pytest.fixture(scope="session")
def data_config() -> DataConfig:
    return DataConfig(clip_seconds=SECONDS, validation_fraction=0.25)


@pytest.fixture(scope="session")
def front_end() -> LogMelConfig:
    """One clip gives 4 frames of 16 bands and their deltas."""
    return LogMelConfig(sampling_rate=RATE, n_fft=512, win_length=512, hop_length=512, n_mels=16)


@pytest.fixture
def write_audio(tmp_path: Path) -> Callable[..., Path]:
    """Write a 0.25 s tone of 200 Hz at half of full scale."""

    def write(
        name: str,
        *,
        rate: int = RATE,
        samples: int | None = None,
        channels: int = 1,
        subtype: str = "PCM_16",
    ) -> Path:
        count = round(rate * SECONDS) if samples is None else samples
        tone = 0.5 * np.sin(2 * np.pi * 200 * np.arange(count) / rate)
        path = tmp_path / name
        soundfile.write(path, np.tile(tone[:, None], channels), rate, subtype=subtype)
        return path

    return write
