"""Commands that repeat one stage of a run."""

from pathlib import Path


def run_stage(folder: Path, name: str) -> None:
    """Do the stage `name` of the run in `folder`, also if it was finished before.

    Raises:
        DssdError: The folder holds no run, or the stage failed.
    """
    from dssd_tf.pipeline import RunFolder, Workspace, execute

    run = RunFolder.existing(folder)
    workspace = Workspace(run.recipe(), run.path.parent / "feature_cache")
    execute(run, workspace, [name], skip_finished=False)
