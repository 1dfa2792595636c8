import numpy as np
import pytest
import soundfile

from dssd_tf.data.device_shift.pcm_file import PcmForm, read_pcm, write_pcm
from dssd_tf.errors import DataError


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("x.wav", "PCM_16"), ("x.wav", "PCM_24"), ("x.wav", "PCM_32"), ("x.flac", "PCM_24")],
)
def test_what_is_read_is_written_again_without_loss(tmp_path, name, subtype):
    bits = int(subtype[-2:])
    extremes = np.array([-(2**31), 2**31 - 2 ** (32 - bits), 0, 2 ** (32 - bits)], np.int64)
    random = np.random.default_rng(0).integers(-(2**31), 2**31, 500)
    samples = (np.concatenate([extremes, random]) >> (32 - bits) << (32 - bits)).astype(np.int32)
    soundfile.write(tmp_path / name, samples, 16_000, subtype=subtype)
    sound, form = read_pcm(tmp_path / name)
    assert form == PcmForm(16_000, name[2:].upper(), subtype)
    assert sound.min() >= -1 and sound.max() < 1
    write_pcm(tmp_path / f"again_{name}", sound, form)
    again, _ = soundfile.read(tmp_path / f"again_{name}", dtype="int32")
    np.testing.assert_array_equal(again, samples)


def test_rounded_to_the_nearest_step_and_kept_in_range(tmp_path):
    form = PcmForm(8000, "WAV", "PCM_16")
    write_pcm(tmp_path / "x.wav", np.array([0.6, 1.4, -0.6, 40_000, -40_000]) / 2**15, form)
    samples, _ = soundfile.read(tmp_path / "x.wav", dtype="int16")
    np.testing.assert_array_equal(samples, [1, 1, -1, 32_767, -32_768])


@pytest.mark.parametrize(
    ("audio", "subtype", "reason"),
    [
        (np.zeros((10, 2)), "PCM_16", "has 2 channels"),
        (np.zeros(10), "FLOAT", "is WAV with FLOAT samples"),
        (np.zeros(0), "PCM_16", "ends after 0 of 0 samples"),
    ],
)
def test_other_recordings_are_refused_by_name(tmp_path, audio, subtype, reason):
    path = tmp_path / "x.wav"
    soundfile.write(path, audio, 8000, subtype=subtype)
    with pytest.raises(DataError, match=f"{path}: {reason}"):
        read_pcm(path)


def test_missing_and_damaged_files_are_refused_by_name(tmp_path):
    path = tmp_path / "x.wav"
    with pytest.raises(DataError, match=f"{path}: no such recording"):
        read_pcm(path)
    path.write_text("no audio")
    with pytest.raises(DataError, match=f"{path}: cannot be read as audio"):
        read_pcm(path)


def test_a_cut_flac_is_refused(tmp_path):
    path = tmp_path / "x.flac"
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 40_000), 8000)
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(DataError, match=str(path)):
        read_pcm(path)
