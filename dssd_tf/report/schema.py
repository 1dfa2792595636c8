"""The JSON files of a run's folder, checked on reading.

Unknown keys are ignored, so that a newer run still gives a page; known keys of a wrong type or
range are refused, since a page of wrong numbers is worse than none.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]


def _moment(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _is_a_time(text: str) -> str:
    _moment(text)
    return text


Time = Annotated[str, AfterValidator(_is_a_time)]


class Schema(BaseModel):
    """What all of them have in common."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Scores(Schema):
    """Results over some of the clips; without clips there is no accuracy and no log loss."""

    samples: Count
    accuracy: Fraction | None = None
    log_loss: NonNegative | None = None


class Bin(Schema):
    """Clips whose confidence lies in a range; without clips there are no means."""

    low: Fraction
    high: Fraction
    samples: Count
    confidence: Fraction | None = None
    accuracy: Fraction | None = None


class Calibration(Schema):
    """How far confidence is accuracy: the expected calibration error, and each bin."""

    ece: Fraction
    bins: list[Bin]


class Intervals(Schema):
    """Ranges from resampled recordings, each [low, high]."""

    macro_accuracy: tuple[Fraction, Fraction] = Field(strict=False)
    log_loss: tuple[NonNegative, NonNegative] = Field(strict=False)
    level: Fraction
    clusters: Count


class SystemMetrics(Schema):
    """One system's results: accuracies as fractions, log losses natural."""

    samples: Count
    macro_accuracy: Fraction
    log_loss: NonNegative
    class_wise: dict[str, Scores]
    device_wise: dict[str, Scores]
    confusion_matrix: list[list[Count]]
    calibration: Calibration | None = None
    intervals: Intervals | None = None

    def of_class(self, label: str) -> Scores:
        """A class's scores; a class without clips may be left out of `class_wise`."""
        return self.class_wise.get(label, Scores(samples=0))

    def of_device(self, device: str) -> Scores:
        """A device's scores; a device without clips may be left out of `device_wise`."""
        return self.device_wise.get(device, Scores(samples=0))


class Systems(Schema):
    """The float system, and the float16 or int8 one if the recipe quantizes."""

    float_: SystemMetrics = Field(alias="float")
    float16: SystemMetrics | None = None
    int8: SystemMetrics | None = None


class Agreement(Schema):
    """How near the deployed system is to the float one: equal arg-max, logit differences."""

    argmax: Fraction
    mean_abs_logit: NonNegative
    max_abs_logit: NonNegative


class Metrics(Schema):
    """`metrics.json`."""

    classes: list[str] = Field(min_length=1)
    trained_devices: list[str] | None = None
    systems: Systems
    agreement: Agreement | None = None

    @model_validator(mode="after")
    def _fits_classes(self) -> Self:
        for name, system in self.by_name().items():
            size = len(self.classes)
            matrix = system.confusion_matrix
            if len(matrix) != size or any(len(row) != size for row in matrix):
                raise ValueError(f"systems.{name}.confusion_matrix is not {size} × {size}")
            if (total := sum(map(sum, matrix))) != system.samples:
                raise ValueError(
                    f"systems.{name}.confusion_matrix counts {total} clips, "
                    f"samples says {system.samples}"
                )
            for label, row in zip(self.classes, matrix, strict=True):
                if (samples := system.of_class(label).samples) != sum(row):
                    raise ValueError(
                        f"systems.{name}.class_wise has {samples} clips of {label!r}, "
                        f"confusion_matrix has {sum(row)}"
                    )
        return self

    def by_name(self) -> dict[str, SystemMetrics]:
        """The systems there are, float first, the deployed one last."""
        systems = {
            "float": self.systems.float_,
            "float16": self.systems.float16,
            "int8": self.systems.int8,
        }
        return {name: system for name, system in systems.items() if system is not None}


class Mistake(Schema):
    """A clip that was taken for another class; the names are of files beside the table."""

    filename: str
    device: str
    label: str
    predicted: str
    probability: Fraction
    label_probability: Fraction
    picture: str = Field(pattern=r"^\w+\.png$")
    audio: str | None = Field(None, pattern=r"^\w+\.flac$")


class Mistakes(Schema):
    """`mistakes/mistakes.json`."""

    system: str
    clips: list[Mistake]


class Explained(Schema):
    """A clip whose decision was explained; the names are of files beside the table."""

    filename: str
    start: NonNegative
    label: str
    system: str
    probability: Fraction
    low_half: float
    high_half: float
    made: Time
    picture: str = Field(pattern=r"^\w+\.png$")
    audio: str = Field(pattern=r"^\w+\.flac$")

    @property
    def time(self) -> datetime:
        """When it was explained."""
        return _moment(self.made)


class Explanations(Schema):
    """`explanations/explanations.json`."""

    clips: list[Explained]


class Layer(Schema):
    """One layer or operator; which official count it has depends on the kind of model."""

    name: str
    type: str
    output_shape: Any = None
    parameters: Count | None = None
    macs: Count | None = None
    macs_torchinfo: Count | None = None
    macs_nessi_tflite: Count | None = None


class SystemComplexity(Schema):
    """One model's cost; sizes in bytes, MACs for one clip."""

    parameters: Count
    size_bytes: Count
    macs: Count
    parameters_nonzero: Count | None = None
    macs_torchinfo: Count | None = None
    macs_nessi_tflite: Count | None = None
    peak_activation_bytes: Count | None = None
    file_bytes: Count | None = None
    layers: list[Layer] = []
    uncounted: list[str] = []


class Check(Schema):
    """One limit of the edition; `measured` and `limit` may be words (a number format)."""

    name: str
    measured: Any
    limit: Any
    unit: str | None = None
    counter: str | None = None
    passed: bool

    @property
    def used(self) -> float | None:
        """The part of the limit that is used, 1 at the limit; none for limits in words."""
        values = (self.measured, self.limit)
        if any(isinstance(v, bool) or not isinstance(v, int | float) for v in values):
            return None
        return float(self.measured / self.limit) if self.limit > 0 else None


class Complexity(Schema):
    """`complexity.json`."""

    float_: SystemComplexity = Field(alias="float")
    float16: SystemComplexity | None = None
    int8: SystemComplexity | None = None
    edition: int | str | None = None
    checks: list[Check] = []
    passed: bool | None = None

    @model_validator(mode="after")
    def _verdict_fits(self) -> Self:
        failed = [check.name for check in self.checks if not check.passed]
        if self.passed and failed:
            raise ValueError(f"passed is true, but the check {failed[0]!r} failed")
        return self

    def by_name(self) -> dict[str, SystemComplexity]:
        """The models there are, float first."""
        models = {"float": self.float_, "float16": self.float16, "int8": self.int8}
        return {name: model for name, model in models.items() if model is not None}


class Git(Schema):
    """The commit the run was started from."""

    commit: str
    dirty: bool = False


class Environment(Schema):
    """`environment.json`."""

    python: str | None = None
    platform: str | None = None
    processor: str | None = None
    cpu_count: int | None = None
    packages: dict[str, str | None] = {}
    git: Git | None = None
    started: str | None = None


class Stage(Schema):
    """One finished stage in `stages.json`."""

    seconds: NonNegative
    finished: Time | None = None

    @property
    def time(self) -> datetime:
        """When it was finished; a time without a zone counts as UTC."""
        return _moment(self.finished or "0001-01-01")
