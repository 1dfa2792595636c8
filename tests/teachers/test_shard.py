from pathlib import Path

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers.shard import read_shard, write_shard

NAMES = ["audio/a.wav", "audio/müll.wav"]


@pytest.fixture
def logits() -> np.ndarray:
    return np.array([[1.5, -2.25, 0.1], [3.0, 4.0, -5.0]], dtype=np.float32)


@pytest.mark.parametrize(("dtype", "error"), [("float32", 0.0), ("float16", 1e-3)])
def test_names_and_logits_come_back(
    tmp_path: Path, logits: np.ndarray, dtype: str, error: float
) -> None:
    path = write_shard(tmp_path, NAMES, logits, dtype)
    names, found = read_shard(path, 3)
    assert names == NAMES
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, logits, atol=error, rtol=0)


def test_a_value_too_large_for_float16_names_the_clip(tmp_path: Path, logits: np.ndarray) -> None:
    logits[1, 0] = 1e6
    with pytest.raises(DataError, match=r"müll\.wav.*float16"):
        write_shard(tmp_path, NAMES, logits, "float16")
    assert list(tmp_path.iterdir()) == []
    assert read_shard(write_shard(tmp_path, NAMES, logits, "float32"), 3)[1][1, 0] == 1e6


def test_a_truncated_or_changed_file_is_told(tmp_path: Path, logits: np.ndarray) -> None:
    path = write_shard(tmp_path, NAMES, logits, "float32")
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    with pytest.raises(DataError, match="is damaged"):
        read_shard(path, 3)
    # Within the compressed logits, the last member: the archive's checksum must notice.
    middle = content.index(b"logits.npy") + 30
    path.write_bytes(content[:middle] + bytes([content[middle] ^ 0xFF]) + content[middle + 1 :])
    with pytest.raises(DataError, match="is damaged"):
        read_shard(path, 3)


def test_another_number_of_classes_is_told(tmp_path: Path, logits: np.ndarray) -> None:
    path = write_shard(tmp_path, NAMES, logits, "float32")
    with pytest.raises(DataError, match=r"expected \(clips,\) and \(clips, 4\)"):
        read_shard(path, 4)


def test_pickled_names_are_not_read(tmp_path: Path, logits: np.ndarray) -> None:
    path = tmp_path / "shard-x.npz"
    np.savez(path, names=np.array(NAMES, dtype=object), logits=logits)
    with pytest.raises(DataError, match="is damaged"):
        read_shard(path, 3)
