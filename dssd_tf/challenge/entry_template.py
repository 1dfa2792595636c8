"""A commented entry file to start from."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dssd_tf.challenge.entry import Entry
from dssd_tf.errors import PackageError
from dssd_tf.files import write_text

TEMPLATE = """\
# What only a person knows about a submission; everything measured comes from the run.
# Label: <last_name>_<institute>_task1_<number>. ASCII letters, digits and single hyphens.
last_name: Lastname
institute: INSTITUTE

# One entry for each system, in the order the runs are given.
systems:
  - number: 1
    name: Name of the system
    abbreviation: SHORT # at most 10 characters
    description: # null: taken from the recipe where it says, else null
      embeddings: null # pre-trained embeddings
      decision_making: null # how the outputs of an ensemble are joined
      external_data_usage: null # such as 'directly' or 'pre-trained model'
      complexity_management: null # such as 'int8 quantization'
      pipeline: null # such as 'pretraining, training, quantization'
      split_adaptations: null # what differs between the training splits
      system_adaptations: null # what was changed for small training splits
      device_information: null # how known devices are made use of (2025)
      model_weight_sharing: null # such as 'fully device-specific' (2025)

authors: # exactly one of them corresponding
  - lastname: Lastname
    firstname: Firstname
    email: firstname.lastname@example.org
    corresponding: true
    affiliation:
      abbreviation: INST
      institute: Name of the institute
      department: null
      location: City, Country

# Technical report (PDF), from this file's folder. null: a results sheet stands in.
report: null

# null, or a list of {name, url, total_audio_length: minutes}
external_datasets: null

# null, or the address of the source code
source_code: null

# null, or the address of the inference code; 2025 needs it (`dssd package --inference`)
inference_code: null
"""


def write_entry_template(path: Path | str) -> Path:
    """Write a commented entry file that `read_entry` accepts, to be filled in by hand.

    Raises:
        PackageError: The file is there already; it is not overwritten.
        DssdError: The file cannot be written.
    """
    path = Path(path)
    if path.exists():
        raise PackageError("is there already", path=path, fix="choose another name or move it away")
    write_text(path, TEMPLATE)
    return path


def template_leftovers(entry: Entry) -> list[str]:
    """Dotted keys of names, places and addresses that are still the template's."""
    template = Entry.model_validate(yaml.safe_load(TEMPLATE)).model_dump()
    own = dict(_texts(entry.model_dump(), ""))
    return [key for key, value in _texts(template, "") if own.get(key) == value]


def _texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, f"{path}.{index}")
