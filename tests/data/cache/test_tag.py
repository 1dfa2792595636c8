from pathlib import Path

import pytest

from dssd_tf.data.cache.tag import TAG_NAME, mark_cache, require_cache
from dssd_tf.errors import DataError


def test_a_marked_folder_is_a_cache_to_backups_too(tmp_path: Path) -> None:
    cache = tmp_path / "a" / "b"
    with pytest.raises(DataError, match="no such cache"):
        require_cache(cache)
    mark_cache(cache)
    require_cache(cache)
    # The specification fixes these 43 bytes.
    assert (cache / TAG_NAME).read_bytes()[:43] == b"Signature: 8a477f597d28d172789f06886806bc55"
    before = (cache / TAG_NAME).stat().st_mtime_ns
    mark_cache(cache)
    assert (cache / TAG_NAME).stat().st_mtime_ns == before
