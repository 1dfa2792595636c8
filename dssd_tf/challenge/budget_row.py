"""What a search for a budget lists."""

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class LimitUse:
    """How much of one limit a network uses.

    Args:
        name: The limit's name.
        limit: The largest allowed value.
        unit: What is counted.
        measured: What the closed forms give, in `unit`.
        percent: `measured` in percent of `limit`.
        basis: ``exact``: counted as the edition counts. ``estimate``: the edition counts the
            int8 file, which is taken to hold every parameter at one byte and to run the
            multiply-adds of the Keras network.
    """

    name: str
    limit: int
    unit: str
    measured: int
    percent: float
    basis: Literal["exact", "estimate"]


@dataclass(frozen=True)
class BudgetRow:
    """A network that fits: `create_model(model, pattern=pattern, widths=widths)`.

    Args:
        model: Name in the registry.
        pattern: One letter a block.
        widths: Output channels of the blocks.
        parameters: Weights that training can change.
        int8_bytes: Bytes at int8, estimated as one byte a parameter.
        macs: Multiply-adds that really happen.
        macs_torchinfo: Multiply-adds by the torchinfo rule.
        uses: One for each limit of the edition.
    """

    model: str
    pattern: str
    widths: tuple[int, ...]
    parameters: int
    int8_bytes: int
    macs: int
    macs_torchinfo: int
    uses: tuple[LimitUse, ...]

    @property
    def tightest(self) -> float:
        """Percent used of the limit that leaves least."""
        return max(use.percent for use in self.uses)


@dataclass(frozen=True)
class BudgetSearch:
    """What a search found.

    Args:
        model: The network or family as asked for.
        edition: Year.
        input_shape: (time, frequency, channels).
        classes: Outputs.
        tried: Combinations of network, pattern and widths that can be built.
        fitting: How many of them stay within every limit.
        skipped: Patterns that the input does not take, where none were asked for.
        rows: The first of those that fit, the fullest first.
    """

    model: str
    edition: int
    input_shape: tuple[int, int, int]
    classes: int
    tried: int
    fitting: int
    skipped: tuple[str, ...]
    rows: tuple[BudgetRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)
