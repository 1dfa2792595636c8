import hashlib
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.known_dataset import Fact, KnownDataset
from dssd_tf.errors import DataError


def test_space_is_counted(known: KnownDataset, server: Any, tmp_path: Path, small: Any) -> None:
    meta, audio = len(server.files[small.meta]), len(server.files[small.audio])
    one = plan_download(known, tmp_path, base_url=server.url, jobs=1)
    assert one.missing_bytes == one.total_bytes == meta + audio
    assert one.needed_bytes == round(1.25 * (meta + audio)) + audio
    both = plan_download(known, tmp_path, base_url=server.url, jobs=1, keep_archives=True)
    assert both.needed_bytes == round(1.25 * (meta + audio)) + meta + audio
    (tmp_path / "archives").mkdir()
    (tmp_path / "archives" / f"{small.audio}.part").write_bytes(b"x" * 1000)
    later = plan_download(known, tmp_path, base_url=server.url)
    assert later.missing_bytes == meta + audio - 1000


def test_a_record_that_contradicts_what_was_published(
    known: KnownDataset, server: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], small: Any
) -> None:
    published = {
        small.meta: hashlib.md5(server.files[small.meta]).hexdigest(),
        small.audio: "1" * 32,
    }
    fact = Fact[dict[str, str]](value=published, source="page")
    known = known.model_copy(update={"archives": fact})
    plan_download(known, tmp_path, base_url=server.url)
    warnings = [line for line in capsys.readouterr().err.splitlines() if "warning" in line]
    assert len(warnings) == 1
    assert small.audio in warnings[0] and "1" * 32 in warnings[0]


def test_a_set_whose_place_nobody_told(known: KnownDataset, tmp_path: Path) -> None:
    lost = known.model_copy(update={"record": None})
    with pytest.raises(DataError, match="nobody told where tau2022 lies"):
        plan_download(lost, tmp_path)
