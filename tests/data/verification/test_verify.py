import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify
from dssd_tf.errors import DataError

RATE = 44100
Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
Record = Callable[..., None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


@pytest.fixture(scope="module")
def clean(synthetic_set: Path) -> Verification:
    return verify(synthetic_set)


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


def test_an_unlabelled_set(synthetic_set: Path, tmp_path: Path, edit: Edit, only: Only) -> None:
    assert verify(synthetic_set / "evaluation").faults == []
    root = Path(shutil.copytree(synthetic_set / "evaluation", tmp_path / "evaluation"))
    for name in ("meta.csv", "evaluation_setup/fold1_test.csv"):
        edit(root / name, lambda rows: [r.replace("audio/4.wav", "audio/44.wav") for r in rows])
    (root / "audio" / "4.wav").rename(root / "audio" / "44.wav")
    assert "has no 4.wav although it names 10 clips" in only(verify(root), "name").message


def test_devices_of_the_list_of_2025(damaged: Path, tmp_path: Path, edit: Edit) -> None:
    root = Path(shutil.copytree(damaged / "evaluation", tmp_path / "copy"))
    path = root / "evaluation_setup" / "fold1_test.csv"
    missing = verify(root, "dcase2025_evaluation", audio="none").faults
    assert [fault.check for fault in missing] == ["count", "count", "columns"]
    devices = ["device_id", "a", "b", "c", "s1", "s2", "s3", "unknown", "d", "a", "b"]
    edit(path, lambda rows: [f"{r}\t{d}" for r, d in zip(rows, devices, strict=True)])
    fault = verify(root, "dcase2025_evaluation", audio="none").faults[-1]
    assert (fault.check, fault.row, fault.found) == ("device_id", 9, "d")


def test_a_table_of_another_kind_is_told(damaged: Path) -> None:
    (damaged / "evaluation_setup" / "notes.csv").write_text("anything\n")
    result = verify(damaged, audio="none")
    assert result.faults == []
    assert "evaluation_setup/notes.csv: not a known list, not checked" in result.remarks


def test_a_named_set_is_compared_with_its_facts(damaged: Path, edit: Edit, first: First) -> None:
    meta, train = damaged / "meta.csv", damaged / "evaluation_setup" / "fold1_train.csv"
    old = first(damaged)
    row = next(row for row in meta.read_text().splitlines() if row.endswith("\ts4"))
    unseen = row.split("\t")[0]
    strange = old.removesuffix("-a.wav") + "-z.wav"
    (damaged / old).rename(damaged / strange)
    edit(meta, lambda rows: [r.replace("\ta", "\tz") if r.startswith(old) else r for r in rows])
    edit(meta, lambda rows: [row.replace(old, strange) for row in rows])
    edit(train, lambda rows: [row.replace(old, strange) for row in rows])
    edit(train, lambda rows: [*rows, f"{unseen}\t{row.split(chr(9))[1]}"])
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


def test_workers_find_the_same(damaged: Path, record: Record, first: First) -> None:
    record(damaged, first(damaged), subtype="PCM_16")
    (damaged / first(damaged, row=3)).write_text("no audio")
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
