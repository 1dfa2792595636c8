"""Stage: read the dataset and prepare its features."""

from dssd_tf.augmentation import ordered_domains
from dssd_tf.pipeline.run_folder import RunFolder
from dssd_tf.pipeline.workspace import Workspace


def prepare(run: RunFolder, workspace: Workspace) -> list[str]:
    """Read the tables and fill the feature cache."""
    dataset = workspace.dataset
    store = workspace.store
    remarks = [
        f"{len(dataset.train)} training, {len(dataset.validation)} validation, "
        f"{len(dataset.test)} test clips of {len(dataset.classes)} classes",
        f"{store.shape[0]} frames x {store.shape[1]} bands x {store.shape[2]} channels",
    ]
    if "waveform" in ordered_domains(workspace.recipe.augmentation):
        remarks.append(f"{len(workspace.waveforms)} waveforms for augmentation")
    clips = workspace.evaluation_clips
    if clips is not None and workspace.evaluation_store is not None:
        remarks.append(f"{len(clips)} evaluation clips")
    return remarks
