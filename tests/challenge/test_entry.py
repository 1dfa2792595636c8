from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.challenge import read_entry
from dssd_tf.errors import PackageError


def test_a_relative_report_counts_from_the_entrys_folder(
    write_entry: Callable[..., Path], tmp_path: Path
) -> None:
    entry = read_entry(write_entry())
    assert entry.report == tmp_path / "report.pdf"
    assert entry.systems[0].abbreviation == "EXAMPLE"
    assert entry.systems[0].description.embeddings is None


@pytest.mark.parametrize(
    ("old", "new", "reasons"),
    [
        ("authors:", "autors:", ["autors: unknown key, did you mean 'authors'?"]),
        ("lastname: Doe", "last_name: Doe", ["authors.0.last_name: unknown key", "'lastname'"]),
        (
            "pipeline: training",
            "pipelin: training",
            ["systems.0.description.pipelin", "'pipeline'"],
        ),
        ("location: Nowhere", "town: Nowhere", ["authors.0.affiliation.location: missing"]),
        ("abbreviation: EXAMPLE,", "abbreviation: ABCDEFGHIJK,", ["at most 10", "ABCDEFGHIJK"]),
        ("last_name: Doe", "last_name: Doe_Roe", ["last_name: must be ASCII", "'Doe_Roe'"]),
        ("institute: EXAMPLE", "institute: EX.AMPLE", ["institute: must be ASCII"]),
        ("jane.doe@example.org", "jane.doe", ["authors.0.email: must be an e-mail address"]),
        ("corresponding: true", "corresponding: false", ["authors: 0 are corresponding"]),
        ("corresponding: true", "corresponding: 'yes'", ["authors.0.corresponding", "'yes'"]),
        ("number: 1", "number: 0", ["systems.0.number", "found 0"]),
        ("number: 1", "number: '1'", ["systems.0.number", "found '1'"]),
        ("name: Example system", "name: ' '", ["systems.0.name: must not be empty"]),
        ("total_audio_length: 12.5", "total_audio_length: -1", ["total_audio_length"]),
    ],
)
def test_an_error_names_path_value_and_nearest_key(
    write_entry: Callable[..., Path], entry_text: str, old: str, new: str, reasons: list[str]
) -> None:
    assert old in entry_text
    path = write_entry(entry_text.replace(old, new))
    with pytest.raises(PackageError) as caught:
        read_entry(path)
    for reason in [str(path), *reasons]:
        assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_errors_are_told_at_once(write_entry: Callable[..., Path], entry_text: str) -> None:
    text = entry_text.replace("institute: EXAMPLE", "institut: EXAMPLE").replace(
        "jane.doe@example.org", "jane"
    )
    with pytest.raises(PackageError) as caught:
        read_entry(write_entry(text))
    for reason in ("institute: missing", "institut: unknown key", "authors.0.email"):
        assert reason in str(caught.value)


def test_two_systems_need_two_numbers(write_entry: Callable[..., Path], entry_text: str) -> None:
    second = "  - {number: 1, name: Other, abbreviation: OTHER}\nauthors:"
    with pytest.raises(PackageError, match=r"numbers \[1, 1\] repeat"):
        read_entry(write_entry(entry_text.replace("authors:", second)))


@pytest.mark.parametrize("text", ["", "[]", "a: [", "a: &a [*a]"])
def test_a_file_that_is_no_entry_is_refused(write_entry: Callable[..., Path], text: str) -> None:
    with pytest.raises(PackageError, match=r"entry\.yaml"):
        read_entry(write_entry(text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackageError, match=r"none\.yaml: cannot be read"):
        read_entry(tmp_path / "none.yaml")


def test_the_example_in_the_repository_is_valid() -> None:
    path = Path(__file__).parents[2] / "submissions" / "example" / "entry.yaml"
    entry = read_entry(path)
    assert (entry.last_name, entry.institute, entry.report) == ("Doe", "EXAMPLE", None)
