"""The microcontroller bundle: one folder with all that a build for a device takes."""

import hashlib
import json
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dssd_tf.deployment.front_end import FrontEnd
from dssd_tf.deployment.front_end_source import front_end_sources
from dssd_tf.deployment.golden import GoldenVectors, golden_vectors
from dssd_tf.deployment.int8_model import Int8Model, QuantizedTensor, read_int8_model
from dssd_tf.deployment.model_source import arena_bytes, model_sources
from dssd_tf.deployment.readme import PURPOSES, readme
from dssd_tf.deployment.tflm import Arena, measure_arena, tflm_version
from dssd_tf.deployment.tflm_operators import resolver_methods
from dssd_tf.errors import DssdError, ModelError
from dssd_tf.files import atomic_path
from dssd_tf.version import __version__

MANIFEST = "bundle.json"

_ALWAYS = ("main.cc", "CMakeLists.txt")
_WITH_FRONT_END = ("front_end.h", "front_end.cc", "front_end_check.cc")


def write_mcu_bundle(
    model_path: Path | str,
    folder: Path | str,
    *,
    classes: Sequence[str] = (),
    front_end: FrontEnd | None = None,
    clips: NDArray[np.int16] | None = None,
    vectors: int = 4,
    overwrite: bool = False,
) -> dict[str, Any]:
    """Write the sources for a model to a folder, all of it or nothing.

    Where `tflite-micro` is installed, the arena is measured and the golden outputs are its own;
    otherwise they are those of LiteRT's reference kernels and the arena's size is a bound.

    Args:
        model_path: A full-int8 .tflite file.
        folder: The bundle's folder.
        classes: Names of the model's outputs; empty calls them ``class_0``, ….
        front_end: Features and clip length; None leaves the front end out.
        clips: Recorded clips (n, samples), 16-bit at the front end's sampling rate, whose
            features become the golden inputs; None renders noise and tones.
        vectors: Number of golden vectors, at least 1, unless `clips` are given.
        overwrite: Replace an earlier bundle.

    Returns:
        What `bundle.json` holds.

    Raises:
        ModelError: The file is no full-int8 model, does not fit the classes or the front end, or
            uses an operator that TensorFlow Lite Micro lacks; the message names it.
        DssdError: The folder holds something else, or cannot be written.
    """
    folder = Path(folder)
    _check_folder(folder, overwrite)
    model = read_int8_model(model_path)
    methods = resolver_methods(model.operators, model.path)
    names = _names(model, classes)
    if front_end is not None:
        front_end.require_fit(model.input.shape[1:], model.path)
    micro = tflm_version() is not None
    try:
        golden = golden_vectors(model, front_end, max(vectors, 1), clips, micro=micro)
        arena = measure_arena(model.content) if micro else None
    except ModelError as error:
        raise ModelError(error.problem, path=model.path, fix=error.fix) from error
    manifest = _manifest(model, names, methods, front_end, golden, arena)
    files = model_sources(model, names, methods, arena, golden)
    if front_end is not None and front_end.portable:
        files |= front_end_sources(front_end) | _static(_WITH_FRONT_END)
    else:
        files.pop("golden_audio.h", None)
    files |= _static(_ALWAYS)
    files["README.md"] = readme(manifest, sorted([*files, MANIFEST, "README.md"]))
    files[MANIFEST] = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
    with atomic_path(folder) as part:
        part.mkdir()
        for name, text in files.items():
            (part / name).write_text(text, encoding="utf-8", newline="\n")
    return manifest


def _check_folder(folder: Path, overwrite: bool) -> None:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    if not (folder / MANIFEST).is_file():
        raise DssdError(f"exists and is no bundle (no {MANIFEST})", path=folder, fix="name another")
    others = sorted(p.name for p in folder.iterdir() if not (p.name in PURPOSES or _is_build(p)))
    if others:
        raise DssdError(
            f"holds files that are no part of a bundle ({', '.join(others[:3])})",
            path=folder,
            fix="name another, or move them away",
        )
    if not overwrite:
        raise DssdError("holds a bundle", path=folder, fix="give --overwrite to replace it")


def _is_build(path: Path) -> bool:
    return (path / "CMakeCache.txt").is_file()


def _names(model: Int8Model, classes: Sequence[str]) -> tuple[str, ...]:
    outputs = int(np.prod(model.output.shape[1:]))
    if not classes:
        return tuple(f"class_{number}" for number in range(outputs))
    if len(classes) != outputs:
        raise ModelError(
            f"has {outputs} outputs for {len(classes)} classes",
            path=model.path,
            fix="give the recipe that the model was trained with",
        )
    return tuple(classes)


def _static(names: Sequence[str]) -> dict[str, str]:
    folder = resources.files("dssd_tf.deployment") / "sources"
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def _manifest(
    model: Int8Model,
    names: Sequence[str],
    methods: Sequence[str],
    front_end: FrontEnd | None,
    golden: GoldenVectors,
    arena: Arena | None,
) -> dict[str, Any]:
    features = None
    if front_end is not None:
        features = {
            "config": front_end.config.model_dump(mode="json"),
            "clip_seconds": front_end.clip_seconds,
            "sources": front_end.portable,
        }
    return {
        "format_version": 1,
        "package_version": __version__,
        "model": {
            "file": model.path.name,
            "bytes": len(model.content),
            "sha256": hashlib.sha256(model.content).hexdigest(),
        },
        "input": _tensor(model.input),
        "output": _tensor(model.output),
        "classes": list(names),
        "operators": dict(zip(model.operators, methods, strict=True)),
        "nodes": model.nodes,
        "arena_bytes": arena_bytes(model, arena),
        "arena_measured": None if arena is None else arena.to_dict(),
        "golden": golden.to_dict(),
        "front_end": features,
    }


def _tensor(tensor: QuantizedTensor) -> dict[str, Any]:
    return {
        "shape": list(tensor.shape),
        "scale": float(np.float32(tensor.scale)),
        "zero_point": tensor.zero_point,
    }
