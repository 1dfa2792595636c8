import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile


@pytest.fixture
def write_noise(tmp_path: Path) -> Callable[..., Path]:
    """Write a recording of noise: `write_noise("bus/x.wav", 2.5)`."""

    def write(name: str, seconds: float, *, rate: int = 8000, channels: int = 1) -> Path:
        path = tmp_path / "recordings" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(zlib.crc32(name.encode()))
        noise = random.normal(scale=0.1, size=(round(rate * seconds), channels))
        soundfile.write(path, noise, rate)
        return path

    return write
