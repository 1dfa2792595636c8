"""A preset's classifier, without TensorFlow where its int8 model is used."""

from pathlib import Path

from dssd_tf.evaluation.predictor import KerasPredictor, Predictor, open_predictor
from dssd_tf.native_log import silenced
from dssd_tf.presets.classifier import Classifier
from dssd_tf.presets.config import INT8_FILE, MODEL_FILE, read_preset_config


def open_classifier(
    folder: Path | str, *, use_float: bool = False, model: Path | None = None
) -> Classifier:
    """The classifier of a preset's folder: the int8 model where there is one.

    Args:
        folder: The preset's folder.
        use_float: Use the float model in any case.
        model: Another .keras or .tflite file to use with the preset's settings.

    Raises:
        ModelError: The folder is no preset, is damaged, or its model does not fit its settings.
    """
    folder = Path(folder)
    config = read_preset_config(folder)
    path = model or folder / INT8_FILE
    if model is None and (use_float or not path.is_file()):
        path = folder / MODEL_FILE
    predictor: Predictor
    if path.suffix == ".keras":
        with silenced():
            from dssd_tf.presets.preset import read_model
        predictor = KerasPredictor(read_model(path, config))
    else:
        predictor = open_predictor(path)
    return Classifier(
        predictor,
        config.features,
        config.clip_seconds,
        config.classes,
        config.coarse_classes,
        path=path,
    )
