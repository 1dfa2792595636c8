"""A run: its folder, its stages, and the road through them."""

from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.runner import STAGES, execute, run_recipe
from dssd_tf.pipeline.workspace import Workspace

__all__ = ["STAGES", "RunFolder", "Workspace", "execute", "run_recipe"]
