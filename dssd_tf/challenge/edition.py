"""The rules of one edition of the challenge, read from `editions/<year>.yaml`.

Of some editions only the limits are known here, in `limits/<year>.yaml`.
"""

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
    """

    task_label: Fact[str]
    systems: Fact[int]
    ranking: Fact[str]
    splits: Fact[list[int]]
    rows: Fact[int]
    classes: Fact[list[str]]
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
    """Years of the editions that packages are made for, ascending."""
    return _years("editions")


def list_limits() -> list[int]:
    """Years of the editions whose limits are known, ascending."""
    return sorted(_years("editions") + _years("limits"))


def load_edition(year: int | str) -> Edition:
    """The rules of the edition of `year`.

    Raises:
        PackageError: No such edition, or only its limits are known; the message names those
            there are.
    """
    known = list_editions()
    if str(year) in map(str, known):
        return Edition.model_validate(_read("editions", int(year)))
    fix = f"choose one of {', '.join(map(str, known))}"
    if str(year) in map(str, list_limits()):
        raise PackageError(
            f"of edition {year} only the limits are known, not its packages",
            fix=f"{fix}, or judge models by `dssd complexity --edition {year}`",
        )
    raise PackageError(f"unknown edition {year}", fix=fix)


def load_limits(year: int | str) -> EditionLimits:
    """What models are judged by in the edition of `year`.

    Raises:
        PackageError: No such edition; the message names those there are.
    """
    if str(year) in map(str, list_editions()):
        return load_edition(year)
    known = list_limits()
    if str(year) not in map(str, known):
        raise PackageError(
            f"unknown edition {year}", fix=f"choose one of {', '.join(map(str, known))}"
        )
    return EditionLimits.model_validate(_read("limits", int(year)))


def _years(folder: str) -> list[int]:
    names = [entry.name for entry in (resources.files("dssd_tf.challenge") / folder).iterdir()]
    return sorted(int(name.removesuffix(".yaml")) for name in names if name.endswith(".yaml"))


@functools.cache
def _read(folder: str, year: int) -> Any:
    text = resources.files("dssd_tf.challenge").joinpath(f"{folder}/{year}.yaml").read_text("utf-8")
    return yaml.safe_load(text)
