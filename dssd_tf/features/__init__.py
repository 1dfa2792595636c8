"""Waveform to log-mel spectrogram."""

from dssd_tf.features.config import LogMelConfig
from dssd_tf.features.log_mel import LogMelExtractor

__all__ = ["LogMelConfig", "LogMelExtractor"]
