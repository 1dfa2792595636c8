"""The rules of one edition of the challenge, read from `editions/<year>.yaml`."""

import functools
from collections.abc import Sequence
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from dssd_tf.errors import PackageError
from dssd_tf.fact import Fact, Sourced

Model = Literal["float", "int8", "deployed"]

_FOLDER = resources.files("dssd_tf.challenge") / "editions"


class Limit(Sourced):
    """An upper limit on one measure of one model.

    Args:
        name: Short name, such as `size` or `macs`.
        value: The largest allowed value, itself allowed.
        unit: What is counted.
        model: Which model is measured: `deployed` is the int8 model where there is one.
        measure: The key of the complexity mapping.
        counter: The rule of counting, for people.
        meta_key: The key of `system.complexity` in the meta file that states the measure.
    """

    name: str
    value: int
    unit: Literal["bytes", "parameters", "macs"]
    model: Model
    measure: str
    counter: str
    meta_key: str


class Measure(Sourced):
    """Which measure of which model fills a key of the meta file.

    Args:
        per: What the key counts in, such as 1024 for bytes as KB; a number of it may be broken.
    """

    model: Model
    measure: str
    per: int = 1


class Layout(BaseModel):
    """Names inside the package; `{team}` is LastName_Institute, `{task}` the task's label.

    Args:
        outer: Name of one more folder around the root, which is free; None for no such folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outer: Fact[str] | None = None
    root: Fact[str]
    report: Fact[str]
    output: Fact[str]
    meta: Fact[str]


class MetaSchema(BaseModel):
    """What the meta file must hold.

    Args:
        abbreviation_length: The longest allowed `submission.abbreviation`, in characters.
        keys: The required keys as a tree; a leaf is `text`, `scalar`, `number`, `count` or
            `groups` (the result groups), a list holds the shape of its items.
        nullable: Dotted paths of keys that may be null.
        scores_nullable: Whether a score in the result groups may be null.
        groups: Names of the result groups; None where the results are one group.
        complexity: For each key of `system.complexity`, what fills it.
        devices: The recording devices of the result groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    abbreviation_length: Fact[int]
    keys: Fact[dict[str, Any]]
    nullable: Fact[list[str]]
    scores_nullable: Fact[bool] | None = None
    groups: Fact[list[str]] | None = None
    complexity: dict[str, Measure]
    devices: Fact[list[str]]


class RecordingDevices(BaseModel):
    """The recording devices of the data.

    Args:
        seen: Those of the training clips.
        unseen: Those that only the development set's test clips have besides.
        evaluation: Those that only the evaluation set has besides.
        ids: What the evaluation list names, where it names devices; others are `unknown` there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seen: Fact[list[str]]
    unseen: Fact[list[str]]
    evaluation: Fact[list[str]]
    ids: Fact[list[str]] | None = None

    @property
    def names(self) -> list[str]:
        """All of them, known to a model of one device or not."""
        return [*self.seen.value, *self.unseen.value, *self.evaluation.value]


class EditionLimits(BaseModel):
    """What models are judged by.

    Args:
        limits: One or more.
        weights: The type all weights must have; None where any type is allowed.
        one_by_one: Whether several models are those of several devices, each judged alone;
            else they are an ensemble, whose sum is judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    title: str
    limits: list[Limit]
    weights: Fact[Literal["int8"]] | None = None
    one_by_one: Fact[bool] | None = None


class Edition(EditionLimits):
    """One edition of the challenge, with all that a package takes.

    Args:
        rows: Number of files of the official evaluation set.
        systems: The most systems a team may submit.
        splits: The training splits in percent, each with its own output file; empty for none.
        clip_seconds: Length of a recording.
        training_split: The one split that training is restricted to, in percent; None for none.
        inference_package: Whether the inference code is handed over; a system may then have
            models of its own for some devices.
        official_validator: Whether the organisers offer a validator of packages.
    """

    task_label: Fact[str]
    systems: Fact[int]
    ranking: Fact[str]
    splits: Fact[list[int]]
    rows: Fact[int]
    clip_seconds: Fact[float]
    classes: Fact[list[str]]
    devices: RecordingDevices
    training_split: Fact[int] | None = None
    inference_package: Fact[bool] | None = None
    official_validator: Fact[bool]
    layout: Layout
    meta: MetaSchema

    @property
    def device_models(self) -> bool:
        """Whether a system may have models of its own for some devices."""
        return self.inference_package is not None and self.inference_package.value

    @property
    def result_groups(self) -> list[str | None]:
        """Names of the result groups, or one group without a name."""
        return list(self.meta.groups.value) if self.meta.groups else [None]

    @property
    def outputs(self) -> list[int | None]:
        """The splits, or one output without a name where the edition has none."""
        return list(self.splits.value) or [None]

    def is_official(self, classes: Sequence[str] | None) -> bool:
        """Whether `classes` (None for the default) are the edition's own."""
        return classes is None or list(classes) == self.classes.value


def list_editions() -> list[int]:
    """Years of the editions there are, ascending."""
    names = [entry.name for entry in _FOLDER.iterdir()]
    return sorted(int(name.removesuffix(".yaml")) for name in names if name.endswith(".yaml"))


def load_edition(year: int | str) -> Edition:
    """The rules of the edition of `year`.

    Raises:
        PackageError: No such edition; the message names those there are.
    """
    known = list_editions()
    if str(year) not in map(str, known):
        raise PackageError(
            f"unknown edition {year}", fix=f"choose one of {', '.join(map(str, known))}"
        )
    return _load(int(year))


@functools.cache
def _load(year: int) -> Edition:
    text = _FOLDER.joinpath(f"{year}.yaml").read_text("utf-8")
    return Edition.model_validate(yaml.safe_load(text))
