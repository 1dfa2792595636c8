"""Float, simulated and real integers side by side, down to the single layer."""

from typing import Any

from dssd_tf.report.parity_schema import LayerParity, PairParity, TensorParity
from dssd_tf.report.run import Run
from dssd_tf.report.section import Missing, Section
from dssd_tf.report.svg import Line, line_figure

_TITLES = {
    "float": "float",
    "fake_quant": "fake-quant",
    "float16": "float16",
    "int8": "int8",
}
_WORST = 3


def build(run: Run) -> dict[str, Any] | Missing:
    """The systems, each pair with the sums of its flips, and the layers with their figures."""
    parity = run.parity
    if parity is None:
        return Missing(
            "parity.json is missing: the recipe does not quantize, or the models were not "
            "evaluated since",
            ("dssd evaluate RUN",),
        )
    return {
        "clips": parity.clips,
        "systems": {_title(name): system for name, system in parity.systems.items()},
        "pairs": [_pair(pair) for pair in parity.pairs],
        "layers": None if parity.layers is None else _layers(parity.layers),
    }


def _title(name: str) -> str:
    return _TITLES.get(name, name)


def _pair(pair: PairParity) -> dict[str, Any]:
    rows = pair.flips.values()
    total = {
        name: sum(getattr(row, name) for row in rows)
        for name in ("clips", "changed", "right_to_wrong", "wrong_to_right")
    }
    return {
        "title": f"{_title(pair.reference)} → {_title(pair.other)}",
        "pair": pair,
        "total": total,
    }


def _layers(layers: LayerParity) -> dict[str, Any]:
    tensors = layers.tensors
    known = sorted(
        (t for t in tensors if t.sqnr_db is not None), key=lambda tensor: tensor.sqnr_db or 0.0
    )
    return {
        "clips": layers.clips,
        "tensors": tensors,
        "worst": known[:_WORST],
        "unmatched": sum(tensor.layer is None for tensor in tensors),
        "figures": [_sqnr_figure(tensors, known), _range_figure(tensors)] if known else [],
    }


def _sqnr_figure(tensors: list[TensorParity], known: list[TensorParity]) -> dict[str, Any]:
    low, high, last = known[0], known[-1], tensors[-1]
    label = (
        f"Signal-to-quantization-noise ratio by tensor, in order of computation: "
        f"lowest {low.sqnr_db:.1f} dB ({low.layer}), highest {high.sqnr_db:.1f} dB ({high.layer})"
    )
    if last.sqnr_db is not None:
        label += f", output {last.sqnr_db:.1f} dB"
    title = "Signal-to-quantization-noise ratio"
    values = [float("nan") if t.sqnr_db is None else t.sqnr_db for t in tensors]
    svg = line_figure(
        "parity-sqnr",
        list(range(1, len(tensors) + 1)),
        [Line("", values)],
        label=f"{label}.",
        x_label="tensor, in order of computation",
        y_label="ratio in dB",
    )
    return {"title": title, "svg": svg}


def _range_figure(tensors: list[TensorParity]) -> dict[str, Any]:
    shares = {
        "at an end of the range": [100 * t.saturated for t in tensors],
        "clipped": [float("nan") if t.clipped is None else 100 * t.clipped for t in tensors],
    }
    parts = []
    for name, values in shares.items():
        most, tensor = max((v, i) for i, v in enumerate(values) if v == v)
        where = f" ({tensors[tensor].layer or tensors[tensor].operator})" if most > 0 else ""
        parts.append(f"{name} at most {most:.3g} %{where}")
    title = "Values that meet the end of their range"
    svg = line_figure(
        "parity-range",
        list(range(1, len(tensors) + 1)),
        [Line(name, values) for name, values in shares.items()],
        label=f"{title}, by tensor in order of computation: {'; '.join(parts)}.",
        x_label="tensor, in order of computation",
        y_label="share in %",
    )
    return {"title": title, "svg": svg}


PARITY = Section("parity", "Parity", build)
