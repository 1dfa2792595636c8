from collections.abc import Callable
from pathlib import Path

import pytest

from dssd_tf.data import DataConfig
from dssd_tf.data.cache.clear import chosen_entries, clear_cache
from dssd_tf.errors import DataError


@pytest.fixture
def filled(prepare: Callable, data_config: DataConfig, cache: Path) -> Path:
    """Two entries of features."""
    prepare()
    prepare(data=data_config.model_copy(update={"cache_dtype": "float32"}))
    return cache


def test_only_the_chosen_go(filled: Path, prepare: Callable, read_clips: list[str]) -> None:
    first, second = chosen_entries(filled)
    assert chosen_entries(filled, [first.name[:-3], first.name]) == [first]
    left = second / ".shard-a.x1.tmp"
    left.mkdir()
    (filled / "notes.txt").write_text("the user's")
    clear_cache(filled, [first])
    assert chosen_entries(filled) == [second]
    assert not left.exists()
    assert sorted(p.name for p in filled.iterdir()) == ["CACHEDIR.TAG", second.name, "notes.txt"]
    clear_cache(filled, chosen_entries(filled))
    prepare()
    assert len(read_clips) == 10


@pytest.mark.parametrize("name", ["", "..", "features", "waveforms", "CACHEDIR.TAG", "../cache"])
def test_a_name_that_is_none_or_several(filled: Path, name: str) -> None:
    with pytest.raises(DataError, match=r"fits several entries|is not among the entries"):
        chosen_entries(filled, [name])


def test_a_folder_that_is_no_cache_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(DataError, match=r"is not a cache|no such cache"):
            chosen_entries(folder)
    (tmp_path / "CACHEDIR.TAG").write_text("Signature: 8a477f597d28d172789f06886806bc55\n# other\n")
    with pytest.raises(DataError, match="is not a cache of dssd_tf"):
        chosen_entries(tmp_path)
