"""`dssd energy`: kilowatt-hours of a run's inference, beside a baseline's."""

import argparse
import json
from pathlib import Path
from typing import Any

from dssd_tf.cli.options import subparser

_EPILOG = """\
examples:
  dssd energy runs/mine
  dssd run RECIPE --set training.energy=true --out runs/mine   (the training, as it runs)

Read by codecarbon (extra `energy`) from the machine's own meters, for the whole machine. Where
there is no meter of the processor, as on most virtual machines, no figure is given.
"""


def add_parser(subparsers: Any) -> None:
    """Add the command."""
    parser = subparser(
        subparsers, "energy", "read the energy of a run's inference and of a baseline's", _EPILOG
    )
    parser.add_argument("run", type=Path, metavar="RUN")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.set_defaults(handler=handle, uses_tensorflow=True)


def handle(options: argparse.Namespace) -> int:
    """Measure and print."""
    from dssd_tf.pipeline import RunFolder, Workspace
    from dssd_tf.pipeline.energy import measure_inference

    run = RunFolder.existing(options.run)
    workspace = Workspace(run.recipe(), run.path.parent / "feature_cache")
    found = measure_inference(run, workspace)
    if options.json:
        print(json.dumps(found, indent=2))
        return 0
    for name, part in found.items():
        print(f"{name.replace('_', ' '):<20}{_figure(part)}")
    return 0


def _figure(part: dict[str, Any] | None) -> str:
    if part is None:
        return "not measured: set training.energy before training"
    if part["kwh"] is None:
        return f"unavailable: {part['reason']}"
    return f"{part['kwh']:.6f} kWh in {part['seconds']:.1f} s"
