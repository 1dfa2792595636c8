"""Measure what quantization costs trained runs: each run's float model, and each method's file.

Each run is copied for each method, quantized by `dssd quantize --method` and judged by
`dssd evaluate` on its test list; the runs themselves stay as they are. What is finished is not
run again, so that an interrupted experiment goes on with the same command.
"""

import argparse
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dssd_tf.files import read_json, write_text

NEEDED = ("recipe.yaml", "environment.json", "stages.json", "history.csv", "model.keras")


def main(arguments: Sequence[str] | None = None) -> int:
    """Quantize what is missing, write the CSV, and print a markdown table of means and spreads."""
    options = _parser().parse_args(arguments)
    for run in options.runs:
        missing = [name for name in NEEDED if not (run / name).is_file()]
        if missing:
            print(f"error: {run}: has no {missing[0]}; give folders of trained runs")
            return 2
    rows: list[dict[str, Any]] = []
    for run in options.runs:
        for method in options.methods:
            copy = _quantized(run, method, options.out, options.set)
            rows += _rows(run, method, copy, with_float=method == options.methods[0])
        write_text(options.csv, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
    print(table(pd.DataFrame(rows)))
    return 0


def table(rows: pd.DataFrame) -> str:
    """Mean and standard deviation over the runs, as markdown."""
    lines = [
        "| form | macro accuracy | less float, points | log loss | agrees with float "
        "| simulation agrees with file | bytes | runs |",
        "|---|---|---|---|---|---|---|---|",
    ]
    scores = rows.set_index(["run", "form"])["macro_accuracy"].unstack("form")
    for form, members in rows.groupby("form", sort=False):
        less = 100 * (scores[form] - scores["float"]).mean()
        cells = [
            _spread(members["macro_accuracy"]),
            "" if form == "float" else f"{less:+.2f}",
            _spread(members["log_loss"]),
            _percent(members["agrees_with_float"]),
            _percent(members["simulation_agrees"]),
            "" if members["bytes"].isna().all() else f"{members['bytes'].mean():,.0f}",
        ]
        lines.append(f"| {form} | {' | '.join(cells)} | {len(members)} |")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of trained runs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the copies")
    parser.add_argument("--csv", type=Path, required=True, help="the results, a row a run and form")
    parser.add_argument(
        "--methods", nargs="+", default=["ptq", "qat"], choices=["float16", "ptq", "qat"]
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="quantization.… only"
    )
    return parser


def _quantized(run: Path, method: str, out: Path, settings: Sequence[str]) -> Path:
    copy = out / method / "_".join(run.resolve().parts[-2:])
    if not (copy / "parity.json").is_file():
        copy.mkdir(parents=True, exist_ok=True)
        for name in NEEDED:
            shutil.copy2(run / name, copy / name)
        sets = [part for setting in settings for part in ("--set", setting)]
        _dssd("quantize", copy, "--method", method, *sets)
        _dssd("evaluate", copy)
    return copy


def _dssd(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "dssd_tf", *map(str, arguments)], check=True)


def _rows(run: Path, method: str, copy: Path, *, with_float: bool) -> list[dict[str, Any]]:
    systems = read_json(copy / "metrics.json")["systems"]
    pairs = {
        (pair["reference"], pair["other"]): pair["argmax"]
        for pair in read_json(copy / "parity.json")["pairs"]
    }
    made = "float16" if method == "float16" else "int8"
    found = []
    for system in ("float", made) if with_float else (made,):
        quantized = system != "float"
        found.append(
            {
                "run": "/".join(run.resolve().parts[-2:]),
                "form": method if quantized else "float",
                "macro_accuracy": systems[system]["macro_accuracy"],
                "log_loss": systems[system]["log_loss"],
                "agrees_with_float": pairs["float", made] if quantized else None,
                "simulation_agrees": pairs.get(("fake_quant", made)) if quantized else None,
                "bytes": (copy / f"model_{made}.tflite").stat().st_size if quantized else None,
            }
        )
    return found


def _spread(values: "pd.Series[float]") -> str:
    return (
        f"{values.mean():.3f} ± {values.std():.3f}" if len(values) > 1 else f"{values.iloc[0]:.3f}"
    )


def _percent(values: "pd.Series[float]") -> str:
    """Mean and least, in percent."""
    if values.isna().all():
        return ""
    return f"{100 * values.mean():.1f} % (least {100 * values.min():.1f})"


if __name__ == "__main__":
    raise SystemExit(main())
