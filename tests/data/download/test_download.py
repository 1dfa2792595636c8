import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data.download import plan as planning
from dssd_tf.data.download.download import download
from dssd_tf.data.download.patience import Patience
from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.download.record import rebased
from dssd_tf.data.known_dataset import Fact, KnownDataset, load_known_dataset
from dssd_tf.errors import DataError

QUICK = Patience(attempts=3, first_wait=0.01)
FOLDER = "TAU-urban-acoustic-scenes-2022-mobile-development"
AUDIO, META = f"{FOLDER}.audio.1.zip", f"{FOLDER}.meta.zip"
CONTENT = {"meta.csv": b"filename\n", "audio/0.wav": os.urandom(600_000), "audio/1.wav": b"one"}


@pytest.fixture
def known() -> KnownDataset:
    """The facts of 2022, at the record of the server of the tests."""
    facts = {"record": Fact[int](value=123, source="code"), "archives": None}
    return load_known_dataset("tau2022").model_copy(update=facts)


@pytest.fixture
def server(archive_server: Any) -> Any:
    """The archive of a small set: one zip with the recordings, one with the table."""
    archive_server.files = {
        META: _zip({"meta.csv": CONTENT["meta.csv"]}),
        AUDIO: _zip({name: CONTENT[name] for name in ("audio/0.wav", "audio/1.wav")}),
    }
    return archive_server


def _zip(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        for name, content in members.items():
            bundle.writestr(f"{FOLDER}/{name}", content)
    return stream.getvalue()


def _get(known: KnownDataset, server: Any, root: Path, **options: Any) -> None:
    plan = plan_download(known, root, base_url=server.url, patience=QUICK)
    download(plan, jobs=1, patience=QUICK, **options)


def _refused(known: KnownDataset, server: Any, root: Path) -> str:
    with pytest.raises(DataError) as error:
        _get(known, server, root)
    assert "\n" not in str(error.value)
    assert error.value.fix
    return str(error.value)


def _files(root: Path) -> dict[str, bytes]:
    """What lies in the folder, without the download's own notes."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".download" not in path.parts
    }


def test_a_whole_set(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    _get(known, server, tmp_path / "set")
    assert _files(tmp_path / "set") == CONTENT
    assert not (tmp_path / "set" / "archives").exists()
    assert sorted(server.fetched()) == [(AUDIO, ""), (META, "")]


def test_what_is_done_is_not_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    _get(known, server, tmp_path)
    server.requests.clear()
    plan = plan_download(known, tmp_path, base_url=server.url)
    assert (plan.todo, plan.missing_bytes, plan.needed_bytes) == ([], 0, 0)
    download(plan)
    assert server.fetched() == []


def test_a_complete_archive_is_not_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    _get(known, server, tmp_path, keep_archives=True)
    assert (tmp_path / "archives" / AUDIO).read_bytes() == server.files[AUDIO]
    (tmp_path / ".download" / f"{AUDIO}.json").unlink()
    (tmp_path / "audio" / "1.wav").unlink()
    server.requests.clear()
    _get(known, server, tmp_path)
    assert server.fetched() == []
    assert {**_files(tmp_path)}.items() >= CONTENT.items()


def test_a_complete_archive_of_other_content_is_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / AUDIO).write_bytes(b"x" * len(server.files[AUDIO]))
    _get(known, server, tmp_path)
    assert _files(tmp_path) == CONTENT


def test_a_changed_archive_is_fetched_again(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    _get(known, server, tmp_path)
    server.files[META] = _zip({"meta.csv": b"new"})
    server.requests.clear()
    _get(known, server, tmp_path)
    assert server.fetched() == [(META, "")]
    assert (tmp_path / "meta.csv").read_bytes() == b"new"


def test_a_cut_connection_is_resumed(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    server.behaviours[AUDIO] = ["cut:200000", "cut:100000"]
    _get(known, server, tmp_path)
    first, *asked = [wanted for name, wanted in server.fetched() if name == AUDIO]
    # Up to a block of what came before a cut is lost.
    second, third = (int(wanted.removeprefix("bytes=").removesuffix("-")) for wanted in asked)
    assert first == ""
    assert 160_000 < second <= 200_000
    assert 60_000 < third - second <= 100_000
    assert _files(tmp_path) == CONTENT


def test_a_server_without_ranges_sends_all_of_it_again(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    server.behaviours[AUDIO] = ["cut:200000", "no-range"]
    _get(known, server, tmp_path)
    assert _files(tmp_path) == CONTENT
    assert len(server.fetched()) == 3


def test_a_part_of_something_else_is_thrown_away(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    """The MD5 is wrong after the resume, right after the second fetch, from the start."""
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / f"{AUDIO}.part").write_bytes(b"x" * 500)
    _get(known, server, tmp_path)
    asked = [wanted for name, wanted in server.fetched() if name == AUDIO]
    assert asked == ["bytes=500-", ""]
    assert _files(tmp_path) == CONTENT


@pytest.mark.parametrize("extra", [0, 7])
def test_a_part_that_is_whole_or_too_long(
    known: KnownDataset, server: Any, tmp_path: Path, extra: int
) -> None:
    (tmp_path / "archives").mkdir()
    part = tmp_path / "archives" / f"{AUDIO}.part"
    part.write_bytes(server.files[AUDIO] + b"x" * extra)
    _get(known, server, tmp_path)
    assert _files(tmp_path) == CONTENT
    assert len([name for name, _ in server.fetched() if name == AUDIO]) == (1 if extra else 0)


def test_a_wrong_md5(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    server.md5[AUDIO] = "0" * 32
    message = _refused(known, server, tmp_path)
    found = hashlib.md5(server.files[AUDIO]).hexdigest()
    assert f"{server.url}/api/records/123/files/{AUDIO}/content: has the MD5 {found}" in message
    assert f"expected {'0' * 32} (fetched twice)" in message
    assert not list((tmp_path / "archives").glob(f"{AUDIO}*"))
    assert not (tmp_path / "audio").exists()


def test_a_wrong_length(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    length = len(server.files[AUDIO])
    server.behaviours[AUDIO] = [f"long:{length + 5}"]
    message = _refused(known, server, tmp_path)
    assert f"is {length + 5} bytes long, expected {length}" in message
    assert AUDIO in message


def test_a_missing_file(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    server.behaviours[AUDIO] = ["status:404"]
    message = _refused(known, server, tmp_path)
    assert "the server answers 404 Not Found" in message and AUDIO in message
    assert len([name for name, _ in server.fetched() if name == AUDIO]) == 1


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_server_is_asked_again(
    known: KnownDataset, server: Any, tmp_path: Path, status: int
) -> None:
    server.behaviours[AUDIO] = [f"status:{status}"] * 2
    server.behaviours["123"] = [f"status:{status}"]
    _get(known, server, tmp_path)
    assert _files(tmp_path) == CONTENT


def test_a_server_that_stays_busy_is_given_up(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    server.behaviours[AUDIO] = ["status:500"] * 9
    message = _refused(known, server, tmp_path)
    assert "the server answers 500 Internal Server Error (3 attempts)" in message
    assert len(server.behaviours[AUDIO]) == 6


def test_attempts_count_anew_when_something_came(
    known: KnownDataset, server: Any, tmp_path: Path
) -> None:
    server.behaviours[AUDIO] = ["cut:100000", "status:500"] * 5
    _get(known, server, tmp_path)
    assert _files(tmp_path) == CONTENT


def test_a_zip_that_leads_outside(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    root = tmp_path / "a" / "set"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as bundle:
        bundle.writestr("../evil", b"evil")
    server.files[AUDIO] = stream.getvalue()
    message = _refused(known, server, root)
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


def test_killed_then_resumed(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    server.behaviours[AUDIO] = ["slow"]
    command = [sys.executable, "-c", _SCRIPT, str(tmp_path), server.url]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    part, whole = tmp_path / "archives" / f"{AUDIO}.part", len(server.files[AUDIO])
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
    _get(known, server, tmp_path)
    assert server.fetched() == [(AUDIO, f"bytes={there}-")]
    assert _files(tmp_path) == CONTENT


def test_two_at_once_are_refused(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    (tmp_path / ".download").mkdir()
    with (tmp_path / ".download" / "lock").open("a") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert "another download is at work here" in _refused(known, server, tmp_path)
    _get(known, server, tmp_path)


def test_too_small_a_disk_is_refused_before_anything_is_fetched(
    known: KnownDataset, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": len(server.files[AUDIO])})()
    monkeypatch.setattr(planning.shutil, "disk_usage", lambda path: usage)
    message = _refused(known, server, tmp_path / "not" / "there")
    assert f"has {usage.free:,} bytes free, the download needs about" in message
    assert server.fetched() == []


def test_space_is_counted(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    meta, audio = len(server.files[META]), len(server.files[AUDIO])
    one = plan_download(known, tmp_path, base_url=server.url, jobs=1)
    assert one.missing_bytes == one.total_bytes == meta + audio
    assert one.needed_bytes == round(1.25 * (meta + audio)) + audio
    both = plan_download(known, tmp_path, base_url=server.url, jobs=1, keep_archives=True)
    assert both.needed_bytes == round(1.25 * (meta + audio)) + meta + audio
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / f"{AUDIO}.part").write_bytes(b"x" * 1000)
    later = plan_download(known, tmp_path, base_url=server.url)
    assert later.missing_bytes == meta + audio - 1000


def test_no_connection(known: KnownDataset, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    with pytest.raises(DataError) as error:
        plan_download(known, tmp_path, base_url=url, patience=QUICK)
    message = str(error.value)
    assert message.startswith(f"{url}/api/records/123: no connection: Connection refused")
    assert "(3 attempts)" in message and "check the network" in message and "\n" not in message


def test_a_record_of_another_dataset(known: KnownDataset, server: Any, tmp_path: Path) -> None:
    server.files = {"dev_bearing.zip": b"x"}
    message = _refused(known, server, tmp_path)
    assert f"record 123 holds dev_bearing.zip, expected {FOLDER}.*" in message


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden"])
def test_a_record_with_a_bad_name(
    known: KnownDataset, server: Any, tmp_path: Path, name: str
) -> None:
    server.files[name] = b"x"
    assert "the record cannot be understood" in _refused(known, server, tmp_path)


def test_a_record_that_contradicts_what_was_published(
    known: KnownDataset, server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    published = {META: hashlib.md5(server.files[META]).hexdigest(), AUDIO: "1" * 32}
    fact = Fact[dict[str, str]](value=published, source="page")
    known = known.model_copy(update={"archives": fact})
    plan_download(known, tmp_path, base_url=server.url)
    warnings = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert len(warnings) == 1
    assert AUDIO in warnings[0] and "1" * 32 in warnings[0]


@pytest.fixture
def splits(archive_server: Any) -> KnownDataset:
    """The lists of 2024 with two clips in each but three in the last."""
    known = load_known_dataset("dcase2024")
    lists = {}
    for name, facts in known.lists.items():
        count = 3 if name == "test" else 2
        lists[name] = facts.model_copy(update={"clips": Fact[int](value=count, source="code")})
        rows = [f"audio/{name}-{clip}.wav\tbus" for clip in range(count)]
        text = "\n".join(["filename\tscene_label", *rows, ""])
        archive_server.files[f"{name}.csv"] = text.encode()
    return known.model_copy(update={"lists": lists})


def test_lists_are_fetched_by_themselves(
    splits: KnownDataset, archive_server: Any, tmp_path: Path
) -> None:
    _get(splits, archive_server, tmp_path)
    names = [f"{name}.csv" for name in ("split5", "split10", "split25", "split50", "split100")]
    assert sorted(p.name for p in (tmp_path / "evaluation_setup").iterdir()) == sorted(
        [*names, "test.csv"]
    )
    archive_server.requests.clear()
    (tmp_path / "evaluation_setup" / "split10.csv").write_text("filename\tscene_label\n")
    _get(splits, archive_server, tmp_path)
    assert archive_server.fetched() == [("split10.csv", "")]


def test_a_list_with_another_number_of_clips_is_not_kept(
    splits: KnownDataset, archive_server: Any, tmp_path: Path
) -> None:
    archive_server.files["test.csv"] = archive_server.files["split5.csv"]
    message = _refused(splits, archive_server, tmp_path)
    assert "test.csv: does not list the expected 3 clips" in message
    assert not (tmp_path / "evaluation_setup" / "test.csv").exists()


def test_a_set_whose_place_nobody_told(known: KnownDataset, tmp_path: Path) -> None:
    lost = known.model_copy(update={"record": None})
    with pytest.raises(DataError, match="nobody told where tau2022 lies"):
        plan_download(lost, tmp_path)


def test_waits_double_up_to_the_longest() -> None:
    patience = Patience(first_wait=1.0, longest_wait=10.0)
    assert [patience.wait(failures) for failures in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert patience.wait(1, asked=5.0) == 5
    assert patience.wait(1, asked=500.0) == 10


def test_a_mirror_takes_the_place_of_the_host() -> None:
    url = "https://zenodo.org/api/records/1/files/a.zip/content?download=1"
    mirror = "http://mirror.example/zenodo/"
    assert rebased(url, None) == url
    assert rebased(url, mirror) == (
        "http://mirror.example/zenodo/api/records/1/files/a.zip/content?download=1"
    )
