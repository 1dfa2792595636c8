import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dssd_tf.errors import DataError
from dssd_tf.teachers.logit_file import read_logit_file

NAMES = ["audio/a.wav", "audio/b.wav"]
VALUES = np.array([[1.5, -2.0, 0.25], [3.0, 4.0, -5.0]], dtype=np.float32)


class Tensor:
    """As much of a tensor as is used, PyTorch being no dependency."""

    def __init__(self, values: Any):
        self.values = np.asarray(values)

    def detach(self) -> "Tensor":
        return self

    def float(self) -> "Tensor":
        return Tensor(self.values.astype(np.float32))

    def numpy(self) -> np.ndarray:
        return self.values


@pytest.fixture
def torch_gives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Path]:
    """A `.pt` file that a stand-in for PyTorch reads as the given content."""

    def give(content: Any) -> Path:
        def load(path: Path, *, map_location: str, weights_only: bool) -> Any:
            assert weights_only
            return content

        stand_in = types.SimpleNamespace(load=load, is_tensor=lambda v: isinstance(v, Tensor))
        monkeypatch.setitem(sys.modules, "torch", stand_in)
        path = tmp_path / "logits.pt"
        path.write_bytes(b"")
        return path

    return give


def _same(path: Path, classes: tuple, **options: Any) -> None:
    content = read_logit_file(path, classes, **options)
    assert content.names == NAMES
    np.testing.assert_array_equal(content.values, VALUES)


@pytest.mark.parametrize("keys", [("names", "logits"), ("filenames", "probabilities")])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_npz(tmp_path: Path, classes: tuple, keys: tuple[str, str], dtype: Any) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, **{keys[0]: np.array(NAMES), keys[1]: VALUES.astype(dtype)})
    _same(path, classes)


def test_npz_of_other_names(tmp_path: Path, classes: tuple) -> None:
    np.savez(tmp_path / "x.npz", clips=np.array(NAMES), logits=VALUES)
    with pytest.raises(DataError, match="has no 'names', has clips, logits"):
        read_logit_file(tmp_path / "x.npz", classes)


@pytest.mark.parametrize("form", ["txt", "npy"])
def test_npy_with_a_list_of_names(tmp_path: Path, classes: tuple, form: str) -> None:
    np.save(tmp_path / "x.npy", VALUES)
    names = tmp_path / f"names.{form}"
    if form == "npy":
        np.save(names, np.array(NAMES))
    else:
        names.write_text("\n".join(NAMES) + "\n\n")
    _same(tmp_path / "x.npy", classes, names=names)
    with pytest.raises(DataError, match="give their list with --names"):
        read_logit_file(tmp_path / "x.npy", classes)


@pytest.mark.parametrize("separator", [",", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_table_by_its_header(tmp_path: Path, classes: tuple, separator: str, mark: str) -> None:
    path = tmp_path / "x.csv"
    lines = [["tram", "device", "filename", "park", "bus"]]
    lines += [
        [str(row[2]), "a", name, str(row[1]), str(row[0])]
        for name, row in zip(NAMES, VALUES, strict=True)
    ]
    path.write_text(mark + "\r\n".join(separator.join(line) for line in lines), encoding="utf-8")
    _same(path, classes)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filename,bus,park\na,1,2\n", "lacks the column 'tram'"),
        ("name,bus,park,tram\na,1,2,3\n", "lacks the column 'filename'"),
        ("filename,bus,park,tram,bus\na,1,2,3,4\n", "has the column 'bus' twice"),
        ("filename,bus,park,tram\na,1,2,3,4\n", "more cells than the header"),
        ("filename,bus,park,tram\na,1,x,3\n", "value of a for class 'park'"),
        ("filename,bus,park,tram\na,1,,3\n", "value of a for class 'park'"),
        ("filename,bus,park,tram\na,1,2,3\na,1,2,3\n", "names a twice"),
        ("filename,bus,park,tram\n,1,2,3\n", "a clip without a name"),
        ("", "cannot be read"),
    ],
)
def test_a_table_that_cannot_be_used(
    tmp_path: Path, classes: tuple, text: str, message: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=message) as caught:
        read_logit_file(path, classes)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        {name: Tensor(row.astype(np.float16)) for name, row in zip(NAMES, VALUES, strict=True)},
        {name: Tensor(row[None]) for name, row in zip(NAMES, VALUES, strict=True)},
        {"names": NAMES, "logits": Tensor(VALUES)},
        {"names": tuple(NAMES), "logits": [Tensor(row) for row in VALUES]},
    ],
    ids=["by-name", "batches-of-one", "two-entries", "list-of-tensors"],
)
def test_torch(torch_gives: Callable, classes: tuple, content: Any) -> None:
    _same(torch_gives(content), classes)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([1], "holds list"),
        ({"a": Tensor([1.0]), "b": Tensor([1.0, 2.0])}, "another number of values for b"),
        ({"a": 3.0}, "no tensors"),
    ],
)
def test_torch_of_another_form(
    torch_gives: Callable, classes: tuple, content: Any, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        read_logit_file(torch_gives(content), classes)


def test_without_pytorch_its_files_are_refused(
    tmp_path: Path, classes: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    (tmp_path / "x.pt").write_bytes(b"")
    with pytest.raises(DataError, match="not installed"):
        read_logit_file(tmp_path / "x.pt", classes)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_a_value_that_is_not_finite_names_clip_and_class(
    tmp_path: Path, classes: tuple, value: float
) -> None:
    values = VALUES.astype(np.float64)
    values[1, 2] = value
    np.savez(tmp_path / "x.npz", names=np.array(NAMES), logits=values)
    with pytest.raises(DataError, match=r"audio/b\.wav for class 'tram'"):
        read_logit_file(tmp_path / "x.npz", classes)


@pytest.mark.parametrize("shape", [(2, 4), (3, 3), (6,)])
def test_a_shape_of_others_is_refused(
    tmp_path: Path, classes: tuple, shape: tuple[int, ...]
) -> None:
    np.savez(tmp_path / "x.npz", names=np.array(NAMES), logits=np.zeros(shape))
    with pytest.raises(DataError, match=r"expected numbers \(2, 3\)"):
        read_logit_file(tmp_path / "x.npz", classes)


def test_damaged_missing_and_unknown_files_are_told(tmp_path: Path, classes: tuple) -> None:
    (tmp_path / "x.npz").write_bytes(b"PK")
    (tmp_path / "x.bin").write_bytes(b"PK")
    for name, message in (
        ("x.npz", "not a readable array file"),
        ("none.npz", "no such file"),
        ("x.bin", "unknown kind of file '.bin'"),
    ):
        with pytest.raises(DataError, match=message):
            read_logit_file(tmp_path / name, classes)
