from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from dssd_tf.augmentation import FreqMixStyle, Gain, Mixup, SpecAugment, TimeRoll
from dssd_tf.augmentation.device_impulse_response import DeviceImpulseResponse
from dssd_tf.augmentation.training_context import TrainingContext
from dssd_tf.data import DataConfig, prepare_features, prepare_waveforms
from dssd_tf.errors import RunError
from dssd_tf.features import LogMelConfig, LogMelExtractor
from dssd_tf.training.clip_table import ClipTable

RATE, CLIPS = 4000, 12
FRONT_END = LogMelConfig(sampling_rate=RATE, n_fft=256, win_length=256, hop_length=128, n_mels=16)
CONFIG = DataConfig(clip_seconds=0.5, workers=1)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve clips of half a second of coloured noise."""
    folder = tmp_path_factory.mktemp("sounds")
    random = np.random.default_rng(0)
    for index in range(CLIPS):
        noise = np.convolve(random.standard_normal(RATE // 2), np.ones(index + 1), "same")
        soundfile.write(folder / f"{index}.wav", 0.3 * noise / np.abs(noise).max(), RATE)
    return folder


@pytest.fixture(scope="module")
def tables(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClipTable]:
    """The clips as prepared log-mels and as prepared waveforms."""
    cache, names = tmp_path_factory.mktemp("cache"), [f"{i}.wav" for i in range(CLIPS)]
    stores: dict[str, Any] = {
        "log_mel": prepare_features(sounds, names, CONFIG, FRONT_END, cache),
        "waveform": prepare_waveforms(sounds, names, CONFIG, RATE, cache),
    }
    labels = np.arange(CLIPS) % 3
    return {
        domain: ClipTable(store, names, labels, 3, devices=labels, front_end=FRONT_END)
        for domain, store in stores.items()
    }


def _features(table: ClipTable, **settings: Any) -> np.ndarray:
    return np.concatenate([x for x, _ in table.batches(5, **settings).as_numpy_iterator()])


@pytest.mark.parametrize(("domain", "tolerance"), [("log_mel", 0.03), ("waveform", 1e-4)])
def test_without_augmentation_they_are_those_of_the_extractor(
    tables: dict[str, ClipTable], sounds: Path, domain: str, tolerance: float
) -> None:
    # The cache keeps log-mels in float16, which the deltas' standardisation magnifies.
    extract = LogMelExtractor(FRONT_END)
    expected = [extract(soundfile.read(sounds / f"{i}.wav", dtype="float32")[0]) for i in range(12)]
    found = _features(tables[domain])
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, np.stack(expected), atol=tolerance)


def test_stored_log_mels_give_what_evaluation_reads(tables: dict[str, ClipTable]) -> None:
    table = tables["log_mel"]
    np.testing.assert_allclose(_features(table), table.store.gather(table.positions), atol=1e-5)


def test_each_domain_comes_in_its_turn(tables: dict[str, ClipTable]) -> None:
    """A gain on log-mels vanishes in the standardisation; stripes of features stay zero."""
    table = tables["log_mel"]
    plain = _features(table, seed=1)
    loud = _features(table, seed=1, augmentation=[Gain(min_db=20, max_db=20)])
    np.testing.assert_allclose(loud, plain, atol=1e-4)
    masked = SpecAugment(time_masks=1, time_width=4, mel_masks=0)
    striped = _features(table, seed=1, augmentation=[masked])
    changed = striped != plain
    assert changed.any() and not striped[changed].any()


@pytest.mark.slow
def test_augmentations_of_all_domains_in_one_list(
    tables: dict[str, ClipTable], tmp_path: Path
) -> None:
    response = np.zeros(64)
    response[[0, 9]] = 1.0, 0.7
    soundfile.write(tmp_path / "room.wav", response, RATE)
    context = TrainingContext(devices=("a", "b", "c"), sampling_rate=RATE, n_mels=16)
    whole = [
        DeviceImpulseResponse(folder=tmp_path).prepare(context),
        TimeRoll(max_share=0.5),
        FreqMixStyle(probability=1.0),
        SpecAugment(),
        Mixup(alpha=1.0),
    ]
    seen = [_features(tables["waveform"], seed=3)]
    for count in range(1, len(whole) + 1):
        seen.append(_features(tables["waveform"], seed=3, augmentation=whole[:count]))
        assert seen[-1].shape == seen[0].shape and np.isfinite(seen[-1]).all()
        assert np.abs(seen[-1] - seen[-2]).max() > 0.01
    again = _features(tables["waveform"], seed=3, augmentation=whole)
    np.testing.assert_array_equal(again, seen[-1])
    other = _features(tables["waveform"], seed=3, epoch=2, augmentation=whole)
    assert np.abs(other - again).max() > 0.01


def test_a_pass_is_taken_up_at_any_batch(tables: dict[str, ClipTable]) -> None:
    settings: dict[str, Any] = {
        "augmentation": [FreqMixStyle(probability=1.0), SpecAugment(), Mixup(alpha=1.0)],
        "seed": 7,
        "epoch": 3,
    }
    whole = list(tables["log_mel"].batches(5, **settings).as_numpy_iterator())
    rest = list(tables["log_mel"].batches(5, first_batch=1, **settings).as_numpy_iterator())
    assert len(whole) == 3 and len(rest) == 2
    for (x, y), (rest_x, rest_y) in zip(whole[1:], rest, strict=True):
        np.testing.assert_array_equal(x, rest_x)
        np.testing.assert_array_equal(y, rest_y)


def test_nothing_is_augmented_without_a_seed(tables: dict[str, ClipTable]) -> None:
    found = _features(tables["log_mel"], augmentation=[FreqMixStyle(probability=1.0), Mixup()])
    np.testing.assert_array_equal(found, _features(tables["log_mel"]))


def test_an_earlier_domain_than_the_stored_one_is_refused(
    tables: dict[str, ClipTable], tmp_path: Path
) -> None:
    soundfile.write(tmp_path / "room.wav", np.eye(1, 8)[0], RATE)
    with pytest.raises(RunError, match=r"device_impulse_response.*waveform.*log_mel"):
        tables["log_mel"].batches(5, seed=1, augmentation=[DeviceImpulseResponse(folder=tmp_path)])


def test_stored_logits_and_weights_are_mixed_with_their_clips(sounds: Path, tmp_path: Path) -> None:
    """Labels mark the clips, so that the shares of each mixture can be read from them."""
    names = [f"{i}.wav" for i in range(CLIPS)]
    store = prepare_features(sounds, names, CONFIG, FRONT_END, tmp_path)
    logits = np.random.default_rng(1).standard_normal((CLIPS, 2, 3)).astype(np.float32)
    weight = np.linspace(0.5, 1.5, CLIPS, dtype=np.float32)
    table = ClipTable(
        store,
        names,
        np.arange(CLIPS),
        CLIPS,
        front_end=FRONT_END,
        arrays={"teacher": logits, "weight": weight},
    )
    mixup = [Mixup(alpha=1.0, per_clip=True)]
    shares = []
    for inputs, shared, weights in table.batches(5, seed=1, augmentation=mixup).as_numpy_iterator():
        shares.append(shared)
        np.testing.assert_allclose(weights, shared @ weight, rtol=1e-5)
        expected = np.einsum("bn,ntc->btc", shared, logits)
        np.testing.assert_allclose(inputs["teacher"], expected, atol=1e-5)
    assert ((np.concatenate(shares) > 0).sum(axis=1) == 2).sum() > 6
