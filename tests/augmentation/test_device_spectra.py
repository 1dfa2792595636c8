from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from dssd_tf.augmentation import TrainingContext, device_spectra
from dssd_tf.augmentation.device_spectra import measure_device_spectra
from dssd_tf.errors import DataError

BANDS = 4


def _context(names: list[str], raw: NDArray[np.float32], **changes: object) -> TrainingContext:
    devices = [name.removesuffix(".wav").split("-")[-1] for name in names]
    clips = pd.DataFrame({"filename": names, "device": devices})
    # The rows are counted from 0 whatever the table's index.
    clips.index = range(50, 50 + len(clips))
    context = TrainingContext(("a", "b", "c"), 8000, BANDS, clips, lambda rows: raw[rows])
    return replace(context, **changes)  # type: ignore[arg-type]


def test_offsets_of_devices_are_found(
    context: TrainingContext, offsets: NDArray[np.float64]
) -> None:
    found = measure_device_spectra(context, "a")
    assert found.reference == 0
    np.testing.assert_allclose(found.differences, offsets - offsets[0], atol=1e-5)
    np.testing.assert_array_equal(found.pairs, [0, 5, 5])
    other = measure_device_spectra(context, "s1")
    np.testing.assert_allclose(other.differences, offsets - offsets[2], atol=1e-5)


def test_only_parallel_clips_count_and_each_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_spectra, "_CHUNK", 2)
    names = [
        "audio/metro_station-st_petersburg-1-2-0-b.wav",
        "audio/metro_station-st_petersburg-1-2-0-a.wav",
        "audio/metro_station-st_petersburg-1-2-1-a.wav",
        "audio/metro_station-st_petersburg-1-2-0-c.wav",
        "audio/park-lyon-1-2-a.wav",
        "audio/park-lyon-1-2-b.wav",
        "audio/park-lyon-1-3-b.wav",
        "audio/park-paris-1-2-c.wav",
        "audio/other-a.wav",
    ]
    raw = np.random.default_rng(0).standard_normal((9, 6, BANDS)).astype(np.float32)
    read: Counter[int] = Counter()

    def gather(rows: NDArray[np.int64]) -> NDArray[np.float32]:
        read.update(rows.tolist())
        return raw[rows]

    found = measure_device_spectra(_context(names, raw, gather_raw=gather), "a")
    means = raw.mean(axis=1)
    np.testing.assert_array_equal(found.pairs, [0, 2, 1])
    np.testing.assert_array_equal(found.differences[0], np.zeros(BANDS))
    expected = (means[0] - means[1] + means[5] - means[4]) / 2
    np.testing.assert_allclose(found.differences[1], expected, atol=1e-6)
    np.testing.assert_allclose(found.differences[2], means[3] - means[1], atol=1e-6)
    assert read == {0: 1, 1: 1, 3: 1, 4: 1, 5: 1}


def test_a_reference_without_clips_is_told() -> None:
    names = ["park-lyon-1-2-b.wav", "park-lyon-1-2-c.wav"]
    with pytest.raises(DataError, match=r"reference device 'a'.*one of b, c"):
        measure_device_spectra(_context(names, np.zeros((2, 3, BANDS), np.float32)), "a")


@pytest.mark.parametrize(
    "names",
    [
        ["park-lyon-1-2-a.wav", "park-lyon-1-3-b.wav"],
        ["park-lyon-1-2-0-a.wav", "park-lyon-1-2-1-b.wav"],
        ["park-lyon-1-2-a.wav", "x/park-lyon-1-3-a.wav"],
        ["1-a.wav", "1-b.wav"],
    ],
)
def test_no_parallel_recordings_are_told(names: list[str]) -> None:
    with pytest.raises(DataError, match="no segment is recorded both by device 'a' and") as caught:
        measure_device_spectra(_context(names, np.zeros((2, 3, BANDS), np.float32)), "a")
    assert "\n" not in str(caught.value)
    assert "2 training clips" in str(caught.value)


def test_a_context_that_does_not_fit_is_refused() -> None:
    names = ["park-lyon-1-2-a.wav", "park-lyon-1-2-b.wav"]
    raw = np.zeros((2, 3, BANDS), np.float32)
    for changes in ({"clips": None}, {"gather_raw": None}):
        with pytest.raises(ValueError, match="no training clips with raw log-mels"):
            measure_device_spectra(_context(names, raw, **changes), "a")
    with pytest.raises(ValueError, match=rf"\(2, time, {BANDS}\), got shape \(2, 3, 3\)"):
        measure_device_spectra(_context(names, raw[..., 1:]), "a")
    with pytest.raises(ValueError, match="clips of device 'b', which is not in"):
        measure_device_spectra(_context(names, raw, devices=("a", "c")), "a")
