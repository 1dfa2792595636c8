"""Waveform to log-mel features; the two Keras layers, and Keras with them, load on first use."""

from typing import TYPE_CHECKING, Any

from dssd_tf.features.config import LogMelConfig
from dssd_tf.features.log_mel import LogMelExtractor

if TYPE_CHECKING:
    from dssd_tf.features.finish_layer import FinishFeatures
    from dssd_tf.features.log_mel_layer import LogMelSpectrogram

__all__ = ["FinishFeatures", "LogMelConfig", "LogMelExtractor", "LogMelSpectrogram"]


def __getattr__(name: str) -> Any:
    if name == "FinishFeatures":
        from dssd_tf.features.finish_layer import FinishFeatures

        return FinishFeatures
    if name == "LogMelSpectrogram":
        from dssd_tf.features.log_mel_layer import LogMelSpectrogram

        return LogMelSpectrogram
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
