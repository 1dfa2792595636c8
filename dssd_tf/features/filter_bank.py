"""The triangular mel filters, as each band's contiguous run of bins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dssd_tf.features.config import LogMelConfig


@dataclass(frozen=True)
class FilterBank:
    """Mel filters without the zeros around them.

    Band b weighs the bins ``start[b]``, ``start[b] + 1``, … with
    ``weights[offsets[b]:offsets[b + 1]]``. A band narrower than the bins' spacing may be empty.

    Attributes:
        start: (bands,) first bin of each band.
        offsets: (bands + 1,) where each band's weights begin; the last is their number.
        weights: (offsets[-1],) the weights of all bands, band after band.
        bins: Bins of the spectrum, n_fft // 2 + 1.
    """

    start: NDArray[np.int64]
    offsets: NDArray[np.int64]
    weights: NDArray[np.float32]
    bins: int

    def dense(self) -> NDArray[np.float32]:
        """The filters as a matrix (bands, bins)."""
        bank = np.zeros((len(self.start), self.bins), dtype=np.float32)
        for band, first in enumerate(self.start):
            run = self.weights[self.offsets[band] : self.offsets[band + 1]]
            bank[band, first : first + len(run)] = run
        return bank


def filter_bank(config: LogMelConfig) -> FilterBank:
    """The filters of a front end, from ``librosa.filters.mel``.

    Sources of the scales: HTK (Young et al., The HTK Book, 2002), Slaney (Auditory Toolbox,
    1998).
    """
    import librosa

    bank = librosa.filters.mel(
        sr=config.sampling_rate,
        n_fft=config.n_fft,
        n_mels=config.n_mels,
        fmin=config.fmin,
        fmax=config.fmax,
        htk=config.mel_scale == "htk",
        norm=config.mel_norm,
        dtype=np.float32,
    )
    held = bank != 0
    start = held.argmax(axis=1)
    end = np.where(held.any(axis=1), bank.shape[1] - held[:, ::-1].argmax(axis=1), start)
    weights = [row[first:last] for row, first, last in zip(bank, start, end, strict=True)]
    return FilterBank(
        start=start.astype(np.int64),
        offsets=np.concatenate([[0], np.cumsum(end - start)]).astype(np.int64),
        weights=np.concatenate(weights).astype(np.float32),
        bins=bank.shape[1],
    )


def band_centres(config: LogMelConfig) -> NDArray[np.float64]:
    """Where each band weighs most, in Hz, (bands,); from ``librosa.mel_frequencies``."""
    import librosa

    fmax = config.sampling_rate / 2 if config.fmax is None else config.fmax
    edges = librosa.mel_frequencies(
        config.n_mels + 2, fmin=config.fmin, fmax=fmax, htk=config.mel_scale == "htk"
    )
    return np.asarray(edges[1:-1], dtype=np.float64)
