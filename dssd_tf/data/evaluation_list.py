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
        DataError: The folder is missing or empty, or a listed clip has no file.
    """
    root = Path(root)
    if not root.is_dir():
        raise DataError(
            "no such evaluation set", path=root, fix="name a folder that holds audio/N.wav"
        )
    listed = root / "evaluation_setup" / "fold1_test.csv"
    if listed.is_file():
        table = read_table(listed, ["filename"])
        table["device"] = table.get("device_id", "")
    else:
        names = [p.name for p in (root / "audio").glob("*.wav") if p.stem.isdecimal()]
        names.sort(key=lambda name: int(Path(name).stem))
        table = pd.DataFrame({"filename": [f"audio/{name}" for name in names], "device": ""})
    if table.empty:
        raise DataError("the evaluation set has no clips", path=root)
    require_files(root, table["filename"])
    return table[["filename", "device"]].reset_index(drop=True)
