"""One system of an inference package: its models, and what goes in and comes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from dssd_tf.challenge.edition import Edition
from dssd_tf.errors import PackageError
from dssd_tf.features import LogMelConfig


@dataclass(frozen=True)
class InferenceSystem:
    """A system as it is handed over.

    Attributes:
        number: The last part of the label.
        models: .tflite flatbuffers by device (a, b, c, s1, …); None is the general model,
            for all other devices.
        features: The front end that all models were trained with.
        clip_seconds: Seconds of a clip.
        classes: Names of the classes in the order of the outputs.
        coarse_outputs: Outputs behind the classes, which are cut off.
    """

    number: int
    models: Mapping[str | None, bytes]
    features: LogMelConfig
    clip_seconds: float
    classes: tuple[str, ...]
    coarse_outputs: int = 0

    @property
    def samples(self) -> int:
        """Samples of a clip."""
        return round(self.features.sampling_rate * self.clip_seconds)

    def require_whole(self, edition: Edition) -> None:
        """Check the devices, and each model's input and output.

        Args:
            edition: It names the devices.

        Raises:
            PackageError: There is no general model, or a device is unknown.
            ModelError: A model is no .tflite file or fits not the features or the classes.
        """
        if None not in self.models:
            raise PackageError(
                f"system {self.number} has no general model",
                fix="give models[None], which all devices without one of their own get",
            )
        known = edition.devices.names
        unknown = [device for device in self.models if device not in (None, *known)]
        if unknown:
            raise PackageError(
                f"system {self.number} has a model of the unknown device {unknown[0]!r}",
                fix=f"choose from {', '.join(known)}, or None for the general model",
            )
        for device, content in self.models.items():
            self._require_fit(content, f"system {self.number}, device {device or 'general'}")

    def _require_fit(self, content: bytes, name: str) -> None:
        from dssd_tf.evaluation.predictor import open_interpreter
        from dssd_tf.presets.fit import require_input, require_outputs

        interpreter = open_interpreter(content, name=name)
        inputs, outputs = interpreter.get_input_details(), interpreter.get_output_details()
        if len(inputs) != 1 or len(outputs) != 1:
            raise PackageError(
                f"{name}: the model has {len(inputs)} inputs and {len(outputs)} outputs",
                fix="give a model with one of each",
            )
        shape = tuple(int(size) for size in inputs[0]["shape"][1:])
        require_input(shape, self.features.shape(self.samples), name)
        coarse = [f"coarse {number}" for number in range(1, self.coarse_outputs + 1)]
        require_outputs(int(outputs[0]["shape"][-1]), self.classes, coarse, name)
