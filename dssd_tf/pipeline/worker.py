"""A worker that trains along with the chief, which writes the run."""

from pathlib import Path

from dssd_tf.pipeline.checks import check_with_data
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.stages.train import train_model
from dssd_tf.pipeline.workspace import Workspace
from dssd_tf.progress import stage
from dssd_tf.recipe import Recipe


def train_as_worker(recipe: Recipe, out: Path) -> None:
    """Take part in the training of the run in `out`, of which only checkpoints are read.

    Args:
        recipe: The same on all workers, but for the place of the data.
        out: The run's folder, on a file system that all workers share.

    Raises:
        DssdError: The data or the recipe cannot be used, or another worker has ended.
    """
    workspace = Workspace(recipe, out.parent / "feature_cache")
    check_with_data(workspace)
    with stage("training as a worker") as remarks:
        remarks += train_model(RunFolder(out), workspace)
