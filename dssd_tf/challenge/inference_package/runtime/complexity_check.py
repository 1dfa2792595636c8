"""The command behind ``test_complexity.py``: every device's model against the limits."""

import argparse
import importlib
import importlib.util
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dssd_tf.challenge.inference_package.runtime.counting import Count, count_graph, count_module
from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
from dssd_tf.challenge.inference_package.runtime.system import has_torch
from dssd_tf.challenge.inference_package.runtime.system_files import SystemFiles, open_system
from dssd_tf.challenge.inference_package.runtime.tflite_counting import count_tflite

EDITION = "edition.json"
"""Title, limits and devices of the edition."""


def main(root: Path, arguments: Sequence[str] | None = None) -> int:
    """Print a line for each system and device.

    Args:
        root: The package's folder, with ``models`` and ``resources`` in it.
        arguments: Those of the command line; None for the process's own.

    Returns:
        0: all within the limits; 1: a model is over one, or its multiply-adds cannot be counted
        in full; 2: the package is broken.
    """
    parser = argparse.ArgumentParser(description="Count each device's model against the limits.")
    parser.add_argument("--submission-index", type=int, metavar="N", help="one system only")
    index = parser.parse_args(arguments).submission_index
    try:
        edition = json.loads((root / EDITION).read_text(encoding="utf-8"))
        folders = sorted((root / "models").iterdir(), key=lambda folder: int(folder.name))
        numbers = [int(folder.name) for folder in folders]
        if index is not None and index not in numbers:
            raise InferenceError(
                f"there is no system {index}", fix=f"choose one of {', '.join(map(str, numbers))}"
            )
        print(f"Limits of {edition['title']}")
        wanted = numbers if index is None else [index]
        kept = [_check_system(root, number, edition) for number in wanted]
    except Exception as error:  # whatever stops the count is a fault of the package
        print(f"The package is broken: {str(error) or repr(error)}")
        return 2
    return 0 if all(kept) else 1


def _check_system(root: Path, number: int, edition: dict[str, Any]) -> bool:
    name, limits, devices = f"{root.name}_{number}", edition["limits"], edition["devices"]
    files = open_system(root / "models" / str(number))
    by_torch = has_torch() and importlib.util.find_spec("torchinfo") is not None
    counts = _by_torch(root, name, files, devices) if by_torch and not files.without_twin else None
    if counts is None:
        counts = {stem: _by_files(files, stem) for stem in files.all_stems}
    ways = sorted({count.way for count in counts.values()})
    print(f"{name}: counted by {' and '.join(ways)}")
    kept = True
    for device in devices:
        verdict = _verdict(counts[files.stem(device)], limits)
        print(f"{name} {device}: {_figures(counts[files.stem(device)], limits)}: {verdict}")
        kept = kept and verdict == "ok"
    return kept


def _by_torch(
    root: Path, name: str, files: SystemFiles, devices: Sequence[str]
) -> dict[str, Count]:
    """Through the four functions, as the organisers' script goes."""
    module = importlib.import_module(f"{root.name}.{name}")
    model: Any = module.load_model()
    counts: dict[str, Count] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        for device in devices:
            if files.stem(device) in counts:
                continue
            (features,) = module.load_inputs(
                [str(root / "resources" / "dummy.wav")], [device], model
            )
            part = module.get_model_for_device(model, device)
            counts[files.stem(device)] = count_module(part, tuple(features.shape))
    return counts


def _by_files(files: SystemFiles, stem: str) -> Count:
    if stem in files.without_twin:
        return count_tflite(files.model(stem), files.without_twin[stem])
    return count_graph(files.graph(stem), files.weights(stem))


def _verdict(count: Count, limits: dict[str, int]) -> str:
    over = [
        f"over the limit of {unit}"
        for unit, measured in (("macs", count.macs), ("bytes", count.size_bytes))
        if measured > limits[unit]
    ]
    if count.uncounted:
        over.append(f"not counted in full ({', '.join(count.uncounted)})")
    return ", ".join(over) or "ok"


def _figures(count: Count, limits: dict[str, int]) -> str:
    least = "at least " if count.uncounted else ""
    return (
        f"{least}{count.macs:,} of {limits['macs']:,} MACs, "
        f"{count.size_bytes:,} of {limits['bytes']:,} bytes"
    )
