import subprocess
import sys

import numba
import numpy as np
import pytest

from dssd_tf.features import kernels


def _frames(window_frames, waveform, window, hop, first, count):
    windowed = np.empty((count, window.size))
    window_frames(waveform, window, hop, first, windowed)
    return windowed


@pytest.mark.parametrize("n_fft", [8, 9])
@pytest.mark.parametrize("first", [0, 2])
def test_frames_are_centred_and_mirrored_at_the_ends(n_fft, first):
    random = np.random.default_rng(0)
    waveform, window = random.normal(size=20).astype("float32"), random.normal(size=n_fft)
    padded = np.pad(waveform, n_fft // 2, mode="reflect")
    count = 1 + (padded.size - n_fft) // 3 - first
    expected = [padded[(first + i) * 3 :][:n_fft] * window for i in range(count)]
    found = _frames(kernels.window_frames, waveform, window, 3, first, count)
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_shortest_waveform_is_mirrored_at_both_ends():
    waveform = np.arange(5, dtype="float32")
    found = _frames(kernels.window_frames, waveform, np.ones(8), 2, 0, 3)
    np.testing.assert_array_equal(found[0], [4, 3, 2, 1, 0, 1, 2, 3])
    np.testing.assert_array_equal(found[2], [0, 1, 2, 3, 4, 3, 2, 1])


def test_mel_power_weighs_each_bands_run():
    spectrum = np.array([[1 + 1j, 2j, 3, 0], [1, 1, 1, 1]], dtype="complex128")
    start, offsets = np.array([0, 1, 0]), np.array([0, 2, 5, 5])
    weights = np.array([1, 0.5, 1, 2, 3], dtype="float32")
    mel = np.empty((2, 3), dtype="float32")
    kernels.mel_power(spectrum, start, offsets, weights, mel)
    np.testing.assert_array_equal(mel, [[2 + 2, 4 + 18, 0], [1.5, 6, 0]])


def test_without_a_folder_to_write_to_the_loops_still_compile(monkeypatch):
    source = kernels.window_frames.py_func
    with monkeypatch.context() as patch:
        patch.setattr(numba.core.caching.CompileResultCacheImpl, "_locator_classes", [])
        with pytest.raises(RuntimeError, match="cannot cache"):
            numba.njit(cache=True)(source)
        uncached = kernels._compiled(source)
    waveform, window = np.arange(9, dtype="float32"), np.hanning(6)
    np.testing.assert_array_equal(
        _frames(uncached, waveform, window, 2, 0, 4),
        _frames(kernels.window_frames, waveform, window, 2, 0, 4),
    )


@pytest.mark.slow
def test_a_second_process_loads_what_the_first_compiled(tmp_path):
    code = (
        "import numpy as np; from dssd_tf.features.kernels import window_frames as w;"
        "w(np.ones(9, 'float32'), np.ones(6), 2, 0, np.empty((4, 6)));"
        "print(sum(w.stats.cache_hits.values()), sum(w.stats.cache_misses.values()))"
    )
    environment = {"NUMBA_CACHE_DIR": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    counts = [
        subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert counts == [["0", "1"], ["1", "0"]]
