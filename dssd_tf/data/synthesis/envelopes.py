"""Loudness over time: slow drifts, passes, and events put at points in time."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dssd_tf.data.synthesis.noise import RATE, Curve, Samples, shaped_noise


def drift(rng: np.random.Generator, samples: int, rate: float, depth_db: float) -> Samples:
    """A gain that wanders at random.

    Args:
        rng: The source of the wandering.
        samples: The length, at 44.1 kHz.
        rate: Turning points in a second.
        depth_db: The standard deviation at the turning points, in dB.

    Returns:
        Linear gains, (samples,).
    """
    return wandering(
        rng, samples, rate, lambda points: 10 ** (rng.normal(0, depth_db, points) / 20)
    )


def wandering(
    rng: np.random.Generator, samples: int, rate: float, draw: Callable[[int], np.ndarray]
) -> Samples:
    """Straight lines, (samples,), between the values `draw(points)` gives at `rate` Hz."""
    step = max(round(RATE / rate), 1)
    # Where the first turning point lies is drawn too, else every recording would turn at 0 s.
    offset = int(rng.integers(step))
    return _lines(draw(-(-(samples + offset) // step) + 1), step)[offset : offset + samples]


def passes(rng: np.random.Generator, samples: int, rate: float, seconds: float) -> Samples:
    """Swells as of vehicles going by: the inverse-distance law of a point moving on a line.

    Args:
        rng: The source of the moments and distances.
        samples: The length, at 44.1 kHz.
        rate: Mean number of passes in a second.
        seconds: Time a pass stays above half its peak.

    Returns:
        Linear gains, (samples,), 0 where nothing passes.
    """
    duration = samples / RATE
    around = duration + 4 * seconds
    moments = rng.uniform(-2 * seconds, duration + 2 * seconds, rng.poisson(rate * around))
    step = RATE // 50
    places = np.arange(-(-samples // step) + 1) * (step / RATE)
    total = np.zeros(len(places))
    for moment in moments:
        nearness = 1 + 12 * ((places - moment) / seconds) ** 2
        total += rng.uniform(0.3, 1.0) / np.sqrt(nearness)
    return _lines(total, step)[:samples]


def scatter(samples: int, starts: Sequence[float], events: Iterable[Samples]) -> Samples:
    """Add `events`, each (length,), at `starts` in seconds; what lies outside is cut off."""
    out = np.zeros(samples, np.float32)
    for start, event in zip(starts, events, strict=True):
        first = round(start * RATE)
        skipped = max(-first, 0)
        heard = event[skipped : max(samples - first, 0)]
        out[first + skipped : first + skipped + len(heard)] += heard
    return out


def bursts(rng: np.random.Generator, count: int, decay: float, curve: Curve) -> Samples:
    """Struck sounds, (count, length): noise that falls by 60 dB in `decay` seconds, its length.

    `curve` gives the spectrum: linear gains (bins,) of frequencies (bins,) in Hz.
    """
    length = max(int(decay * RATE), 16)
    fall = np.exp(-6.9 * np.arange(length, dtype=np.float32) / length)
    return shaped_noise(rng, max(count, 1) * length, curve).reshape(-1, length)[:count] * fall


def ticks(rng: np.random.Generator, seconds: float, rate: float, jitter: float) -> list[float]:
    """Moments in [0, `seconds`) at a steady `rate` in Hz, each moved by `jitter` of the period."""
    period = 1 / rate
    count = int(np.ceil(seconds * rate)) + 1
    steady = (np.arange(count) - rng.random()) * period
    moved = steady + rng.normal(0.0, jitter * period, count)
    return [float(moment) for moment in moved if 0 <= moment < seconds]


def normalised(signal: Samples) -> Samples:
    """`signal`, (samples,), scaled so that its loudest tenth of a second has unit RMS.

    The loudest stretch, not the whole: a single click would else be raised to the level of a
    steady noise. Silence stays silence.
    """
    frame = RATE // 10
    if len(signal) < frame:
        peak = float(np.sqrt(np.mean(np.square(signal))))
    else:
        frames = signal[: len(signal) // frame * frame].reshape(-1, frame)
        peak = float(np.sqrt(np.mean(np.square(frames), axis=1).max()))
    return (signal / peak).astype(np.float32) if peak > 0 else signal


def _lines(values: np.ndarray, step: int) -> Samples:
    """Straight lines between `values`, (points,), `step` samples apart."""
    corners = values.astype(np.float32)
    ramp = np.arange(step, dtype=np.float32) / step
    lines = corners[:-1, None] + np.diff(corners)[:, None] * ramp
    return lines.ravel().astype(np.float32)
