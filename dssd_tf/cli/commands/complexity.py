"""`dssd complexity`: counts and limits."""

import argparse
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import is_model_file, subparser
from dssd_tf.systems import SYSTEMS, system_of

_EPILOG = """\
examples:
  dssd complexity demo/run --edition 2022
  dssd complexity model_int8.tflite
  dssd complexity model.keras --edition 2024 --json

Exit code: 0 within the limits (or no edition given), 3 over a limit, 2 on an error.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers,
        "complexity",
        "count parameters, MACs, bytes and memory, and check an edition's limits",
        _EPILOG,
    )
    parser.add_argument("target", type=Path, metavar="RUN|MODEL", help="a run, .keras or .tflite")
    parser.add_argument("--edition", type=int, metavar="YEAR", help="check this year's limits")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Measure and print."""
    from dssd_tf.complexity import measure
    from dssd_tf.pipeline import RunFolder
    from dssd_tf.pipeline.stages.complexity import judge

    edition = options.edition
    if is_model_file(options.target):
        result: dict[str, Any] = {system_of(options.target): measure(options.target).to_dict()}
    else:
        run = RunFolder.existing(options.target)
        edition = edition or run.recipe().challenge.edition
        result = {"float": measure(run.require(run.float_model, "train")).to_dict()}
        for system, file in run.quantized_models().items():
            result[system] = measure(file).to_dict()
    result |= judge(result, edition)
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print(result)
    return 3 if result["passed"] is False else 0


def _print(result: dict[str, Any]) -> None:
    for system in SYSTEMS:
        if system in result:
            print(f"{system}:")
            for name, value in result[system].items():
                if isinstance(value, int) and not isinstance(value, bool):
                    print(f"  {name:<24}{value:>14,}")
    for check in result["checks"]:
        verdict = "within" if check["passed"] else "OVER"
        print(
            f"{result['edition']} {check['name']}: {check['measured']:,.0f} {verdict} "
            f"{check['limit']:,.0f} {check['unit']} ({check['counter']})"
        )
