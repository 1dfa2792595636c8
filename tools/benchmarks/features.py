"""Time the log-mel front end against librosa, NumPy and its own Fourier transform, one thread.

Each round runs every method on one clip, in turn, so that a busy machine slows all alike;
a ratio is the median over the rounds of the ratio within a round.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from table import machine_line, write_csv

if TYPE_CHECKING:
    import numpy as np

    from dssd_tf.features import LogMelConfig

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_OURS = "dssd_tf"
_FFT = "FFT alone: scipy.fft.rfft, float64"


def main(arguments: list[str] | None = None) -> int:
    """Measure, print a table, and write it to the file of `--csv`."""
    options = _parser().parse_args(arguments)
    import numpy as np

    from dssd_tf.errors import DssdError
    from dssd_tf.features import LogMelConfig, LogMelExtractor

    config = LogMelConfig()
    try:
        clips = (
            _recordings(options.audio, options.clips, options.seconds, config)
            if options.audio
            else _synthesize(options.clips, options.seconds, config)
        )
    except DssdError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    start = time.perf_counter()
    LogMelExtractor(config).log_mel(clips[0])
    first_call = time.perf_counter() - start
    methods = _methods(config)
    seconds = _time(methods, clips, options.rounds)
    difference = max(
        float(np.abs(methods[_OURS](clip) - _librosa(clip, config, np.float64)).max())
        for clip in clips
    )
    ours = seconds[_OURS]
    rows = [
        {
            "method": name,
            "milliseconds": round(float(np.median(taken)) * 1e3, 3),
            "clips_per_second": round(1 / float(np.median(taken)), 1),
            "ratio_to_dssd_tf": round(float(np.median(taken / ours)), 2),
        }
        for name, taken in seconds.items()
    ]
    print(machine_line("one thread"))
    print(f"{len(clips)} clips of {options.seconds:g} s, {options.rounds} rounds a method")
    for row in rows:
        print("{method:36s} {milliseconds:8.3f} ms  {ratio_to_dssd_tf:6.2f} x".format(**row))
    share = float(np.median(seconds[_FFT] / ours))
    print(f"share of the FFT's own speed: {share:.0%}")
    print(f"first call, with its imports and compilation: {first_call:.2f} s")
    print(f"largest difference from librosa in float64: {difference:.1e} in log10")
    if options.csv:
        write_csv(options.csv, rows)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=_positive(int), default=30, help="clips (default: 30)")
    parser.add_argument(
        "--seconds", type=_positive(float), default=1.0, help="seconds a clip (default: 1)"
    )
    parser.add_argument(
        "--rounds", type=_positive(int), default=200, help="runs of each method (default: 200)"
    )
    parser.add_argument(
        "--audio", type=Path, metavar="DIR", help="recordings instead of synthesised clips"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write the table here")
    return parser


def _positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not positive")
        return value

    return parse


def _methods(config: "LogMelConfig") -> dict[str, Callable[["np.ndarray"], Any]]:
    import numpy as np
    import scipy.fft

    from dssd_tf.features import LogMelExtractor
    from dssd_tf.features.filter_bank import filter_bank
    from dssd_tf.features.window import analysis_window

    window, bank = analysis_window(config), filter_bank(config).dense()

    def framed(clip: np.ndarray, dtype: type) -> np.ndarray:
        padded = np.pad(clip, config.n_fft // 2, mode="reflect")
        frames = np.lib.stride_tricks.sliding_window_view(padded, config.n_fft)
        return frames[:: config.hop_length] * window.astype(dtype)

    def by_numpy(dtype: type) -> Callable[[np.ndarray], np.ndarray]:
        def log_mel(clip: np.ndarray) -> np.ndarray:
            power = np.abs(np.fft.rfft(framed(clip, dtype), axis=-1)) ** 2
            return np.log10(power @ bank.T + config.log_offset)

        return log_mel

    frames: dict[int, np.ndarray] = {}

    def transform(clip: np.ndarray) -> np.ndarray:
        if clip.size not in frames:
            frames[clip.size] = framed(clip, np.float64)
        return scipy.fft.rfft(frames[clip.size], axis=-1)

    return {
        _OURS: LogMelExtractor(config).log_mel,
        "librosa.feature.melspectrogram": lambda clip: _librosa(clip, config, np.float32),
        "NumPy, dense mel product, float64": by_numpy(np.float64),
        "NumPy, dense mel product, float32": by_numpy(np.float32),
        _FFT: transform,
    }


def _librosa(clip: "np.ndarray", config: "LogMelConfig", dtype: type) -> "np.ndarray":
    import librosa
    import numpy as np

    mel = librosa.feature.melspectrogram(
        y=clip.astype(dtype, copy=False),
        sr=config.sampling_rate,
        n_fft=config.n_fft,
        win_length=config.win_length,
        hop_length=config.hop_length,
        pad_mode="reflect",
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
        htk=config.mel_scale == "htk",
        norm=config.mel_norm,
    )
    return np.log10(mel.T + dtype(config.log_offset))


def _time(
    methods: dict[str, Callable[["np.ndarray"], Any]], clips: list["np.ndarray"], rounds: int
) -> dict[str, "np.ndarray"]:
    """Seconds of each method, (rounds,)."""
    import numpy as np

    seconds: dict[str, list[float]] = {name: [] for name in methods}
    for method in methods.values():
        method(clips[0])
    for index in range(rounds):
        for name, method in methods.items():
            start = time.perf_counter()
            method(clips[index % len(clips)])
            seconds[name].append(time.perf_counter() - start)
    return {name: np.array(taken) for name, taken in seconds.items()}


def _synthesize(count: int, seconds: float, config: "LogMelConfig") -> list["np.ndarray"]:
    """Noise that falls by up to fifteen decades of power from 50 Hz to the highest band."""
    import numpy as np

    random = np.random.default_rng(0)
    samples = max(config.n_fft, round(seconds * config.sampling_rate))
    frequencies = np.fft.rfftfreq(samples, 1 / config.sampling_rate)
    clips = []
    for slope in np.linspace(0, 3, count):
        noise = np.fft.rfft(random.normal(size=samples)) * (1 + frequencies / 50) ** -slope
        clip = np.fft.irfft(noise, samples)
        clips.append((0.9 * clip / np.abs(clip).max()).astype(np.float32))
    return clips


def _recordings(
    folder: Path, count: int, seconds: float, config: "LogMelConfig"
) -> list["np.ndarray"]:
    from dssd_tf.data import AudioConfig, ClipReader
    from dssd_tf.errors import DataError

    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".wav", ".flac", ".ogg"))
    if not paths:
        raise DataError("holds no .wav, .flac or .ogg", path=folder)
    lenient = AudioConfig(sampling_rate_mismatch="resample", multichannel="downmix")
    read = ClipReader(config.sampling_rate, None, lenient)
    samples = max(config.n_fft, round(seconds * config.sampling_rate))
    # From all over the folder, since its order may be that of the classes.
    picked = [paths[i * len(paths) // count] for i in range(min(count, len(paths)))]
    clips = [read(path)[:samples] for path in picked]
    whole = [clip for clip in clips if clip.size == samples]
    if not whole:
        raise DataError(f"holds no recording of {seconds:g} s", path=folder)
    return whole


if __name__ == "__main__":
    # Before NumPy is imported, which reads them once.
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    sys.exit(main())
