"""What the recordings go through before the model, and what its outputs mean."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dssd_tf.errors import ModelError
from dssd_tf.features import LogMelConfig, LogMelExtractor

PCM_SCALE = 32768.0
"""Waveforms are 16-bit integers divided by this."""


class FrontEnd:
    """The features and the clip length that a model was trained with.

    Args:
        config: The log-mel front end.
        clip_seconds: Seconds a clip.
    """

    def __init__(self, config: LogMelConfig, clip_seconds: float):
        self.config, self.clip_seconds = config, clip_seconds
        self.samples = round(config.sampling_rate * clip_seconds)
        self.frames, self.bands, self.channels = config.shape(self.samples)

    @property
    def portable(self) -> bool:
        """Whether the C++ front end can compute it: its transform is radix 2."""
        size = self.config.n_fft
        return size >= 4 and size & (size - 1) == 0

    def require_fit(self, shape: Sequence[int], path: object) -> None:
        """Check that the model takes these features.

        Args:
            shape: (time, frequency, channels) of the model's input.
            path: The model's file, for the error.

        Raises:
            ModelError: It takes others.
        """
        own = (self.frames, self.bands, self.channels)
        if tuple(shape) != own:
            raise ModelError(
                f"takes features of shape {tuple(shape)}, the front end gives {own}",
                path=str(path),
                fix="give the recipe that the model was trained with",
            )

    def features(self, clips: NDArray[np.int16]) -> NDArray[np.float32]:
        """Features (clips, time, frequency, channels) of 16-bit clips (clips, samples)."""
        extract = LogMelExtractor(self.config)
        return np.stack([extract(clip / np.float32(PCM_SCALE)) for clip in clips])
