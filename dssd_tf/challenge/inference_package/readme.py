"""The package's README."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dssd_tf.challenge.inference_package.model_files import ModelFiles
from dssd_tf.challenge.inference_package.names import PackageNames
from dssd_tf.challenge.inference_package.sources import render
from dssd_tf.challenge.inference_package.system import InferenceSystem
from dssd_tf.errors import PackageError


def readme(
    names: PackageNames,
    systems: Sequence[InferenceSystem],
    models: dict[int, ModelFiles],
    title: str,
    limits: dict[str, int],
) -> bytes:
    """The page (Markdown), with the figures of every model.

    Args:
        names: The package's names.
        systems: The systems.
        models: Their files, by number.
        title: The edition's.
        limits: Largest bytes and macs.
    """
    rows = [
        row
        for system in systems
        for row in _rows(str(names.labels[system.number]), models[system.number])
    ]
    return render(
        "README.md.j2",
        names=names,
        systems=systems,
        rows=rows,
        title=title,
        limits=limits,
        without_twin=[row for row in rows if row["reason"]],
    )


def _rows(label: str, made: ModelFiles) -> list[dict[str, Any]]:
    """A row a model: which devices it is for, and what the package's own counter gives."""
    from dssd_tf.challenge.inference_package.runtime.counting import count_graph
    from dssd_tf.challenge.inference_package.runtime.errors import InferenceError
    from dssd_tf.challenge.inference_package.runtime.tflite_counting import count_tflite

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in made.files.items():
            (root / name).write_bytes(content)
        for name in [name for name in made.files if name.endswith(".tflite")]:
            stem = name.removesuffix(".tflite")
            devices = [device for device, own in made.stems.items() if own == stem]
            if stem == "general":
                devices.append("all others")
            reason = made.without_twin.get(stem)
            try:
                if reason:
                    count = count_tflite(root / name, reason)
                else:
                    count = count_graph(root / f"{stem}.graph.json", root / f"{stem}.weights.npz")
            except InferenceError as error:
                raise PackageError(f"{label}: a model cannot be counted: {error}") from error
            rows.append(
                {
                    "label": label,
                    "file": name,
                    "devices": ", ".join(devices),
                    "bytes": len(made.files[name]),
                    "count": count,
                    "reason": reason,
                }
            )
    return rows
