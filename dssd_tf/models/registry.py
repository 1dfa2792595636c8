"""Networks by name: the constructor and the configuration that the name stands for."""

import fnmatch
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras

from dssd_tf.config_errors import choice
from dssd_tf.errors import ModelError
from dssd_tf.models.keras_message import in_one_line


@dataclass(frozen=True)
class Entry:
    """One name of the registry.

    Args:
        name: The name.
        constructor: Builds the network.
        config: Keyword arguments that the name stands for.
        summary: One line for people.
        features: The front end that gives the network its default input: the settings of
            `LogMelConfig` that differ from its defaults; None where no source states it.
        clip_seconds: Seconds of audio in the default input.
    """

    name: str
    constructor: Callable[..., keras.Model]
    config: dict[str, Any] = field(default_factory=dict)
    summary: str = ""
    features: dict[str, Any] | None = None
    clip_seconds: float = 1.0


_ENTRIES: dict[str, Entry] = {}


def register(
    name: str,
    constructor: Callable[..., keras.Model],
    summary: str,
    *,
    features: dict[str, Any] | None = None,
    clip_seconds: float = 1.0,
    **config: Any,
) -> None:
    """Give a constructor with its keyword arguments a name; `Entry` explains the rest.

    Raises:
        ValueError: The name is taken.
    """
    if name in _ENTRIES:
        raise ValueError(f"model {name!r} is registered already")
    _ENTRIES[name] = Entry(name, constructor, config, summary, features, clip_seconds)


def list_models(pattern: str = "*") -> list[str]:
    """The registered names that match a shell pattern, sorted."""
    return sorted(fnmatch.filter(_ENTRIES, pattern))


def model_config(name: str) -> Entry:
    """What a name stands for.

    Raises:
        ModelError: The name is unknown; the message offers the nearest ones.
    """
    if name not in _ENTRIES:
        raise ModelError(f"unknown model {name!r}", fix=choice(name, list_models()))
    return _ENTRIES[name]


def create_model(name: str, **overrides: Any) -> keras.Model:
    """Build the network `name`, with any argument of its constructor overridden.

    Raises:
        ModelError: The name or an override is unknown, or the shapes do not fit.
    """
    entry = model_config(name)
    try:
        return entry.constructor(**{**entry.config, "name": name, **overrides})
    except (TypeError, ValueError) as error:
        raise ModelError(f"model {name!r} cannot be built: {in_one_line(error)}") from error
