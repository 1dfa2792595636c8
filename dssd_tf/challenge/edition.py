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
    """Which measure of which model fills a key of the meta file."""

    model: Model
    measure: str


class Layout(BaseModel):
    """Names inside the package; `{team}` is LastName_Institute, `{task}` the task's label."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
        complexity: For each key of `system.complexity`, what fills it.
        devices: The recording devices of the result groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    abbreviation_length: Fact[int]
    keys: Fact[dict[str, Any]]
    nullable: Fact[list[str]]
    complexity: dict[str, Measure]
    devices: Fact[list[str]]


class Edition(BaseModel):
    """One edition of the challenge.

    Args:
        rows: Number of files of the official evaluation set.
        systems: The most systems a team may submit.
        splits: The training splits in percent, each with its own output file; empty for none.
        weights: The type all weights must have; None where any type is allowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    year: int
    title: str
    task_label: Fact[str]
    systems: Fact[int]
    ranking: Fact[str]
    splits: Fact[list[int]]
    rows: Fact[int]
    classes: Fact[list[str]]
    limits: list[Limit]
    weights: Fact[Literal["int8"]] | None = None
    layout: Layout
    meta: MetaSchema

    @property
    def groups(self) -> list[int | None]:
        """The splits, or one group without a name where the edition has none."""
        return list(self.splits.value) or [None]

    def is_official(self, classes: Sequence[str] | None) -> bool:
        """Whether `classes` (None for the default) are the edition's own."""
        return classes is None or list(classes) == self.classes.value


def list_editions() -> list[int]:
    """Years of the known editions, ascending."""
    folder = resources.files("dssd_tf.challenge") / "editions"
    names = [entry.name for entry in folder.iterdir()]
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
    return _read(int(year))


@functools.cache
def _read(year: int) -> Edition:
    text = resources.files("dssd_tf.challenge").joinpath(f"editions/{year}.yaml").read_text("utf-8")
    return Edition.model_validate(yaml.safe_load(text))
