"""The entry: what only a person knows about a submission, as a YAML file."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from dssd_tf.challenge.label import PART, PART_RULE
from dssd_tf.config_errors import describe_errors
from dssd_tf.errors import PackageError
from dssd_tf.safe_yaml import MAX_BYTES, UnsafeYamlError, load_yaml

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
"""What an e-mail address looks like."""

_URL = re.compile(r"https?://[^\s/]+\.[^\s]+")


def _url(value: Any) -> Any:
    if isinstance(value, str) and not _URL.fullmatch(value):
        raise ValueError("must be an address that starts with http:// or https://")
    return value


def _part(value: Any) -> Any:
    if isinstance(value, str) and not PART.fullmatch(value):
        raise ValueError(f"must be {PART_RULE}")
    return value


def _line(value: Any) -> Any:
    if isinstance(value, str) and not value.strip():
        raise ValueError("must not be empty")
    return value


def _address(value: Any) -> Any:
    if isinstance(value, str) and not ADDRESS.fullmatch(value):
        raise ValueError("must be an e-mail address")
    return value


Part = Annotated[str, BeforeValidator(_part)]
Line = Annotated[str, BeforeValidator(_line)]
Address = Annotated[str, BeforeValidator(_address)]
Url = Annotated[str, BeforeValidator(_url)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Affiliation(_Strict):
    """Where an author works."""

    abbreviation: Line
    institute: Line
    department: Line | None = None
    location: Line


class Author(_Strict):
    """An author; exactly one of an entry's authors is the corresponding one."""

    lastname: Line
    firstname: Line
    email: Address
    affiliation: Affiliation
    corresponding: bool = False


class Description(_Strict):
    """Free text on the system; null leaves the key to the recipe, or null in the meta file."""

    embeddings: Line | None = None
    decision_making: Line | None = None
    external_data_usage: Line | None = None
    complexity_management: Line | None = None
    pipeline: Line | None = None
    split_adaptations: Line | None = None
    system_adaptations: Line | None = None
    device_information: Line | None = None
    model_weight_sharing: Line | None = None


class SystemEntry(_Strict):
    """One system of the submission.

    Args:
        number: The last part of the label, from 1.
        name: The system's name.
        abbreviation: A short name for tables.
        description: Free text on this system.
    """

    number: int = Field(ge=1, le=9)
    name: Line
    abbreviation: Annotated[Line, Field(max_length=10)]
    description: Description = Description()


class ExternalDataset(_Strict):
    """A dataset from outside; `total_audio_length` is in minutes."""

    name: Line
    url: Line
    total_audio_length: int | float = Field(ge=0)


class Entry(_Strict):
    """What only a person knows about a submission.

    Args:
        last_name: First part of the label.
        institute: Second part of the label.
        systems: One entry for each system of the package, in the order of the runs.
        authors: The authors, one of them corresponding.
        report: The technical report (PDF); None for a stand-in.
        external_datasets: Datasets beyond the task's own.
        source_code: Address of the source code.
        inference_code: Address of the inference code; 2025 needs it.
    """

    last_name: Part
    institute: Part
    systems: list[SystemEntry] = Field(min_length=1)
    authors: list[Author] = Field(min_length=1)
    report: Annotated[Path, Field(strict=False)] | None = None
    external_datasets: list[ExternalDataset] | None = None
    source_code: Url | None = None
    inference_code: Url | None = None

    @model_validator(mode="after")
    def _one_corresponding_and_own_numbers(self) -> "Entry":
        corresponding = sum(author.corresponding for author in self.authors)
        if corresponding != 1:
            raise ValueError(
                f"authors: {corresponding} are corresponding; mark exactly one with "
                "'corresponding: true'"
            )
        numbers = [system.number for system in self.systems]
        if len(set(numbers)) != len(numbers):
            raise ValueError(f"systems: the numbers {numbers} repeat; give each system its own")
        return self


def read_entry(path: Path | str) -> Entry:
    """Read an entry; a relative `report` counts from the entry's folder.

    Raises:
        PackageError: The file is missing, is not YAML, or does not follow the schema; every
            error at once, each with its dotted path and, for an unknown key, the nearest name.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PackageError(
            f"cannot be read ({error.strerror})", path=path, fix="name an entry file"
        ) from error
    try:
        value = load_yaml(data)
    except UnsafeYamlError as error:
        raise PackageError(str(error), path=path, fix="mend the YAML") from error
    try:
        entry = Entry.model_validate(value)
    except ValidationError as error:
        raise PackageError(
            describe_errors(error, Entry), path=path, fix="mend these keys of the entry"
        ) from error
    if entry.report is not None:
        entry = entry.model_copy(update={"report": path.parent / entry.report})
    return entry
