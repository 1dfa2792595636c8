"""Running models over clips, and what the results are worth."""

from dssd_tf.evaluation.metrics import agreement, macro_accuracy, score
from dssd_tf.evaluation.predictor import KerasPredictor, Predictor, TFLitePredictor, open_predictor

__all__ = [
    "KerasPredictor",
    "Predictor",
    "TFLitePredictor",
    "agreement",
    "macro_accuracy",
    "open_predictor",
    "score",
]
