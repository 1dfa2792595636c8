"""A synthetic set in the layout of TAU Urban Acoustic Scenes 2022 Mobile, rendered in seconds."""

from dssd_tf.data.synthesis.dataset import synthesize
from dssd_tf.data.synthesis.size import FoldSize, SynthesisSize

__all__ = ["FoldSize", "SynthesisSize", "synthesize"]
