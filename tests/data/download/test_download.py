import io
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data.download import plan as planning
from dssd_tf.data.download.download import download
from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.known_dataset import KnownDataset

Get = Callable[..., None]
Refused = Callable[..., str]
Written = Callable[[Path], dict[str, bytes]]
Pack = Callable[[dict[str, bytes]], bytes]


def test_a_whole_set(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    get(known, server, tmp_path / "set")
    assert written(tmp_path / "set") == small.content
    assert not (tmp_path / "set" / "archives").exists()
    assert sorted(server.fetched()) == [(small.audio, ""), (small.meta, "")]


def test_what_is_done_is_not_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get
) -> None:
    get(known, server, tmp_path)
    server.requests.clear()
    plan = plan_download(known, tmp_path, base_url=server.url)
    assert (plan.todo, plan.missing_bytes, plan.needed_bytes) == ([], 0, 0)
    download(plan)
    assert server.fetched() == []


def test_a_complete_archive_is_not_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    get(known, server, tmp_path, keep_archives=True)
    assert (tmp_path / "archives" / small.audio).read_bytes() == server.files[small.audio]
    (tmp_path / ".download" / f"{small.audio}.json").unlink()
    (tmp_path / "audio" / "1.wav").unlink()
    server.requests.clear()
    get(known, server, tmp_path)
    assert server.fetched() == []
    assert {**written(tmp_path)}.items() >= small.content.items()


def test_a_changed_archive_is_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, pack: Pack, small: Any
) -> None:
    get(known, server, tmp_path)
    server.files[small.meta] = pack({"meta.csv": b"new"})
    server.requests.clear()
    get(known, server, tmp_path)
    assert server.fetched() == [(small.meta, "")]
    assert (tmp_path / "meta.csv").read_bytes() == b"new"


def test_a_zip_that_leads_outside(
    known: KnownDataset, server: Any, tmp_path: Path, refused: Refused, small: Any
) -> None:
    root = tmp_path / "a" / "set"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("../evil", b"evil")
    server.files[small.audio] = stream.getvalue()
    message = refused(known, server, root)
    assert "holds '../evil', which leads out of the folder; nothing was unpacked" in message
    assert not (root.parent / "evil").exists()


_SCRIPT = """
import sys
from pathlib import Path
from dssd_tf.data.download.download import download
from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.known_dataset import Fact, load_known_dataset
facts = {"record": Fact[int](value=123, source="code"), "archives": None}
known = load_known_dataset("tau2022").model_copy(update=facts)
download(plan_download(known, Path(sys.argv[1]), base_url=sys.argv[2]), jobs=1)
"""


def test_killed_then_resumed(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, written: Written, small: Any
) -> None:
    server.behaviours[small.audio] = ["slow"]
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path), server.url]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    part, whole = tmp_path / "archives" / f"{small.audio}.part", len(server.files[small.audio])
    try:
        deadline = time.monotonic() + 120
        while not (part.is_file() and part.stat().st_size > 0) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.005)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    there = part.stat().st_size
    assert 0 < there < whole
    assert not (tmp_path / "audio").exists()
    server.requests.clear()
    get(known, server, tmp_path)
    assert server.fetched() == [(small.audio, f"bytes={there}-")]
    assert written(tmp_path) == small.content


def test_two_at_once_are_refused(
    known: KnownDataset, server: Any, tmp_path: Path, get: Get, refused: Refused
) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / ".download").mkdir()
    with (tmp_path / ".download" / "lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert "another download is at work here" in refused(known, server, tmp_path)
    get(known, server, tmp_path)


def test_too_small_a_disk_is_refused_before_anything_is_fetched(
    known: KnownDataset,
    server: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
    small: Any,
) -> None:
    usage = type("Usage", (), {"free": len(server.files[small.audio])})()
    monkeypatch.setattr(planning.shutil, "disk_usage", lambda path: usage)
    message = refused(known, server, tmp_path / "not" / "there")
    assert f"has {usage.free:,} bytes free, the download needs about" in message
    assert server.fetched() == []


def test_lists_are_fetched_by_themselves(
    splits: KnownDataset, archive_server: Any, tmp_path: Path, get: Get
) -> None:
    get(splits, archive_server, tmp_path)
    names = [f"{name}.csv" for name in ("split5", "split10", "split25", "split50", "split100")]
    assert sorted(p.name for p in (tmp_path / "evaluation_setup").iterdir()) == sorted(
        [*names, "test.csv"]
    )
    archive_server.requests.clear()
    (tmp_path / "evaluation_setup" / "split10.csv").write_text("filename\tscene_label\n")
    get(splits, archive_server, tmp_path)
    assert archive_server.fetched() == [("split10.csv", "")]


def test_a_list_with_another_number_of_clips_is_not_kept(
    splits: KnownDataset, archive_server: Any, tmp_path: Path, refused: Refused
) -> None:
    archive_server.files["test.csv"] = archive_server.files["split5.csv"]
    message = refused(splits, archive_server, tmp_path)
    assert "test.csv: does not list the expected 3 clips" in message
    assert not (tmp_path / "evaluation_setup" / "test.csv").exists()
