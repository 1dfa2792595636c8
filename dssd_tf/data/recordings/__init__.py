"""A set in the TAU layout, made of recordings of any length."""

from dssd_tf.data.recordings.dataset import Cut, cut_recordings
from dssd_tf.data.recordings.folders import recordings_in_folders
from dssd_tf.data.recordings.manifest import read_manifest
from dssd_tf.data.recordings.recording import Recording

__all__ = ["Cut", "Recording", "cut_recordings", "read_manifest", "recordings_in_folders"]
