"""A run: its folder, its stages, and the road through them.

The names load on first use: a run's folder is read without TensorFlow.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dssd_tf.pipeline.run_folder import RunFolder
    from dssd_tf.pipeline.runner import STAGES, execute, run_recipe
    from dssd_tf.pipeline.workspace import Workspace

__all__ = ["STAGES", "RunFolder", "Workspace", "execute", "run_recipe"]

_HOMES = {
    "STAGES": "runner",
    "RunFolder": "run_folder",
    "Workspace": "workspace",
    "execute": "runner",
    "run_recipe": "runner",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
