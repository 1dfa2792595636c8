from pathlib import Path

import pytest

from dssd_tf.challenge import read_entry, write_entry_template
from dssd_tf.challenge.entry import Description, Entry
from dssd_tf.challenge.entry_template import template_leftovers
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


def test_what_is_left_of_the_template_is_named(tmp_path: Path, entry: Entry) -> None:
    template = read_entry(write_entry_template(tmp_path / "template.yaml"))
    left = template_leftovers(template)
    assert {"last_name", "institute", "systems.0.name", "authors.0.email"} <= set(left)
    assert template_leftovers(entry) == []
    half = entry.model_copy(update={"institute": "INSTITUTE"})
    assert template_leftovers(half) == ["institute"]
