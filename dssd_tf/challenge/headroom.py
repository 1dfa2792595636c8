"""The editions' limits held against a network that exists in Keras only, before any int8 file."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from dssd_tf.challenge.budget import check_budget
from dssd_tf.challenge.edition import Limit, list_editions, load_edition
from dssd_tf.complexity import Complexity

Basis = Literal["exact", "estimate", "not judged"]

INT8_RULE = "every parameter at one byte; the converted file is mostly larger"
"""How the int8 model is estimated. The file has int32 biases and may split a layer in two."""


@dataclass(frozen=True)
class Headroom:
    """One limit of one edition, and how far the network stays below it.

    Args:
        edition: Year.
        name: The limit's name.
        limit: The largest allowed value.
        unit: What is counted.
        model: Which model the edition counts.
        measure: Which of its measures.
        counter: The edition's rule of counting.
        unverified: Whether the edition's file gives the limit from memory only.
        basis: ``exact``: counted on this network as the edition counts. ``estimate``: the edition
            counts the int8 model, which is taken to hold every parameter at one byte, none of
            them zero. ``not judged``: the measure exists only for the converted file.
        measured: What was counted, in `unit`; None where not judged.
        passed: Whether `measured` is at most `limit`; None where not judged. As the file is
            mostly larger than its estimate, an estimate that passes narrowly is no pass.
        headroom_percent: What is left of the limit, in percent of it, negative when over; None
            where not judged.
    """

    edition: int
    name: str
    limit: int
    unit: str
    model: str
    measure: str
    counter: str
    unverified: bool
    basis: Basis
    measured: float | None = None
    passed: bool | None = None
    headroom_percent: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields as JSON values."""
        return asdict(self)


def network_headroom(
    complexity: Complexity, editions: Sequence[int] | None = None
) -> list[Headroom]:
    """Hold every limit of the editions against a Keras network.

    A limit whose measure needs the converted file is listed as not judged; it is never taken for
    passed. The rule of some editions that all weights be int8 has no place here, since nothing is
    quantized yet.

    Args:
        complexity: Of the network as Keras model, from `dssd_tf.complexity.measure`.
        editions: Years; None for all that are known.

    Raises:
        ValueError: The complexity is that of a TFLite file, which `check_budget` judges.
        PackageError: An edition is unknown.
    """
    if complexity.kind != "keras":
        raise ValueError(f"{complexity.source} is a {complexity.kind} model: use check_budget")
    measures = _measures(complexity)
    rows = []
    for year in list_editions() if editions is None else editions:
        edition = load_edition(year)
        for limit in edition.limits:
            basis = _basis(limit, measures)
            row = Headroom(
                edition=edition.year,
                name=limit.name,
                limit=limit.value,
                unit=limit.unit,
                model=limit.model,
                measure=limit.measure,
                counter=limit.counter,
                unverified=limit.unverified,
                basis=basis,
            )
            if basis != "not judged":
                alone = edition.model_copy(update={"limits": [limit], "weights": None})
                (check,) = check_budget(alone, measures)
                row = replace(
                    row,
                    measured=check.measured,
                    passed=check.passed,
                    headroom_percent=check.headroom_percent,
                )
            rows.append(row)
    return rows


def _measures(complexity: Complexity) -> dict[str, dict[str, int | None]]:
    """The part of a complexity mapping that a Keras network settles."""
    parameters = complexity.parameters
    return {
        "float": {
            "parameters": parameters,
            "size_bytes": complexity.size_bytes,
            "macs": complexity.macs,
            "macs_torchinfo": complexity.macs_torchinfo,
        },
        # Zeros of fresh weights say nothing of trained ones, so none is counted as zero.
        "int8": dict.fromkeys(
            ("parameters", "parameters_nonzero", "size_bytes", "size_bytes_nonzero"), parameters
        ),
    }


def _basis(limit: Limit, measures: dict[str, dict[str, int | None]]) -> Basis:
    system = "float" if limit.model == "float" else "int8"
    if measures[system].get(limit.measure) is None:
        return "not judged"
    return "exact" if system == "float" else "estimate"
