"""What the registry's networks cost, a row each, with their head-room under every edition."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from dssd_tf.challenge.headroom import Headroom, network_headroom
from dssd_tf.errors import ModelError
from dssd_tf.progress import track

if TYPE_CHECKING:
    import keras

    from dssd_tf.complexity import Complexity


@dataclass(frozen=True)
class NetworkRow:
    """The figures of one network at batch 1.

    Args:
        name: Name in the registry.
        summary: The registry's line about it.
        input_shape: (time, frequency, channels) as built, or as asked for where that failed;
            None if the network's own did not do.
        parameters: Weights that training can change.
        macs_torchinfo: Multiply-adds by the torchinfo rule.
        int8_bytes: Bytes at int8, estimated as one byte a parameter.
        headroom: The editions' limits.
        error: Why the network cannot be built or measured, in one line; the figures are then
            None and there is no head-room.
    """

    name: str
    summary: str
    input_shape: tuple[int | None, ...] | None
    parameters: int | None = None
    macs_torchinfo: int | None = None
    int8_bytes: int | None = None
    headroom: tuple[Headroom, ...] = ()
    error: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The row as JSON values."""
        row = asdict(self)
        row["input_shape"] = None if self.input_shape is None else list(self.input_shape)
        row["headroom"] = [limit.to_dict() for limit in self.headroom]
        return row


def network_rows(
    names: Sequence[str], *, input_shape: tuple[int, int, int] | None = None
) -> list[NetworkRow]:
    """Build and measure the networks, with a progress bar.

    Args:
        names: Names in the registry.
        input_shape: (time, frequency, channels) instead of each network's own.

    Raises:
        ModelError: A name is unknown. A network that does not take `input_shape` is no error:
            its row says so.
    """
    from dssd_tf.models import model_config

    entries = [model_config(name) for name in names]
    overrides = {} if input_shape is None else {"input_shape": input_shape}
    rows = []
    for entry in track(entries, "measuring networks"):
        try:
            model, complexity = measured_network(entry.name, **overrides)
        except ModelError as error:
            rows.append(NetworkRow(entry.name, entry.summary, input_shape, error=str(error)))
            continue
        rows.append(
            NetworkRow(
                entry.name,
                entry.summary,
                tuple(model.input_shape[1:]),
                complexity.parameters,
                complexity.macs_torchinfo,
                complexity.parameters,
                tuple(network_headroom(complexity)),
            )
        )
    return rows


def measured_network(name: str, **overrides: Any) -> tuple["keras.Model", "Complexity"]:
    """The network `name` with arguments of its constructor overridden, and its complexity.

    Raises:
        ModelError: The name is unknown, or the network cannot be built or measured so; the
            message is one line.
    """
    from dssd_tf.complexity import measure
    from dssd_tf.models import create_model, model_config
    from dssd_tf.models.keras_message import in_one_line

    model_config(name)
    try:
        model = create_model(name, **overrides)
        return model, measure(model)
    except ModelError as error:
        raise ModelError(in_one_line(error)) from error
    except Exception as error:  # any value may meet any constructor here: no type is sure
        problem = f"model {name!r} cannot be built: {type(error).__name__}: {error}"
        raise ModelError(in_one_line(problem)) from error


def network_frame(rows: Sequence[NetworkRow]) -> pd.DataFrame:
    """The rows as a table: one line a network, one column a judged limit.

    Columns: name, summary, time, frequency, channels, parameters, macs_torchinfo, int8_bytes,
    `headroom_YEAR_LIMIT_percent` for each limit that was judged, error. Counts are integers,
    missing where a network could not be built.
    """
    lines = []
    for row in rows:
        shape = row.input_shape if row.input_shape and len(row.input_shape) == 3 else (None,) * 3
        lines.append(
            {
                "name": row.name,
                "summary": row.summary,
                **dict(zip(("time", "frequency", "channels"), shape, strict=True)),
                "parameters": row.parameters,
                "macs_torchinfo": row.macs_torchinfo,
                "int8_bytes": row.int8_bytes,
                **{
                    f"headroom_{limit.edition}_{limit.name}_percent": limit.headroom_percent
                    for limit in row.headroom
                    if limit.basis != "not judged"
                },
            }
        )
    frame = pd.DataFrame(lines)
    counts = ["time", "frequency", "channels", "parameters", "macs_torchinfo", "int8_bytes"]
    frame[counts] = frame[counts].astype("Int64")
    frame["error"] = [row.error for row in rows]
    return frame
