"""The figures of one model, as `measure` gives them and as ``complexity.json`` holds them."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class LayerRow:
    """One call of a Keras layer, or one TFLite operator.

    A layer that is called twice has two rows; its parameters stand in the first. A layer that
    holds parameters but is never called has a row without an output shape.

    Args:
        name: Path of the layer within the model, or name of the operator's first output.
        type: Class of the layer, or TFLite's name of the operator.
        output_shape: Shape of the first output with batch 1; None if never called.
        parameters: Parameters that this row is the first to use.
        macs: Multiply-adds that really happen.
        macs_torchinfo: By the torchinfo rule; None for TFLite.
        macs_nessi_tflite: By NeSsi's rule for TFLite; None for Keras.
        activation_bytes: Size of the first output; None if never called or of no known shape.
    """

    name: str
    type: str
    output_shape: tuple[int | None, ...] | None
    parameters: int
    macs: int
    macs_torchinfo: int | None = None
    macs_nessi_tflite: int | None = None
    activation_bytes: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON values, without the rule that does not apply to its kind of model."""
        row = asdict(self)
        row["output_shape"] = None if self.output_shape is None else list(self.output_shape)
        for rule in ("macs_torchinfo", "macs_nessi_tflite"):
            if row[rule] is None:
                del row[rule]
        return row


@dataclass(frozen=True)
class LiveTensor:
    """An activation that is held in memory at the peak: shape with batch 1, size in bytes."""

    name: str
    shape: tuple[int, ...]
    bytes: int


@dataclass(frozen=True)
class Complexity:
    """Complexity of one model at batch 1.

    Args:
        source: Path of the file, or name of the model.
        kind: ``keras`` or ``tflite``.
        parameters: Keras: all weights that training can change, frozen or not, each once, as
            torchinfo counts ``parameters()``: BatchNormalization's gamma and beta, not its
            running statistics. TFLite: elements of the constant tensors that are weights or
            biases, each tensor once, zeros included: every constant input of an operator except
            integers without a quantization scale, which are shapes, axes and paddings.
        parameters_nonzero: Those of them that are not zero.
        dtypes: Data types of the parameters, sorted; of an int8 model ``int8`` and, for the
            biases, ``int32``.
        size_bytes: Bytes of the stored constants at their real types, each once. Keras: of the
            parameters. TFLite: of all constant inputs of operators, shape constants too.
        size_bytes_nonzero: Bytes of the non-zero parameters at their real types.
        size_bytes_nessi: As `size_bytes`, but a constant that several operators read counts
            once for each, as NeSsi sums it; None for Keras.
        macs: Multiply-adds that really happen. Convolution and dense: kernel elements x
            positions, without the bias, multiplications with zero padding included.
            BatchNormalization as a layer of its own: one for each output element. Lone
            additions or multiplications (bias, pooling, scaling, element-wise sums) are none.
        macs_torchinfo: By the torchinfo rule (DCASE 2024, 2025); None for TFLite.
        macs_torchinfo_folded: The same once each batch normalization is folded into the
            convolution or dense layer before it: mostly more, though less is computed. The
            editions count the network as it was trained. None for TFLite.
        macs_nessi_tflite: By NeSsi's rule (DCASE 2022, 2023); None for Keras.
        peak_activation_bytes: Largest sum of live activations over the order of execution: the
            inputs and outputs of the running layer or operator, and what later ones and the
            model's output still need. None if a shape is not known.
        peak_at: Name of the layer or operator that runs at the peak.
        peak_tensors: The activations that are alive then, largest first.
        activation_dtypes: Data types of the activations, sorted.
        file_bytes: Size of the file; None for a model object.
        uncounted: Layers or operators that compute, or may compute, multiply-adds that `macs`
            misses because there is no rule for them.
        layers: Rows in the order of execution.
    """

    source: str
    kind: Literal["keras", "tflite"]
    parameters: int
    parameters_nonzero: int
    dtypes: tuple[str, ...]
    size_bytes: int
    size_bytes_nonzero: int
    size_bytes_nessi: int | None
    macs: int
    macs_torchinfo: int | None
    macs_torchinfo_folded: int | None
    macs_nessi_tflite: int | None
    peak_activation_bytes: int | None
    peak_at: str | None
    peak_tensors: tuple[LiveTensor, ...]
    activation_dtypes: tuple[str, ...]
    file_bytes: int | None
    uncounted: tuple[str, ...]
    layers: tuple[LayerRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON values (lists for tuples, null for None)."""
        value = asdict(self)
        for field in ("dtypes", "activation_dtypes", "uncounted"):
            value[field] = list(value[field])
        value["peak_tensors"] = [
            {**row, "shape": list(row["shape"])} for row in value["peak_tensors"]
        ]
        value["layers"] = [row.to_dict() for row in self.layers]
        return value
