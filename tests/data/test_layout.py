import pytest

from dssd_tf.data.layout import refuse_occupied, write_table
from dssd_tf.errors import DataError


def test_table_bytes(tmp_path):
    write_table(tmp_path / "t.csv", ("filename", "scene_label"), [("audio/x.wav", "park")])
    assert (tmp_path / "t.csv").read_bytes() == b"filename\tscene_label\naudio/x.wav\tpark\n"


def test_a_place_with_something_in_it_is_refused(tmp_path):
    refuse_occupied(tmp_path)
    refuse_occupied(tmp_path / "new")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DataError, match=r"is not empty \(it holds thesis.txt\)"):
        refuse_occupied(tmp_path)
    with pytest.raises(DataError, match="is a file, not a folder"):
        refuse_occupied(tmp_path / "thesis.txt")
