from pathlib import Path

import pytest

from dssd_tf.data.listed_files import require_files
from dssd_tf.errors import DataError


def test_files_of_several_folders_are_looked_for(tmp_path: Path) -> None:
    for name in ("top.wav", "a/one.wav", "b/c/two.wav"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    require_files(tmp_path, ["top.wav", "a/one.wav", "b/c/two.wav"])
    require_files(tmp_path, [])
    with pytest.raises(DataError, match=r"a/two\.wav: .* the file is missing \(and 1 more\)"):
        require_files(tmp_path, ["top.wav", "a/two.wav", "nowhere/x.wav"])
