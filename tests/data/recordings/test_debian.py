import hashlib
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data.recordings.debian import fetch_recordings
from dssd_tf.errors import DataError

APT = """#!/bin/sh
echo "$2" >> "{log}"
[ "$2" = "sounds=1.0" ] || {{ echo "E: Version for $2 was not found" >&2; exit 100; }}
echo package > sounds_1.0_all.deb
"""
DPKG = """#!/bin/sh
cp -r "{content}/." "$3"
"""


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package `sounds` 1.0 with a recording and an archive; returns apt's log."""
    content = tmp_path / "content" / "usr"
    content.mkdir(parents=True)
    noise = np.random.default_rng(0).normal(scale=0.1, size=8000)
    soundfile.write(content / "rain.wav", noise, 8000)
    with zipfile.ZipFile(content / "sounds.pk3", "w") as archive:
        archive.write(content / "rain.wav", "ambience/wind.wav")
    log, tools = tmp_path / "log", tmp_path / "bin"
    tools.mkdir()
    for name, text in (
        ("apt-get", APT.format(log=log)),
        ("dpkg-deb", DPKG.format(content=content.parent)),
    ):
        (tools / name).write_text(text)
        (tools / name).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    return log


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, head: str = "scene,recording,package,version,path") -> Path:
        path = tmp_path / "manifest.csv"
        path.write_text("\n".join([head, *rows]) + "\n")
        return path

    return write


RAIN = "rain,a,sounds,1.0,usr/rain.wav"
WIND = "wind,b,sounds,1.0,usr/sounds.pk3!ambience/wind.wav"


def test_recordings_lie_unpacked_and_their_source_is_told(
    packages: Path, manifest: Callable[..., Path], tmp_path: Path
) -> None:
    rain, wind = fetch_recordings(manifest(RAIN, WIND), tmp_path / "kept")
    assert soundfile.info(rain.path).frames == 8000
    digests = {hashlib.sha256(r.path.read_bytes()).hexdigest() for r in (rain, wind)}
    assert len(digests) == 1
    assert wind.source == "Debian package sounds 1.0, usr/sounds.pk3!ambience/wind.wav"
    assert not list((tmp_path / "kept").rglob("*.deb"))
    fetch_recordings(manifest(RAIN, WIND), tmp_path / "kept")
    assert packages.read_text() == "sounds=1.0\n"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("rain,a,sounds,2.0,usr/rain.wav", r"E: Version for sounds=2.0 .* — run `apt-get update`"),
        ("rain,a,sounds,1.0,usr/snow.wav", r"usr/snow.wav: is not in the package"),
        ("wind,b,sounds,1.0,usr/sounds.pk3!snow.wav", "holds no snow.wav"),
        ("wind,b,sounds,1.0,usr/rain.wav!snow.wav", "holds no snow.wav"),
    ],
)
def test_what_is_not_there_is_named(
    packages: Path, manifest: Callable[..., Path], tmp_path: Path, row: str, reason: str
) -> None:
    with pytest.raises(DataError, match=reason):
        fetch_recordings(manifest(row), tmp_path / "kept")


def test_without_a_version_or_without_apt(
    packages: Path,
    manifest: Callable[..., Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    without = manifest("rain,a,sounds,usr/rain.wav", head="scene,recording,package,path")
    with pytest.raises(DataError, match="lacks the column 'version'"):
        fetch_recordings(without, tmp_path / "kept")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="apt-get is not on this machine"):
        fetch_recordings(manifest(RAIN), tmp_path / "kept")
