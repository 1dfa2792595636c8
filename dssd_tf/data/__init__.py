"""Datasets in the TAU layout: tables, audio, the cache, batches."""

from dssd_tf.data.audio import ClipReader
from dssd_tf.data.cache import FeatureStore, WaveformStore, prepare_features, prepare_waveforms
from dssd_tf.data.clip_name import ClipName, parse_clip_name
from dssd_tf.data.config import AudioConfig, DataConfig
from dssd_tf.data.dataset import Dataset, read_dataset
from dssd_tf.data.evaluation_list import read_evaluation_set

__all__ = [
    "AudioConfig",
    "ClipName",
    "ClipReader",
    "DataConfig",
    "Dataset",
    "FeatureStore",
    "WaveformStore",
    "parse_clip_name",
    "prepare_features",
    "prepare_waveforms",
    "read_dataset",
    "read_evaluation_set",
]
