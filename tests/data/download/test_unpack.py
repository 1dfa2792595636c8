import io
import stat
import threading
import zipfile
from pathlib import Path

import pytest

from dssd_tf.data.download import unpack as module
from dssd_tf.data.download.patience import Stopped
from dssd_tf.data.download.unpack import unpack
from dssd_tf.errors import DataError


def _zip(path: Path, members: dict[str, bytes], *, link: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            if name == link:
                info.external_attr = (stat.S_IFLNK | 0o777) << 16
            bundle.writestr(info, content)
    return path


def _tree(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


FILES = {"set/meta.csv": b"filename\n", "set/audio/0.wav": b"0" * 5000, "set/audio/1.wav": b"1"}
INNER = {name.removeprefix("set/"): content for name, content in FILES.items()}


def test_the_common_folder_is_taken_off(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", FILES)
    assert unpack(archive, tmp_path / "out", folder="set") == 3
    assert _tree(tmp_path / "out") == INNER


def test_names_stay_where_the_folder_is_not_common(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", FILES | {"README": b"x"})
    unpack(archive, tmp_path / "out", folder="set")
    assert _tree(tmp_path / "out") == FILES | {"README": b"x"}


def test_junk_is_left_out(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", FILES | {"__MACOSX/set/._a": b"x", "set/.DS_Store": b"x"})
    assert unpack(archive, tmp_path / "out", folder="set") == 3
    assert _tree(tmp_path / "out") == INNER


@pytest.mark.parametrize(
    "name", ["../evil", "set/../../evil", "/tmp/evil", "..\\evil", "C:/evil", "set/a\0/../b"]
)
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    # zipfile does not write every bad name: a stand-in of the same length is patched over.
    stand_in = "".join("x" if c in "\\\0:" else c for c in name)
    archive = _zip(tmp_path / "a.zip", FILES | {stand_in: b"evil"})
    content = archive.read_bytes()
    archive.write_bytes(content.replace(stand_in.encode(), name.encode()))
    with pytest.raises(DataError, match="leads out of the folder; nothing was unpacked") as error:
        unpack(archive, tmp_path / "out", folder="set")
    assert error.value.path == archive
    assert not (tmp_path / "out").exists()
    assert _tree(tmp_path).keys() == {"a.zip"}


def test_a_link_is_refused(tmp_path: Path) -> None:
    archive = _zip(tmp_path / "a.zip", FILES | {"set/link": b"/etc"}, link="set/link")
    with pytest.raises(DataError, match="'set/link', which is a link"):
        unpack(archive, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("damage", ["text", "cut", "flipped"])
def test_a_damaged_archive(tmp_path: Path, damage: str) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as bundle:
        bundle.writestr("set/audio/0.wav", bytes(range(256)) * 20)
    content = archive.read_bytes()
    flipped = content[:200] + bytes([content[200] ^ 1]) + content[201:]
    archive.write_bytes({"text": b"no zip", "cut": content[:-40], "flipped": flipped}[damage])
    with pytest.raises(DataError, match=r"a\.zip: cannot be unpacked") as error:
        unpack(archive, tmp_path / "out")
    assert "delete it and download it again" in str(error.value)
    assert _tree(tmp_path / "out") == {}


def test_it_goes_on_where_it_was_called_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Called off inside the second file, the first stays, and no half file is left."""
    archive, out, stop = _zip(tmp_path / "a.zip", FILES), tmp_path / "out", threading.Event()
    monkeypatch.setattr(module, "_BLOCK", 1000)
    read = zipfile.ZipExtFile.read

    def reading(self: zipfile.ZipExtFile, count: int = -1) -> bytes:
        if self.name.endswith("0.wav"):
            stop.set()
        return read(self, count)

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipExtFile, "read", reading)
        with pytest.raises(Stopped):
            unpack(archive, out, folder="set", stop=stop)
    assert _tree(out) == {"meta.csv": INNER["meta.csv"]}
    before = (out / "meta.csv").stat().st_mtime_ns
    unpack(archive, out, folder="set")
    assert _tree(out) == INNER
    assert (out / "meta.csv").stat().st_mtime_ns == before


def test_a_file_of_the_same_length_but_other_content_is_replaced(tmp_path: Path) -> None:
    archive, out = _zip(tmp_path / "a.zip", FILES), tmp_path / "out"
    unpack(archive, out, folder="set")
    (out / "audio" / "0.wav").write_bytes(b"9" * 5000)
    unpack(archive, out, folder="set")
    assert _tree(out) == INNER


def test_too_small_a_disk_is_told_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 5000})()
    monkeypatch.setattr(module.shutil, "disk_usage", lambda path: usage)
    archive, out = _zip(tmp_path / "a.zip", FILES), tmp_path / "out"
    with pytest.raises(DataError, match="unpacks to 5,010 bytes more, 5,000 are free"):
        unpack(archive, out, folder="set")
    assert _tree(out) == {}
    usage.free = 5010
    unpack(archive, out, folder="set")
    assert _tree(out) == INNER


def test_an_archive_of_nothing(tmp_path: Path) -> None:
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    (tmp_path / "a.zip").write_bytes(empty.getvalue())
    assert unpack(tmp_path / "a.zip", tmp_path / "out", folder="set") == 0
