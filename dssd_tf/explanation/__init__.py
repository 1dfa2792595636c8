"""Which part of a clip moved a network's decision."""

from dssd_tf.explanation.figure import explanation_figure
from dssd_tf.explanation.occlusion import Occlusion, occlude

__all__ = ["Occlusion", "explanation_figure", "occlude"]
