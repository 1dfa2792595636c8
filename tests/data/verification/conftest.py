"""A copy of the synthetic set, and what damages it and looks for the faults."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification


@pytest.fixture
def damaged(synthetic_set: Path, tmp_path: Path) -> Path:
    """A copy of the synthetic set that a test may damage; of lists it has one fold's alone."""
    root = Path(shutil.copytree(synthetic_set, tmp_path / "set"))
    for path in (root / "evaluation_setup").glob("*.csv"):
        if not path.name.startswith("fold1_"):
            path.unlink()
    listed = root / "evaluation" / "evaluation_setup" / "fold1_test.csv"
    names = [line.split("\t")[0] for line in listed.read_text().splitlines()]
    listed.write_text("\n".join(names) + "\n")
    return root


@pytest.fixture(scope="session")
def edit() -> Callable[..., None]:
    """Change the rows of a table; the header is row 0."""

    def edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
        path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")

    return edit


@pytest.fixture(scope="session")
def record() -> Callable[..., None]:
    """Write a recording, by default a second of noise like those of the set."""

    def record(root: Path, name: str, audio: np.ndarray | None = None, **form: object) -> None:
        values: dict = {"samplerate": 44100, "subtype": "PCM_24"} | form
        if audio is None:
            audio = 0.1 * np.random.default_rng(3).standard_normal(44100)
        soundfile.write(root / name, audio, **values)

    return record


@pytest.fixture(scope="session")
def first() -> Callable[..., str]:
    """The clip named in a row of a table, by default the first of `meta.csv`."""

    def first(root: Path, table: str = "meta.csv", row: int = 1) -> str:
        return (root / table).read_text().splitlines()[row].split("\t")[0]

    return first


@pytest.fixture(scope="session")
def only() -> Callable[..., DataFault]:
    """The one fault, which must be of this check."""

    def only(result: Verification, check: str) -> DataFault:
        assert [fault.check for fault in result.faults] == [check], list(map(str, result.faults))
        assert result.total_faults == 1
        assert "\n" not in str(result.faults[0])
        return result.faults[0]

    return only
