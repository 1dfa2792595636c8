"""The cache of features and waveforms: computed once, by any number of processes, read mapped."""

from dssd_tf.data.cache.prepare import (
    Filled,
    Means,
    fill_cache,
    prepare_features,
    prepare_waveforms,
)
from dssd_tf.data.cache.settings import EntrySettings, feature_settings, waveform_settings
from dssd_tf.data.cache.store import FeatureStore, WaveformStore

__all__ = [
    "EntrySettings",
    "FeatureStore",
    "Filled",
    "Means",
    "WaveformStore",
    "feature_settings",
    "fill_cache",
    "prepare_features",
    "prepare_waveforms",
    "waveform_settings",
]
