"""A preset from the weights of the DSMN reference."""

from collections.abc import Sequence
from pathlib import Path

from dssd_tf.complexity import measure
from dssd_tf.errors import ModelError
from dssd_tf.models import list_models
from dssd_tf.models.dsmn_weights import dsmn_from_state, load_dsmn_state
from dssd_tf.presets.class_names import COARSE_CLASSES, default_classes
from dssd_tf.presets.config import PresetConfig, make_preset_config
from dssd_tf.presets.saving import save_to_preset

_SOURCE = "DSMN (Wang, Wu & Li, DCASE 2023 Task 1 technical report 61), weights read from {}"


def import_dsmn(
    file: Path | str,
    folder: Path | str,
    *,
    classes: Sequence[str] | None = None,
    licence: str | None = None,
    source: str | None = None,
    overwrite: bool = False,
) -> PresetConfig:
    """Write a preset from a PyTorch state dict; the features are DSMN's, on clips of 1 s.

    Args:
        file: The state dict, see `load_dsmn_state`.
        folder: The preset's folder, see `save_to_preset`.
        classes: One name an output, or one a scene where three outputs more are the coarse
            classes. None: the ten TAU scenes, and the coarse classes where there are 13 outputs.
        licence: Licence of the weights.
        source: Attribution; None names the report and the file.
        overwrite: Replace a preset.

    Raises:
        ModelError: The file is no state dict of a DSMN network, the classes do not fit, or the
            folder may not be replaced.
    """
    file = Path(file)
    try:
        model = dsmn_from_state(load_dsmn_state(file))
    except ModelError as error:
        raise ModelError(error.problem, path=file, fix=error.fix) from error
    outputs = int(model.outputs[0].shape[-1])
    found = default_classes(outputs) if classes is None else _split(classes, outputs)
    if found is None:
        raise ModelError(
            f"has {outputs} outputs, whose classes are not known",
            path=file,
            fix="name them with --classes (classes=...), in the order of the outputs",
        )
    cost = measure(model)
    config = make_preset_config(
        {
            "network": model.name if model.name in list_models() else None,
            "classes": found[0],
            "coarse_classes": found[1],
            "licence": licence,
            "source": source or _SOURCE.format(file.name),
            "metrics": {"parameters": cost.parameters, "macs_torchinfo": cost.macs_torchinfo},
        }
    )
    save_to_preset(folder, model, config, overwrite=overwrite)
    return config


def _split(classes: Sequence[str], outputs: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    coarse = COARSE_CLASSES if outputs == len(classes) + len(COARSE_CLASSES) else ()
    if tuple(classes[-len(COARSE_CLASSES) :]) == COARSE_CLASSES:
        return tuple(classes[: -len(COARSE_CLASSES)]), COARSE_CLASSES
    return tuple(classes), coarse
