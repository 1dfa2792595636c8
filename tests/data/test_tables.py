from pathlib import Path

import pytest

from dssd_tf.data.tables import read_table
from dssd_tf.errors import DataError

REQUIRED = ["filename", "scene_label"]


def _write(folder: Path, content: bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_either_line_end(tmp_path: Path, end: bytes) -> None:
    content = end.join([b"filename\tscene_label", b"a.wav\tbus", b"b.wav\ttram", b""])
    table = read_table(_write(tmp_path, content), REQUIRED)
    assert table.columns.to_list() == REQUIRED
    assert table.to_numpy().tolist() == [["a.wav", "bus"], ["b.wav", "tram"]]


def test_cells_stay_text(tmp_path: Path) -> None:
    path = _write(tmp_path, b"filename\tscene_label\tx\n007\tNA\t1.50\nnull\tNaN\t\n")
    assert read_table(path, REQUIRED).to_numpy().tolist() == [
        ["007", "NA", "1.50"],
        ["null", "NaN", ""],
    ]


def test_byte_order_mark_and_blanks_in_the_header(tmp_path: Path) -> None:
    path = _write(tmp_path, "\ufefffilename\tscene_label \na.wav\tbus\n".encode())
    assert read_table(path, REQUIRED)["scene_label"].to_list() == ["bus"]


def test_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    assert len(read_table(_write(tmp_path, b"filename\tscene_label\n"), REQUIRED)) == 0


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "the table is empty"),
        (b"filename\tlabel\na.wav\tbus\n", "lacks the column 'scene_label'"),
        (b"filename,scene_label\na.wav,bus\n", "TAB-separated"),
        (b"filename\tscene_label\na.wav\tbus\nb.wav\tbus\na.wav\tbus\n", "names a.wav twice"),
        (b"filename\tscene_label\na.wav\tbus\nb.wav\t \n", "row 3 has no 'scene_label'"),
        (b"filename\tscene_label\na.wav\tbus\nb.wav\n", "row 3 has no 'scene_label'"),
        (b"filename\tscene_label\na.wav\tbus\nb.wav\tbus\tx\n", "line 3"),
        (b"filename\tscene_label\na.wav\tbus\tx\nb.wav\tbus\tx\n", "more cells than the header"),
        (b"filename\tscene_label\na.wav\tbus\t\nb.wav\tbus\t\n", "more cells than the header"),
        (b"filename\tscene_label\na.wav\tcaf\xe9\n", "cannot be read"),
    ],
    ids=[
        "empty",
        "missing column",
        "comma-separated",
        "duplicate",
        "blank cell",
        "short row",
        "long row",
        "long rows",
        "trailing tabs",
        "Latin-1",
    ],
)
def test_faults_name_the_file_and_the_place(tmp_path: Path, content: bytes, problem: str) -> None:
    path = _write(tmp_path, content)
    with pytest.raises(DataError) as caught:
        read_table(path, REQUIRED)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert problem in message
    assert "\n" not in message


def test_missing_table(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"meta\.csv: no such table — point --data"):
        read_table(tmp_path / "meta.csv", REQUIRED)


def test_a_repeated_name_is_no_fault_where_filename_is_not_required(tmp_path: Path) -> None:
    path = _write(tmp_path, b"filename\tscene_label\na.wav\tbus\na.wav\ttram\n")
    assert len(read_table(path, ["scene_label"])) == 2
