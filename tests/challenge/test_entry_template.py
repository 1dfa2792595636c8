from pathlib import Path

import pytest

from dssd_tf.challenge import read_entry, write_entry_template
from dssd_tf.challenge.entry import Description, Entry
from dssd_tf.errors import PackageError


def test_the_template_is_a_valid_entry_with_every_key(tmp_path: Path) -> None:
    path = write_entry_template(tmp_path / "entry.yaml")
    entry = read_entry(path)
    assert entry.model_fields_set == set(Entry.model_fields)
    assert entry.systems[0].description.model_fields_set == set(Description.model_fields)


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "entry.yaml"
    path.write_text("mine")
    with pytest.raises(PackageError, match="is there already"):
        write_entry_template(path)
    assert path.read_text() == "mine"
