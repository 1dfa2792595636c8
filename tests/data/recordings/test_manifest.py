import pytest

from dssd_tf.data.recordings import read_manifest
from dssd_tf.errors import DataError


def test_rows_become_recordings(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(
        "path,scene,recording,fold,sha256,licence,other\n"
        "x/a.wav,bus,one,2,AB12,CC0,?\nx/b.wav,park,two,,,,\n"
    )
    first, second = read_manifest(path)
    assert first.path == tmp_path / "x" / "a.wav"
    assert (first.scene, first.group, first.fold, first.sha256) == ("bus", "one", 2, "ab12")
    assert (first.licence, first.source, first.device) == ("CC0", "a.wav", "a")
    assert (second.fold, second.sha256) == (None, None)
    assert read_manifest(path, tmp_path / "root")[1].path == tmp_path / "root" / "x" / "b.wav"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("path,scene\na.wav,bus\n", "lacks the column 'recording'"),
        ("path,scene,recording\na.wav,,one\n", "row 2 has no 'scene'"),
        ("path,scene,recording,fold\na.wav,bus,one,first\n", "row 2: fold 'first' is no number"),
        ("", "cannot be read"),
    ],
)
def test_what_is_no_such_table(tmp_path, text, reason):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=reason):
        read_manifest(path)


def test_a_table_that_is_missing(tmp_path):
    with pytest.raises(DataError, match="no such table"):
        read_manifest(tmp_path / "none.csv")
