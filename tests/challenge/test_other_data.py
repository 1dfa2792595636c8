from collections.abc import Sequence

import pytest

from dssd_tf.challenge.other_data import of_other_data
from dssd_tf.challenge.validate_output import check_output

OFFICIAL = ["airport", "bus", "metro", "park", "tram"]
FILES = [f"{number}.wav" for number in range(6)]


def _judged(classes: Sequence[str], files: Sequence[str]) -> bool:
    """The verdict on an output file with these columns and rows."""
    rows = ["\t".join(["filename", "scene_label", *classes])]
    share = f"{1 / len(classes):.12f}"
    rows += ["\t".join([name, classes[0], *[share] * len(classes)]) for name in files]
    data = ("\n".join(rows) + "\n").encode()
    faults = check_output("output.csv", data, OFFICIAL, FILES, numbered=True)
    assert faults or (list(classes), list(files)) == (OFFICIAL, FILES)
    return of_other_data(faults)


@pytest.mark.parametrize(
    ("classes", "files"),
    [
        (["kitchen", "street"], FILES),
        ([*OFFICIAL[:4], "kitchen"], FILES),
        (["bus", "tram"], FILES),
        (OFFICIAL, FILES[:2]),
        (OFFICIAL, ["audio_1.wav", "audio_2.wav"]),
    ],
    ids=["own", "one-own", "few", "few-files", "own-files"],
)
def test_other_classes_or_files_show(classes: list[str], files: list[str]) -> None:
    assert _judged(classes, files)


@pytest.mark.parametrize(
    ("classes", "files"),
    [
        (OFFICIAL, FILES),
        ([*OFFICIAL[:4], "trams"], FILES),
        (OFFICIAL[:4], FILES),
        (OFFICIAL[::-1], FILES),
        (OFFICIAL, FILES[:4]),
        (OFFICIAL, [*FILES[:5], "5.mp3"]),
    ],
    ids=["good", "misspelt", "one-lost", "order", "files-lost", "one-renamed"],
)
def test_mistakes_in_official_data_are_not_taken_for_it(
    classes: list[str], files: list[str]
) -> None:
    assert not _judged(classes, files)
