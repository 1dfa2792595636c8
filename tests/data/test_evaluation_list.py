from pathlib import Path

import numpy as np
import pytest
import soundfile

from dssd_tf.data import read_evaluation_set
from dssd_tf.errors import DataError


@pytest.fixture
def evaluation_set(tmp_path: Path) -> Path:
    """Twelve clips 0.wav … 11.wav and a file that is none of them."""
    root = tmp_path / "evaluation"
    (root / "audio").mkdir(parents=True)
    for name in [*map(str, range(12)), "readme"]:
        soundfile.write(root / "audio" / f"{name}.wav", np.zeros(10), 8000)
    return root


def test_evaluation_set_in_order_of_the_numbers(evaluation_set: Path) -> None:
    clips = read_evaluation_set(evaluation_set)
    assert clips["filename"].to_list() == [f"audio/{n}.wav" for n in range(12)]
    assert set(clips["device"]) == {""}


def test_a_number_that_is_left_out_is_named(evaluation_set: Path) -> None:
    (evaluation_set / "audio" / "7.wav").unlink()
    with pytest.raises(DataError, match=r"7\.wav: is missing, while 11 files go up to 11\.wav"):
        read_evaluation_set(evaluation_set)


def test_a_development_set_is_no_evaluation_set(evaluation_set: Path) -> None:
    listed = _list_clips(evaluation_set, "filename\naudio/7.wav\n")
    listed.with_name("fold1_train.csv").write_text("filename\tscene_label\n")
    with pytest.raises(DataError, match="is a development set"):
        read_evaluation_set(evaluation_set)


def _list_clips(root: Path, text: str) -> Path:
    (root / "evaluation_setup").mkdir()
    path = root / "evaluation_setup" / "fold1_test.csv"
    path.write_text(text)
    return path


def test_evaluation_set_by_its_list(evaluation_set: Path) -> None:
    _list_clips(evaluation_set, "filename\naudio/7.wav\naudio/3.wav\n")
    clips = read_evaluation_set(evaluation_set)
    assert clips.to_dict("list") == {"filename": ["audio/7.wav", "audio/3.wav"], "device": ["", ""]}


def test_evaluation_set_with_devices(evaluation_set: Path) -> None:
    _list_clips(evaluation_set, "filename\tdevice_id\naudio/7.wav\tunknown\naudio/3.wav\ts1\n")
    assert read_evaluation_set(evaluation_set)["device"].to_list() == ["unknown", "s1"]


def test_evaluation_set_with_a_missing_file(evaluation_set: Path) -> None:
    _list_clips(evaluation_set, "filename\naudio/7.wav\naudio/12.wav\n")
    with pytest.raises(DataError, match=r"audio/12\.wav: listed in the tables"):
        read_evaluation_set(evaluation_set)


def test_evaluation_set_without_clips(evaluation_set: Path) -> None:
    path = _list_clips(evaluation_set, "filename\n")
    with pytest.raises(DataError, match="has no clips"):
        read_evaluation_set(evaluation_set)
    path.unlink()
    for clip in (evaluation_set / "audio").iterdir():
        clip.unlink()
    with pytest.raises(DataError, match="has no clips"):
        read_evaluation_set(evaluation_set)


def test_missing_evaluation_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"nowhere: no such evaluation set — .*audio/N\.wav"):
        read_evaluation_set(tmp_path / "nowhere")
