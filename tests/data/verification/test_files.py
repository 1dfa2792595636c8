from collections.abc import Callable
from pathlib import Path

from dssd_tf.data.verification.fault import DataFault
from dssd_tf.data.verification.verify import Verification, verify

Edit = Callable[[Path, Callable[[list[str]], list[str]]], None]
Record = Callable[..., None]
First = Callable[..., str]
Only = Callable[[Verification, str], DataFault]


def test_missing_and_unlisted_files(
    damaged: Path, record: Record, first: First, only: Only
) -> None:
    name = first(damaged)
    (damaged / name).unlink()
    fault = only(verify(damaged), "missing")
    assert (fault.file, fault.row, fault.expected) == ("meta.csv", 2, name)
    record(damaged, name)
    (damaged / "audio" / "stray.wav").write_bytes((damaged / name).read_bytes()[:-30])
    faults = {fault.check: fault for fault in verify(damaged).faults}
    assert set(faults) == {"not listed"}
    assert faults["not listed"].file == "audio/stray.wav"


def test_a_file_that_only_a_list_names(damaged: Path, edit: Edit, first: First) -> None:
    name = first(damaged)
    edit(damaged / "meta.csv", lambda rows: [row for row in rows if not row.startswith(name)])
    faults = verify(damaged).faults
    assert {f.check for f in faults} == {"list against meta", "not listed"}
    assert {f.found for f in faults if f.check == "list against meta"} == {name}
