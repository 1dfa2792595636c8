from collections.abc import Callable
from pathlib import Path

import numpy as np

from dssd_tf.teachers import TeacherBank


def test_values_and_recordings_are_stored(
    imported: Callable, synthetic_set: Path, logit_file: Path
) -> None:
    opened = TeacherBank.open(imported("big", "--fold", 1, "--data", synthetic_set))
    content = np.load(logit_file)
    found = opened.logits(content["names"].tolist())
    np.testing.assert_array_equal(found, content["logits"].astype(np.float32))
    assert len(opened.recordings("big")) == 20


def test_an_unknown_origin_is_told(
    dssd: Callable, tmp_path: Path, logit_file: Path, scenes: list[str]
) -> None:
    arguments = ["--out", tmp_path / "bank", "--name", "x", "--classes", ",".join(scenes)]
    result = dssd("bank", "import", logit_file, *arguments)
    assert result.code == 0
    assert "no leak can be found later" in result.err


def test_data_without_a_fold_is_refused(
    dssd: Callable, tmp_path: Path, logit_file: Path, scenes: list[str], synthetic_set: Path
) -> None:
    arguments = ["--out", tmp_path / "bank", "--name", "x", "--classes", ",".join(scenes)]
    result = dssd("bank", "import", logit_file, *arguments, "--data", synthetic_set)
    assert result.code == 2
    assert "add --fold N" in result.line
    bad = dssd("bank", "import", logit_file, *arguments, "--data", synthetic_set, "--fold", 0)
    assert "fold: " in bad.line
