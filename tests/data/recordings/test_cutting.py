import hashlib
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from dssd_tf.data.recordings import Recording
from dssd_tf.data.recordings.cutting import cut_recording
from dssd_tf.errors import DataError


def test_whole_clips_in_order(write_noise):
    path = write_noise("bus/x.wav", 2.6)
    clips, silent, seconds = cut_recording(Recording(path, "bus", "x"), 8000, 1.0)
    assert clips.shape == (2, 8000) and silent == 0 and seconds == 2.6
    read, _ = soundfile.read(path, dtype="float32")
    np.testing.assert_array_equal(clips.ravel(), read[:16000])


def test_other_rates_and_channels_are_converted(write_noise):
    path = write_noise("bus/x.flac", 2.0, rate=16000, channels=2)
    clips, *_ = cut_recording(Recording(path, "bus", "x"), 8000, 0.5)
    assert clips.shape == (4, 4000)


def test_silent_clips_are_left_out(write_noise):
    path = write_noise("bus/x.wav", 3.0)
    waveform, rate = soundfile.read(path)
    waveform[8000:16000] = 1e-5
    soundfile.write(path, waveform, rate, subtype="FLOAT")
    clips, silent, _ = cut_recording(Recording(path, "bus", "x"), 8000, 1.0)
    assert (len(clips), silent) == (2, 1)
    soundfile.write(path, waveform[:100], rate)
    clips, silent, _ = cut_recording(Recording(path, "bus", "x"), 8000, 1.0)
    assert (clips.shape, silent) == ((0, 8000), 0)


def test_what_lies_above_the_highest_frequency_is_taken_out(write_noise):
    path = write_noise("bus/x.wav", 2.0)
    clips, *_ = cut_recording(Recording(path, "bus", "x"), 8000, 1.0, max_hz=2000)
    power = np.abs(np.fft.rfft(clips, axis=1)) ** 2
    hz = np.fft.rfftfreq(8000, 1 / 8000)
    low, high = power[:, hz < 1500].mean(), power[:, hz > 2500].mean()
    assert high < 1e-4 * low


def test_a_file_of_other_content_is_refused(write_noise):
    path = write_noise("bus/x.wav", 1.0)
    right = Recording(path, "bus", "x", sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(cut_recording(right, 8000, 1.0)[0]) == 1
    with pytest.raises(DataError, match=r"x.wav: has SHA-256 .* expected abababababab"):
        cut_recording(replace(right, sha256="ab" * 32), 8000, 1.0)
    with pytest.raises(DataError, match="cannot be read"):
        cut_recording(replace(right, path=path.with_name("none.wav")), 8000, 1.0)
