"""Datasets in the TAU layout: tables, audio, the feature cache, batches."""

from dssd_tf.data.audio import ClipReader
from dssd_tf.data.clip_name import ClipName, parse_clip_name
from dssd_tf.data.config import AudioConfig, DataConfig
from dssd_tf.data.dataset import Dataset, read_dataset, read_evaluation_set
from dssd_tf.data.feature_cache import FeatureStore, prepare_features

__all__ = [
    "AudioConfig",
    "ClipName",
    "ClipReader",
    "DataConfig",
    "Dataset",
    "FeatureStore",
    "parse_clip_name",
    "prepare_features",
    "read_dataset",
    "read_evaluation_set",
]
