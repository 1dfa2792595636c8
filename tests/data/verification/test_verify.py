import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify
from dssd_tf.errors import DataError

RATE = 44100


@pytest.fixture(scope="module")
def clean(synthetic_set: Path) -> Verification:
    return verify(synthetic_set)


@pytest.fixture
def damaged(synthetic_set: Path, tmp_path: Path) -> Path:
    """A copy of the synthetic set that a test may damage."""
    return Path(shutil.copytree(synthetic_set, tmp_path / "set"))


def _edit(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    """Change the rows of a table; the header is row 0."""
    path.write_text("\n".join(change(path.read_text().splitlines())) + "\n")


def _audio(root: Path, name: str, audio: np.ndarray | None = None, **form: object) -> None:
    values: dict = {"samplerate": RATE, "subtype": "PCM_24"} | form
    audio = 0.1 * np.random.default_rng(3).standard_normal(RATE) if audio is None else audio
    soundfile.write(root / name, audio, **values)


def _first(root: Path, table: str = "meta.csv", row: int = 1) -> str:
    return (root / table).read_text().splitlines()[row].split("\t")[0]


def _only(result: Verification, check: str) -> DataFault:
    """The one fault, which must be of this check."""
    assert [fault.check for fault in result.faults] == [check], list(map(str, result.faults))
    assert result.total_faults == 1
    assert "\n" not in str(result.faults[0])
    return result.faults[0]


def test_a_clean_set_has_no_faults(clean: Verification) -> None:
    assert clean.faults == []
    assert clean.dataset is None
    assert clean.audio == {
        "sampling_rate": RATE,
        "channels": 1,
        "seconds": 1.0,
        "bit_depth": 24,
    }
    assert clean.remarks == ["not a known dataset: counts and devices were not checked"]


def test_the_table_counts_scenes_by_devices_and_lists(
    clean: Verification, synthetic_set: Path
) -> None:
    meta = pd.read_csv(synthetic_set / "meta.csv", sep="\t")
    table = clean.table
    assert table.loc[("meta", "total"), "total"] == len(meta) == clean.clips
    for (scene, device), rows in meta.groupby(["scene_label", "source_label"]):
        assert table.loc[("meta", scene), device] == len(rows)
    train, test = (table.loc[(f"fold1_{part}", "total"), "total"] for part in ("train", "evaluate"))
    assert train + test == len(meta)
    assert list(table.columns) == ["a", "b", "c", "s1", "s2", "s3", "s4", "s5", "s6", "total"]


def test_an_unlabelled_set(synthetic_set: Path, tmp_path: Path) -> None:
    assert verify(synthetic_set / "evaluation").faults == []
    root = Path(shutil.copytree(synthetic_set / "evaluation", tmp_path / "evaluation"))
    for name in ("meta.csv", "evaluation_setup/fold1_test.csv"):
        _edit(root / name, lambda rows: [r.replace("audio/4.wav", "audio/44.wav") for r in rows])
    (root / "audio" / "4.wav").rename(root / "audio" / "44.wav")
    assert "has no 4.wav although it names 10 clips" in _only(verify(root), "name").message


def test_devices_of_the_list_of_2025(synthetic_set: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(synthetic_set / "evaluation", tmp_path / "evaluation"))
    path = root / "evaluation_setup" / "fold1_test.csv"
    missing = verify(root, "dcase2025_evaluation", audio="none").faults
    assert [fault.check for fault in missing] == ["count", "count", "columns"]
    devices = ["device_id", "a", "b", "c", "s1", "s2", "s3", "unknown", "d", "a", "b"]
    _edit(path, lambda rows: [f"{r}\t{d}" for r, d in zip(rows, devices, strict=True)])
    fault = verify(root, "dcase2025_evaluation", audio="none").faults[-1]
    assert (fault.check, fault.row, fault.found) == ("device_id", 9, "d")


@pytest.mark.parametrize(
    ("column", "check"),
    [
        (1, "scene_label against name"),
        (2, "identifier against name"),
        (3, "source_label against name"),
    ],
)
def test_a_column_that_disagrees_with_the_name(damaged: Path, column: int, check: str) -> None:
    def change(rows: list[str]) -> list[str]:
        cells = rows[6].split("\t")
        cells[column] = "s9" if column == 3 else "new_york-1"
        return [*rows[:6], "\t".join(cells), *rows[7:]]

    _edit(damaged / "meta.csv", change)
    found = [f for f in verify(damaged, audio="none").faults if f.check == check]
    assert [(f.file, f.row) for f in found] == [("meta.csv", 7)]
    assert found[0].found in {"s9", "new_york-1"}
    assert found[0].expected.split(" by ")[0] in _first(damaged, row=6)


def test_names_of_five_and_six_parts_do_not_mix(damaged: Path) -> None:
    name = _first(damaged)
    short = name.replace("-0-", "-", 1) if "-0-" in name else name
    parts = Path(name).stem.split("-")
    short = f"audio/{'-'.join([*parts[:4], parts[5]])}.wav"
    for table in ("meta.csv", "evaluation_setup/fold1_train.csv"):
        _edit(damaged / table, lambda rows: [row.replace(name, short) for row in rows])
    (damaged / name).rename(damaged / short)
    fault = _only(verify(damaged), "name")
    assert (fault.file, fault.row, fault.found) == ("meta.csv", 2, short)
    assert fault.expected == "scene-city-location-segment-sub-device"


def test_missing_and_unlisted_files(damaged: Path) -> None:
    name = _first(damaged)
    (damaged / name).unlink()
    fault = _only(verify(damaged), "missing")
    assert (fault.file, fault.row, fault.expected) == ("meta.csv", 2, name)
    _audio(damaged, name)
    (damaged / "audio" / "stray.wav").write_bytes((damaged / name).read_bytes()[:-30])
    faults = {fault.check: fault for fault in verify(damaged).faults}
    assert set(faults) == {"not listed"}
    assert faults["not listed"].file == "audio/stray.wav"


def test_a_file_that_only_a_list_names(damaged: Path) -> None:
    name = _first(damaged)
    _edit(damaged / "meta.csv", lambda rows: [row for row in rows if not row.startswith(name)])
    faults = verify(damaged).faults
    assert {f.check for f in faults} == {"list against meta", "not listed"}
    assert {f.found for f in faults if f.check == "list against meta"} == {name}


def test_a_name_given_twice(damaged: Path) -> None:
    _edit(damaged / "meta.csv", lambda rows: [*rows, rows[3]])
    fault = _only(verify(damaged, audio="none"), "duplicate")
    assert (fault.row, fault.expected) == (42, "named once, on line 4")


def test_a_cell_left_empty(damaged: Path) -> None:
    def change(rows: list[str]) -> list[str]:
        name, scene, identifier, _ = rows[3].split("\t")
        return [*rows[:3], "\t".join((name, scene, identifier, "")), *rows[4:]]

    _edit(damaged / "meta.csv", change)
    faults = verify(damaged, audio="none").faults
    assert ("columns", "meta.csv", 4, "no source_label") in {
        (f.check, f.file, f.row, f.message) for f in faults
    }


def test_blank_lines_keep_the_row_numbers(damaged: Path) -> None:
    _edit(damaged / "meta.csv", lambda rows: [rows[0], "", *rows[1:], rows[3], ""])
    fault = _only(verify(damaged, audio="none"), "duplicate")
    assert (fault.row, fault.expected) == (43, "named once, on line 5")


def test_crlf_is_no_fault(damaged: Path) -> None:
    for path in (damaged / "meta.csv", *(damaged / "evaluation_setup").iterdir()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert verify(damaged, audio="none").faults == []


@pytest.mark.parametrize(
    ("text", "check"),
    [
        ("", "table"),
        ("filename,scene_label\na,b\n", "columns"),
        ("filename\tscene_label\tidentifier\nx\tbus\ty\n", "columns"),
        ("filename\tscene_label\tidentifier\tsource_label\na\tb\tc\td\te\n", "table"),
        (b"filename\tscene_label\n\xff\xfe\t\x00\n", "table"),
    ],
)
def test_a_table_that_cannot_be_used(damaged: Path, text: str | bytes, check: str) -> None:
    (damaged / "meta.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    result = verify(damaged)
    assert _only(result, check).file == "meta.csv"
    assert result.remarks == ["meta.csv cannot be used: nothing else was checked"]


@pytest.mark.parametrize(
    "name",
    ["../meta.csv", "/etc/hostname", "audio\\a.wav", "audio/../../a", "./a.wav", "audio//a.wav"],
)
def test_a_name_that_leads_outside_is_not_touched(damaged: Path, name: str) -> None:
    row = f"{name}\tbus\tlyon-1\ta"
    _edit(damaged / "meta.csv", lambda rows: [*rows, row])
    fault = _only(verify(damaged), "name")
    assert fault.row == 42 and "is no plain path inside" in fault.message


@pytest.mark.parametrize(
    ("form", "check", "found", "expected"),
    [
        ({"samplerate": 48000}, "sampling rate", "48000", "44100"),
        ({"subtype": "PCM_16"}, "bit depth", "16", "24"),
        ({"audio": np.full((RATE, 2), 0.1)}, "channels", "2", "1"),
        ({"audio": np.full(RATE // 2, 0.1)}, "duration", "0.500", "1.000"),
        ({"audio": np.zeros(0)}, "duration", "0.000", "1.000"),
    ],
)
def test_audio_of_another_form(
    damaged: Path, form: dict, check: str, found: str, expected: str
) -> None:
    name = _first(damaged)
    _audio(damaged, name, **form)
    faults = [f for f in verify(damaged).faults if f.check == check]
    assert [(f.file, f.found, f.expected) for f in faults] == [(name, found, expected)]


@pytest.mark.parametrize("cut", [0, 20, 60_000])
def test_a_truncated_recording(damaged: Path, cut: int) -> None:
    name = _first(damaged)
    content = (damaged / name).read_bytes()
    (damaged / name).write_bytes(content[:cut])
    expected = {0: "empty", 20: "audio", 60_000: "duration"}[cut]
    assert _only(verify(damaged), expected).file == name


def test_samples_that_are_none(damaged: Path) -> None:
    """Float files are read to the end without being asked."""
    name, spoiled = _first(damaged), np.full(RATE, 0.1, np.float32)
    spoiled[-1] = np.nan
    _audio(damaged, name, spoiled, subtype="FLOAT")
    faults = {f.check: f for f in verify(damaged).faults}
    assert set(faults) == {"audio", "bit depth"}
    assert faults["audio"].message == "holds NaN or infinite samples"


def test_a_damaged_flac_shows_only_when_it_is_read(damaged: Path) -> None:
    name = _first(damaged)
    flac = name.replace(".wav", ".flac")
    _audio(damaged, flac)
    (damaged / name).unlink()
    for table in ("meta.csv", "evaluation_setup/fold1_train.csv"):
        _edit(damaged / table, lambda rows: [row.replace(name, flac) for row in rows])
    assert verify(damaged, audio="samples").faults == []
    content = (damaged / flac).read_bytes()
    (damaged / flac).write_bytes(content[: len(content) // 2])
    assert verify(damaged).faults == []
    assert _only(verify(damaged, audio="samples"), "audio").file == flac


def test_copies_under_other_names(damaged: Path) -> None:
    names = sorted(_first(damaged, row=row) for row in (1, 5, 9))
    for name in names[1:]:
        shutil.copy(damaged / names[0], damaged / name)
    faults = verify(damaged).faults
    assert [(f.check, f.file, f.found) for f in faults] == [
        ("copy", name, names[0]) for name in names[1:]
    ]


def test_files_that_only_begin_alike_are_no_copies(damaged: Path) -> None:
    for row in (1, 5):
        audio = np.zeros(RATE)
        audio[-row] = 0.5
        _audio(damaged, _first(damaged, row=row), audio)
    assert verify(damaged).faults == []


def test_a_recording_in_train_and_test(damaged: Path) -> None:
    setup = damaged / "evaluation_setup"
    row = (setup / "fold1_train.csv").read_text().splitlines()[1]
    for name, text in (("fold1_evaluate.csv", row), ("fold1_test.csv", row.split("\t")[0])):
        _edit(setup / name, lambda rows, text=text: [*rows, text])
    fault = _only(verify(damaged, audio="none"), "leak")
    assert (fault.file, fault.row) == ("evaluation_setup/fold1_evaluate.csv", 22)
    scene, city, location = Path(row.split("\t")[0]).stem.split("-")[:3]
    assert fault.found == f"{scene}-{city}-{location}"
    assert fault.expected == "not in fold1_train"


def test_lists_of_one_fold_that_differ(damaged: Path) -> None:
    setup = damaged / "evaluation_setup"
    name = _first(setup, "fold1_test.csv")
    _edit(setup / "fold1_test.csv", lambda rows: [rows[0], *rows[2:]])
    fault = _only(verify(damaged, audio="none"), "list against list")
    assert (fault.file, fault.row) == ("evaluation_setup/fold1_evaluate.csv", 2)
    assert (fault.found, fault.expected) == (name, "fold1_test")


def test_a_list_that_labels_otherwise(damaged: Path) -> None:
    path = damaged / "evaluation_setup" / "fold1_evaluate.csv"
    _edit(path, lambda rows: [rows[0], rows[1].replace("\tairport", "\tbus"), *rows[2:]])
    fault = _only(verify(damaged, audio="none"), "label against meta")
    assert (fault.row, fault.found, fault.expected) == (2, "bus", "airport")


def _splits(root: Path) -> tuple[Path, Path]:
    """split5 inside split10, and their test list."""
    setup = root / "evaluation_setup"
    rows = (setup / "fold1_train.csv").read_text().splitlines()
    (setup / "split10.csv").write_text("\n".join(rows[:13]) + "\n")
    (setup / "split5.csv").write_text("\n".join(rows[:7]) + "\n")
    shutil.copy(setup / "fold1_evaluate.csv", setup / "test.csv")
    return setup / "split5.csv", setup / "split10.csv"


def test_splits_that_are_not_nested(damaged: Path) -> None:
    small, _ = _splits(damaged)
    assert verify(damaged, audio="none").faults == []
    rows = (small.parent / "fold1_train.csv").read_text().splitlines()
    _edit(small, lambda old: [*old, rows[20]])
    fault = _only(verify(damaged, audio="none"), "nested")
    assert (fault.file, fault.row) == ("evaluation_setup/split5.csv", 8)
    assert (fault.found, fault.expected) == (rows[20].split("\t")[0], "split10")


def test_a_split_that_cuts_a_segment(damaged: Path) -> None:
    """A second clip of a segment, in meta.csv and in the larger split but not in the smaller."""
    small, large = _splits(damaged)
    name = _first(small.parent, "split5.csv")
    parts = Path(name).stem.split("-")
    second = f"audio/{'-'.join([*parts[:4], '1', parts[5]])}.wav"
    _audio(damaged, second)
    meta = f"{second}\t{parts[0]}\t{parts[1]}-{parts[2]}\t{parts[5]}"
    _edit(damaged / "meta.csv", lambda rows: [*rows, meta])
    _edit(large, lambda rows: [*rows, f"{second}\t{parts[0]}"])
    fault = _only(verify(damaged), "segment")
    assert (fault.file, fault.found, fault.expected) == ("evaluation_setup/split5.csv", "1", "2")
    assert "-".join([*parts[:4], parts[5]]) in fault.message


def test_a_split_that_shares_a_recording_with_its_test(damaged: Path) -> None:
    small, _ = _splits(damaged)
    row = small.read_text().splitlines()[1]
    _edit(small.parent / "test.csv", lambda rows: [*rows, row])
    faults = verify(damaged, audio="none").faults
    assert {(f.check, f.expected) for f in faults} == {
        ("leak", "not in split5"),
        ("leak", "not in split10"),
    }


def test_a_table_of_another_kind_is_told(damaged: Path) -> None:
    (damaged / "evaluation_setup" / "notes.csv").write_text("anything\n")
    result = verify(damaged, audio="none")
    assert result.faults == []
    assert "evaluation_setup/notes.csv: not a known list, not checked" in result.remarks


def test_a_named_set_is_compared_with_its_facts(damaged: Path) -> None:
    meta, train = damaged / "meta.csv", damaged / "evaluation_setup" / "fold1_train.csv"
    old = _first(damaged)
    row = next(row for row in meta.read_text().splitlines() if row.endswith("\ts4"))
    unseen = row.split("\t")[0]
    strange = old.removesuffix("-a.wav") + "-z.wav"
    (damaged / old).rename(damaged / strange)
    _edit(meta, lambda rows: [r.replace("\ta", "\tz") if r.startswith(old) else r for r in rows])
    _edit(meta, lambda rows: [row.replace(old, strange) for row in rows])
    _edit(train, lambda rows: [row.replace(old, strange) for row in rows])
    _edit(train, lambda rows: [*rows, f"{unseen}\t{row.split(chr(9))[1]}"])
    result = verify(damaged, "tau2022", audio="none", shown=None)
    faults = {(f.check, f.file, f.row): f for f in result.faults}
    stray = faults["source_label", "meta.csv", 2]
    assert stray.found == "z" and stray.expected == "a, b, c, s1, s2, s3, s4, s5, s6"
    assert faults["device", "evaluation_setup/fold1_train.csv", 22].found == "s4"
    texts = [f.message for f in result.faults if f.check == "count"]
    assert "40 clips, expected 230350 in tau2022" in texts
    assert "29 clips of device a, expected 144000 (unverified)" in texts
    assert "21 clips, expected 139620 in tau2022" in texts
    assert result.dataset == "tau2022"


def test_a_named_set_must_have_its_lists(damaged: Path) -> None:
    faults = verify(damaged, "dcase2024", audio="none", shown=None).faults
    missing = {f.file for f in faults if f.message == "no such table"}
    assert missing == {
        f"evaluation_setup/{name}.csv"
        for name in ("split5", "split10", "split25", "split50", "split100", "test")
    }


def test_many_faults_of_a_kind_are_counted(damaged: Path) -> None:
    for path in (damaged / "audio").iterdir():
        path.unlink()
    result = verify(damaged, shown=3)
    assert result.total_faults == 40
    assert [fault.row for fault in result.faults] == [2, 3, 4, None]
    assert result.faults[-1].message == "37 more of the same kind"
    assert len(verify(damaged, shown=None).faults) == 40


def test_workers_find_the_same(damaged: Path) -> None:
    _audio(damaged, _first(damaged), subtype="PCM_16")
    (damaged / _first(damaged, row=3)).write_text("no audio")
    alone, together = (verify(damaged, workers=count) for count in (1, 2))
    assert alone.faults == together.faults
    assert {f.check for f in alone.faults} == {"bit depth", "audio"}


def test_no_such_folder_and_no_dataset(tmp_path: Path, synthetic_set: Path) -> None:
    with pytest.raises(DataError, match="nowhere: no such data folder"):
        verify(tmp_path / "nowhere")
    with pytest.raises(DataError, match=r"holds no meta\.csv") as caught:
        verify(synthetic_set.parent)
    assert str(synthetic_set) in str(caught.value)
    with pytest.raises(DataError, match="unknown dataset 'tau'"):
        verify(synthetic_set, "tau")
