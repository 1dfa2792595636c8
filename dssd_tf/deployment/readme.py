"""The bundle's README, written from what its manifest holds."""

from collections.abc import Sequence
from importlib import resources
from typing import Any

PURPOSES = {
    "CMakeLists.txt": "builds the two programs on a host",
    "README.md": "this page",
    "bundle.json": "the figures of this page, for programs",
    "front_end.cc": "the features in portable C++: transform, mel, standardisation, channels",
    "front_end.h": "its three functions",
    "front_end_check.cc": "host program: features of the golden clip",
    "front_end_tables.cc": "window, cosines, sparse mel matrix",
    "front_end_tables.h": "sampling rate, sizes, offsets",
    "golden_audio.h": "the clip of the first golden input",
    "golden_input.h": "int8 inputs",
    "golden_output.h": "int8 outputs that belong to them",
    "main.cc": "host program: golden inputs through TensorFlow Lite Micro",
    "model_data.cc": "the .tflite file as an array",
    "model_data.h": "its declaration",
    "model_operators.h": "the operators for a `MicroMutableOpResolver`",
    "model_settings.h": "shapes, scales, zero points, class names, size of the arena",
}
"""Every file that a bundle may have, and what it is for."""


def readme(manifest: dict[str, Any], files: Sequence[str]) -> str:
    """The page (Markdown).

    Args:
        manifest: What `bundle.json` holds.
        files: Names of the bundle's files.
    """
    import jinja2

    template = resources.files("dssd_tf.deployment") / "sources" / "README.md.j2"
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["thousands"] = lambda value: f"{value:,}"
    page = environment.from_string(template.read_text(encoding="utf-8"))
    purposes = [(name, PURPOSES[name]) for name in files]
    return page.render(bundle=manifest, files=purposes).rstrip() + "\n"
