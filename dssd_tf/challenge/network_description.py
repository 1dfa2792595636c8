"""Everything that is known of one network without data or training."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from dssd_tf.challenge.headroom import Headroom, network_headroom
from dssd_tf.challenge.network_table import measured_network
from dssd_tf.complexity import Complexity

Origin = Literal["default", "registered", "given"]

_TAG = re.compile(r"\s*\bTag:\s*(\w+)\.?")
_SHARES = ("parameters", "macs", "macs_torchinfo")


@dataclass(frozen=True)
class Argument:
    """One argument of the constructor: the value in force, and whether the constructor, the
    registry or the caller set it."""

    value: Any
    origin: Origin


@dataclass(frozen=True)
class NetworkDescription:
    """One network at batch 1.

    Args:
        name: Name in the registry.
        summary: The registry's line about it.
        constructor: Name of the function that builds it.
        description: First paragraph of the constructor's docstring; empty if it has none.
        source: The docstring's paragraph "Source: …"; None if it has none.
        tag: The docstring's honesty tag, such as ``exact`` or ``reconstructed``; it is the
            constructor's, whatever its arguments. None if it has none.
        arguments: By name, in the constructor's order.
        input_shape: (time, frequency, channels).
        output_shape: Without the batch: (classes,) for a classifier.
        complexity: Counts, with a row a layer.
        headroom: The editions' limits.
    """

    name: str
    summary: str
    constructor: str
    description: str
    source: str | None
    tag: str | None
    arguments: dict[str, Argument]
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    complexity: Complexity
    headroom: tuple[Headroom, ...]

    def to_dict(self) -> dict[str, Any]:
        """The description as JSON values; `layers` carry their shares in percent."""
        value = {field: getattr(self, field) for field in self.__dataclass_fields__}
        value["arguments"] = {name: asdict(given) for name, given in self.arguments.items()}
        value["input_shape"] = list(self.input_shape)
        value["output_shape"] = list(self.output_shape)
        value["complexity"] = self.complexity.to_dict()
        del value["complexity"]["layers"]
        value["headroom"] = [limit.to_dict() for limit in self.headroom]
        value["layers"] = layer_frame(self.complexity).to_dict("records")
        return value


def describe_network(name: str, overrides: Mapping[str, Any] | None = None) -> NetworkDescription:
    """Build, measure and describe the network `name`.

    Args:
        name: Name in the registry.
        overrides: Arguments of the constructor instead of the registered ones.

    Raises:
        ModelError: The name or an argument is unknown, or the network cannot be built so.
    """
    from dssd_tf.models import model_config

    entry = model_config(name)
    overrides = dict(overrides or {})
    model, complexity = measured_network(name, **overrides)
    description, source, tag = _documented(entry.constructor)
    return NetworkDescription(
        name=entry.name,
        summary=entry.summary,
        constructor=entry.constructor.__name__,
        description=description,
        source=source,
        tag=tag,
        arguments=_arguments(entry.constructor, {"name": name, **entry.config}, overrides),
        input_shape=tuple(model.input_shape[1:]),
        output_shape=tuple(model.output_shape[1:]),
        complexity=complexity,
        headroom=tuple(network_headroom(complexity)),
    )


def layer_frame(complexity: Complexity) -> pd.DataFrame:
    """The layers in the order of execution, with shares.

    Columns: name, type, output_shape (a list with batch 1, None if never called), parameters,
    macs (those that really happen), macs_torchinfo (by that rule), and of each of the three
    `…_percent`, the layer's share in the network's; 0 where the network has none.
    """
    rows = [row.to_dict() for row in complexity.layers]
    frame = pd.DataFrame(rows, columns=["name", "type", "output_shape", *_SHARES])
    for column in _SHARES:
        total = frame[column].sum()
        frame[f"{column}_percent"] = 100.0 * frame[column] / total if total else 0.0
    return frame


def _arguments(
    constructor: Callable[..., Any], registered: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Argument]:
    found = {
        parameter.name: Argument(parameter.default, "default")
        for parameter in inspect.signature(constructor).parameters.values()
        if parameter.default is not parameter.empty
    }
    found |= {name: Argument(value, "registered") for name, value in registered.items()}
    return found | {name: Argument(value, "given") for name, value in given.items()}


def _documented(constructor: Callable[..., Any]) -> tuple[str, str | None, str | None]:
    """Description, source and tag out of the docstring."""
    text = inspect.getdoc(constructor) or ""
    tag = _TAG.search(text)
    paragraphs = [" ".join(part.split()) for part in _TAG.sub("", text).split("\n\n")]
    source = next((part for part in paragraphs if part.startswith("Source:")), None)
    return (
        paragraphs[0],
        None if source is None else source.removeprefix("Source:").strip(),
        tag and tag.group(1),
    )
