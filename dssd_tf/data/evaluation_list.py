"""The clips of an evaluation set, which has no labels."""

from pathlib import Path

import pandas as pd

from dssd_tf.data.listed_files import require_files
from dssd_tf.data.tables import read_table
from dssd_tf.errors import DataError


def read_evaluation_set(root: Path) -> pd.DataFrame:
    """The clips of an unlabelled evaluation set: filename, and device where the list has it.

    The list is `evaluation_setup/fold1_test.csv`, else every `audio/N.wav`, in order of N.

    Raises:
        DataError: The folder is missing, empty, or a development set; a listed clip has no file,
            or without a list a number is left out.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(
            "no such evaluation set", path=root, fix="name a folder that holds audio/N.wav"
        )
    if (root / "evaluation_setup" / "fold1_train.csv").is_file():
        raise DataError(
            "is a development set: it lists training clips",
            path=root,
            fix="name the evaluation set's folder",
        )
    listed = root / "evaluation_setup" / "fold1_test.csv"
    if listed.is_file():
        table = read_table(listed, ["filename"])
        table["device"] = table.get("device_id", "")
    else:
        table = pd.DataFrame({"filename": _numbered(root), "device": ""})
    if table.empty:
        raise DataError(
            "the evaluation set has no clips", path=root, fix="name a folder that holds audio/N.wav"
        )
    require_files(root, table["filename"])
    return table[["filename", "device"]].reset_index(drop=True)


def _numbered(root: Path) -> list[str]:
    """Every `audio/N.wav`, from 0 and without a gap."""
    numbers = sorted(int(p.stem) for p in (root / "audio").glob("*.wav") if p.stem.isdecimal())
    missing = sorted(set(range(len(numbers))) - set(numbers))
    if missing:
        raise DataError(
            f"is missing, while {len(numbers)} files go up to {numbers[-1]}.wav",
            path=root / "audio" / f"{missing[0]}.wav",
            fix="restore the file, or list the clips in evaluation_setup/fold1_test.csv",
        )
    return [f"audio/{number}.wav" for number in numbers]
