"""`parity.json`, checked on reading."""

from pydantic import Field

from dssd_tf.report.schema import Count, Fraction, NonNegative, Schema


class SystemParity(Schema):
    """One form of the network."""

    macro_accuracy: Fraction
    log_loss: NonNegative


class Flips(Schema):
    """Clips of one class whose arg-max differs between two forms."""

    clips: Count
    changed: Count
    right_to_wrong: Count
    wrong_to_right: Count


class PairParity(Schema):
    """Two forms on the same clips."""

    reference: str
    other: str
    argmax: Fraction
    mean_abs_logit: NonNegative
    max_abs_logit: NonNegative
    flips: dict[str, Flips]


class TensorParity(Schema):
    """One tensor of the int8 file, and its layer of the float network where it has one."""

    operator: str
    shape: list[Count]
    saturated: Fraction
    layer: str | None = None
    type: str | None = None
    sqnr_db: float | None = None
    noise: NonNegative | None = None
    clipped: Fraction | None = None


class LayerParity(Schema):
    """The int8 file's tensors in order, and on how many clips they were compared."""

    clips: Count
    tensors: list[TensorParity]


class Parity(Schema):
    """`parity.json`."""

    clips: Count
    systems: dict[str, SystemParity]
    pairs: list[PairParity] = Field(min_length=1)
    layers: LayerParity | None = None
