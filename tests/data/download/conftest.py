"""A small set at an archive on this machine, and what fetches it."""

import io
import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dssd_tf.data.download.download import download
from dssd_tf.data.download.patience import Patience
from dssd_tf.data.download.plan import plan_download
from dssd_tf.data.known_dataset import Fact, KnownDataset, load_known_dataset
from dssd_tf.errors import DataError


@dataclass(frozen=True)
class SmallSet:
    """One zip with the recordings, one with the table; `content` is what they unpack to."""

    folder: str = "TAU-urban-acoustic-scenes-2022-mobile-development"
    content: dict[str, bytes] = field(
        default_factory=lambda: {
            "meta.csv": b"filename\n",
            "audio/0.wav": os.urandom(600_000),
            "audio/1.wav": b"one",
        }
    )

    @property
    def audio(self) -> str:
        return f"{self.folder}.audio.1.zip"

    @property
    def meta(self) -> str:
        return f"{self.folder}.meta.zip"


@pytest.fixture(scope="session")
def small() -> SmallSet:
    return SmallSet()


@pytest.fixture(scope="session")
def quick() -> Patience:
    """Three attempts within a moment."""
    return Patience(attempts=3, first_wait=0.01)


@pytest.fixture
def known() -> KnownDataset:
    """The facts of 2022, at the record of the server of the tests."""
    facts = {"record": Fact[int](value=123, source="code"), "archives": None}
    return load_known_dataset("tau2022").model_copy(update=facts)


@pytest.fixture(scope="session")
def pack(small: SmallSet) -> Callable[[dict[str, bytes]], bytes]:
    """A zip file whose members lie in the set's folder."""

    def pack(members: dict[str, bytes]) -> bytes:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as bundle:
            for name, content in members.items():
                bundle.writestr(f"{small.folder}/{name}", content)
        return stream.getvalue()

    return pack


@pytest.fixture
def server(archive_server: Any, small: SmallSet, pack: Callable[..., bytes]) -> Any:
    """The archive of the small set."""
    audio = {name: content for name, content in small.content.items() if name != "meta.csv"}
    archive_server.files = {
        small.meta: pack({"meta.csv": small.content["meta.csv"]}),
        small.audio: pack(audio),
    }
    return archive_server


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


@pytest.fixture(scope="session")
def get(quick: Patience) -> Callable[..., None]:
    """Plan and carry out a download from a server into a folder."""

    def get(known: KnownDataset, server: Any, root: Path, **options: Any) -> None:
        plan = plan_download(known, root, base_url=server.url, patience=quick)
        download(plan, jobs=1, patience=quick, **options)

    return get


@pytest.fixture(scope="session")
def refused(get: Callable[..., None]) -> Callable[..., str]:
    """The error of a download that must fail, in one line with a remedy."""

    def refused(known: KnownDataset, server: Any, root: Path) -> str:
        with pytest.raises(DataError) as error:
            get(known, server, root)
        assert "\n" not in str(error.value)
        assert error.value.fix
        return str(error.value)

    return refused


@pytest.fixture(scope="session")
def written() -> Callable[[Path], dict[str, bytes]]:
    """What lies in a folder, without the download's own notes."""

    def written(root: Path) -> dict[str, bytes]:
        return {
            str(path.relative_to(root)): path.read_bytes()
            for path in root.rglob("*")
            if path.is_file() and ".download" not in path.parts
        }

    return written
