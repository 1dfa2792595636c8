import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dssd_tf.data import ClipReader
from dssd_tf.data.cache.compute import from_int16, standardised
from dssd_tf.errors import DataError
from dssd_tf.features import LogMelConfig


def test_unreadable_clip_is_named(prepare: Callable, tau: Any, names: list[str]) -> None:
    (tau.root / names[5]).write_text("no audio")
    with pytest.raises(DataError, match="cannot be read as audio") as caught:
        prepare()
    assert caught.value.path == tau.root / names[5]


def test_missing_clip_is_named(prepare: Callable, tau: Any, names: list[str]) -> None:
    (tau.root / names[5]).unlink()
    with pytest.raises(DataError, match="no such recording") as caught:
        prepare()
    assert caught.value.path == tau.root / names[5]


def test_clip_too_short_for_the_window(
    prepare: Callable, front_end: LogMelConfig, names: list[str]
) -> None:
    wide = front_end.model_copy(update={"n_fft": 4096})
    with pytest.raises(DataError, match=r"2000 samples.* n_fft 4096") as caught:
        prepare(features=wide, filenames=names[:1])
    assert Path(str(caught.value.path)).name == Path(names[0]).name


def test_a_clip_that_changes_meanwhile_is_not_stored(
    prepare: Callable,
    tau: Any,
    names: list[str],
    monkeypatch: pytest.MonkeyPatch,
    everything: Callable,
) -> None:
    original = ClipReader.__call__
    changed = tau.root / names[5]

    def written_to(self: ClipReader, path: Path) -> np.ndarray:
        waveform = original(self, path)
        if path == changed:
            soundfile.write(path, waveform / 2, 8000, subtype="PCM_24")
            os.utime(path, (1, 1))
        return waveform

    with monkeypatch.context() as patch:
        patch.setattr(ClipReader, "__call__", written_to)
        with pytest.raises(DataError, match="changed while it was being prepared") as caught:
            prepare()
    assert caught.value.path == changed
    assert np.isfinite(everything(prepare())).all()


@given(
    raw=arrays.arrays(
        np.float32, (3, 5), elements=st.floats(-10, 6, width=32).map(lambda x: round(x, 3))
    )
)
def test_the_raw_log_mel_comes_back(raw: np.ndarray) -> None:
    for dtype, relative in (("float16", 2**-11), ("float32", 1e-6)):
        values, scale = standardised(raw, dtype)
        assert values.dtype == dtype
        assert np.isfinite(values).all()
        back = values.astype(np.float64) * np.float64(scale[1]) + np.float64(scale[0])
        spread = np.abs(raw - raw.mean(dtype=np.float64)).max()
        assert np.abs(back - raw).max() <= relative * spread + 1e-6


@given(wave=arrays.arrays(np.int16, 20))
def test_sixteen_bits_are_exact(wave: np.ndarray) -> None:
    found = from_int16(wave)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found * 32768, wave)
