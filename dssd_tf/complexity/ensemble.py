"""What several models cost together."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dssd_tf.complexity.complexity import Complexity
from dssd_tf.errors import ModelError


def add_up(members: Sequence[Complexity]) -> Complexity:
    """The complexity of an ensemble, whose members run one after the other.

    Counts and bytes add up, as the editions have it; the peak of the activations is that of the
    member with the highest one. The rows are those of all members, their names led by the
    member's number from 1.

    Args:
        members: One or more, of one kind.

    Raises:
        ModelError: The kinds differ.
    """
    if len(members) == 1:
        return members[0]
    kinds = sorted({member.kind for member in members})
    if len(kinds) > 1:
        raise ModelError(
            f"an ensemble of {' and '.join(kinds)} models has no figure by one rule",
            fix="give models of one kind",
        )
    peaks = [member.peak_activation_bytes for member in members]
    known = [peak for peak in peaks if peak is not None]
    largest = members[peaks.index(max(known))] if len(known) == len(peaks) else None
    return replace(
        members[0],
        source=" + ".join(member.source for member in members),
        parameters=sum(m.parameters for m in members),
        parameters_nonzero=sum(m.parameters_nonzero for m in members),
        dtypes=_union(m.dtypes for m in members),
        size_bytes=sum(m.size_bytes for m in members),
        size_bytes_nonzero=sum(m.size_bytes_nonzero for m in members),
        size_bytes_nessi=_sum(m.size_bytes_nessi for m in members),
        macs=sum(m.macs for m in members),
        macs_torchinfo=_sum(m.macs_torchinfo for m in members),
        macs_torchinfo_folded=_sum(m.macs_torchinfo_folded for m in members),
        macs_nessi_tflite=_sum(m.macs_nessi_tflite for m in members),
        peak_activation_bytes=None if largest is None else largest.peak_activation_bytes,
        peak_at=None if largest is None else largest.peak_at,
        peak_tensors=() if largest is None else largest.peak_tensors,
        activation_dtypes=_union(m.activation_dtypes for m in members),
        file_bytes=_sum(m.file_bytes for m in members),
        uncounted=tuple(
            f"{number}/{name}" for number, m in enumerate(members, 1) for name in m.uncounted
        ),
        layers=tuple(
            replace(row, name=f"{number}/{row.name}")
            for number, m in enumerate(members, 1)
            for row in m.layers
        ),
    )


def _union(parts: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({item for part in parts for item in part}))


def _sum(values: Iterable[int | None]) -> int | None:
    """None if one of them is not known."""
    given = list(values)
    known = [value for value in given if value is not None]
    return sum(known) if len(known) == len(given) else None
