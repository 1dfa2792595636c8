"""Networks of distilled blocks that fit an edition's limits, by closed forms alone.

Nothing is built: the cost of a network is a sum over its blocks, each of which depends on two
widths, so that one table a block prices every combination.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from dssd_tf.challenge.budget_networks import NETWORKS, members
from dssd_tf.challenge.budget_prices import (
    FAULTS,
    MACS,
    PARAMETERS,
    TORCHINFO,
    combinations,
    priced,
    require_few,
    tables,
)
from dssd_tf.challenge.budget_row import BudgetRow, BudgetSearch, LimitUse
from dssd_tf.challenge.edition import EditionLimits, Limit
from dssd_tf.complexity.block_network_cost import BlockNetwork, fixed_cost, require_pattern
from dssd_tf.errors import ModelError, PackageError
from dssd_tf.progress import track

DEFAULT_WIDTHS = tuple(range(8, 129, 8))
LARGEST_WIDTH = 4096
_MEASURES = {
    "parameters": PARAMETERS,
    "parameters_nonzero": PARAMETERS,
    "size_bytes": PARAMETERS,
    "size_bytes_nonzero": PARAMETERS,
    "macs": MACS,
    "macs_nessi_tflite": MACS,
    "macs_torchinfo": TORCHINFO,
}
_EXACT = {"parameters", "size_bytes", "macs", "macs_torchinfo"}


class NothingFitsError(PackageError):
    """No combination that was tried stays within the limits."""

    exit_code = 3


def search_budget(
    model: str,
    edition: EditionLimits,
    *,
    patterns: Sequence[str] | None = None,
    widths: Sequence[int] | None = None,
    input_shape: tuple[int, int, int] | None = None,
    classes: int | None = None,
    most: int = 20,
    room: float = 0.0,
) -> BudgetSearch:
    """Try widths that do not shrink from block to block, and list what fits every limit.

    Sorted by the used share of each network's tightest limit, the largest first; then by
    parameters and multiply-adds, the fewest first. Combinations that the operator cannot be
    built with are left out.

    Args:
        model: A name of `NETWORKS` or of `FAMILIES`.
        edition: Gives the limits; its rule on the type of weights plays no part.
        patterns: Patterns to try; None for every one of the network's length.
        widths: Widths to choose from; None for the multiples of 8 up to 128.
        input_shape: (time, frequency, channels) instead of the network's own.
        classes: Outputs instead of the network's own.
        most: Rows to return.
        room: Percent of each estimated limit to leave free: the int8 file is mostly larger than
            its estimate, for its biases of 32 bits and its wider kernels.

    Raises:
        ModelError: The model is unknown, a pattern, a width or a size is no good or does not fit
            the input, or there are too many combinations.
        PackageError: The edition counts what no closed form gives.
        NothingFitsError: Nothing that was tried fits; the message names what comes nearest.
    """
    choices = _choices(widths)
    if most < 1:
        raise ModelError(f"{most} rows asked for", fix="ask for 1 or more")
    if not 0 <= room < 100:
        raise ModelError(f"{room:g} % of the limits to leave free", fix="give 0 up to below 100")
    change: dict[str, Any] = {"input_shape": input_shape, "classes": classes}
    change = {name: value for name, value in change.items() if value is not None}
    found, skipped = _Found(edition, most, room), list[str]()
    for name in members(model):
        network = replace(NETWORKS[name], **change)
        fixed_cost(network)  # Its sizes are checked before the patterns on them.
        taken, skipped = _patterns(network, patterns)
        for blocks in sorted(set(map(len, taken))):
            same = [pattern for pattern in taken if len(pattern) == blocks]
            require_few(len(choices), blocks)
            prices = tables(network, same, choices)
            parts = combinations(len(choices), blocks)
            for chosen in track(parts, f"searching {name}"):
                for pattern in same:
                    costs = priced(prices, pattern, chosen)
                    found.add(name, pattern, choices[chosen], costs)
    rows = found.rows()
    shape = network.input_shape
    return BudgetSearch(
        model,
        edition.year,
        shape,
        network.classes,
        found.tried,
        found.fitting,
        tuple(skipped),
        rows,
    )


class _Found:
    """The best rows so far, the counts, and what comes nearest while nothing fits."""

    def __init__(self, edition: EditionLimits, most: int, room: float):
        self.year, self.most, self.room = edition.year, most, room
        self.limits = [(limit, *_measure(edition, limit)) for limit in edition.limits]
        self.tried = self.fitting = 0
        self._best: list[BudgetRow] = []
        self._smallest: BudgetRow | None = None

    def add(self, model: str, pattern: str, widths: np.ndarray, costs: np.ndarray) -> None:
        """Take what fits of `widths` (networks, blocks), which have `costs` (4, networks)."""
        built = costs[FAULTS] == 0
        widths, costs = widths[built], costs[:, built]
        self.tried += len(widths)
        if not len(widths):
            return
        used = [100 * scale * costs[row] / limit.value for limit, row, scale in self.limits]
        tightest = np.max(used, axis=0)
        most = [100 if _exact(limit) else 100 - self.room for limit, _, _ in self.limits]
        within = np.stack(used, axis=1) <= np.array(most)
        fits = np.flatnonzero(within.all(axis=1))
        self.fitting += len(fits)
        if not self.fitting:
            at = int(tightest.argmin())
            row = self._row(model, pattern, widths[at], costs[:, at])
            self._smallest = min(self._smallest or row, row, key=lambda row: row.tightest)
        if len(fits) > self.most:
            least = np.partition(tightest[fits], -self.most)[-self.most]
            fits = fits[tightest[fits] >= least]
        rows = [self._row(model, pattern, widths[at], costs[:, at]) for at in fits]
        self._best = sorted(self._best + rows, key=_fullest_first)[: self.most]

    def rows(self) -> tuple[BudgetRow, ...]:
        """The best.

        Raises:
            NothingFitsError: There is none.
            ModelError: Nothing could be built.
        """
        if self._best:
            return tuple(self._best)
        if self._smallest is None:
            raise ModelError(
                "none of the widths can be built with the network's operator",
                fix="give other widths, for example multiples of 8",
            )
        row = self._smallest
        kept = f" with {self.room:g} % of the estimated ones left free" if self.room else ""
        uses = " and ".join(
            f"{use.measured:,} {use.unit} ({use.percent:.1f} % of {use.name})" for use in row.uses
        )
        raise NothingFitsError(
            f"nothing of the {self.tried:,} tried fits the {self.year} limits{kept}: the smallest, "
            f"{row.model} {row.pattern} {','.join(map(str, row.widths))}, has {uses}",
            fix="try narrower widths, other patterns or a smaller input",
        )

    def _row(self, model: str, pattern: str, widths: np.ndarray, costs: np.ndarray) -> BudgetRow:
        parameters, macs, torchinfo, _ = map(int, costs)
        uses = []
        for limit, row, scale in self.limits:
            measured = scale * int(costs[row])
            uses.append(
                LimitUse(
                    name=limit.name,
                    limit=limit.value,
                    unit=limit.unit,
                    measured=measured,
                    percent=100 * measured / limit.value,
                    basis="exact" if _exact(limit) else "estimate",
                )
            )
        sizes = tuple(map(int, widths))
        return BudgetRow(
            model, pattern, sizes, parameters, parameters, macs, torchinfo, tuple(uses)
        )


def _fullest_first(row: BudgetRow) -> tuple[Any, ...]:
    return -row.tightest, row.parameters, row.macs_torchinfo, row.model, row.pattern, row.widths


def _exact(limit: Limit) -> bool:
    return limit.model == "float" and limit.measure in _EXACT


def _measure(edition: EditionLimits, limit: Limit) -> tuple[int, int]:
    """The row of costs that the limit counts, and the factor on it."""
    if limit.measure not in _MEASURES:
        raise PackageError(
            f"the {edition.year} {limit.name} limit counts '{limit.measure}', for which there is "
            "no closed form",
            fix="choose another edition, or build the network and use `dssd complexity`",
        )
    float32 = limit.model == "float" and limit.measure.startswith("size_bytes")
    return _MEASURES[limit.measure], 4 if float32 else 1


def _choices(widths: Sequence[int] | None) -> np.ndarray:
    given = DEFAULT_WIDTHS if widths is None else widths
    wrong = [width for width in given if not 1 <= width <= LARGEST_WIDTH]
    if wrong or not given:
        raise ModelError(
            f"width {wrong[0]} to choose from" if wrong else "no width to choose from",
            fix=f"give whole numbers from 1 to {LARGEST_WIDTH:,}",
        )
    return np.array(sorted(set(given)), np.int64)


def _patterns(network: BlockNetwork, given: Sequence[str] | None) -> tuple[list[str], list[str]]:
    """The patterns to try, and those that the input does not take."""
    if given:
        for pattern in given:
            require_pattern(replace(network, pattern=pattern))
        return list(dict.fromkeys(given)), []
    blocks = len(network.pattern)
    # If the input does not even take this one, it takes none.
    require_pattern(replace(network, pattern="F" * blocks))
    taken, skipped = list[str](), list[str]()
    for pattern in map("".join, product("SF", repeat=blocks)):
        try:
            require_pattern(replace(network, pattern=pattern))
        except ModelError:
            skipped.append(pattern)
        else:
            taken.append(pattern)
    return taken, skipped
