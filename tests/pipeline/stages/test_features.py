from collections.abc import Callable

from dssd_tf.pipeline import RunFolder, Workspace
from dssd_tf.pipeline.stages import features


def test_the_remarks_count_clips_and_give_the_shape(
    run: RunFolder, changed_workspace: Callable[..., Workspace]
) -> None:
    remarks = features.prepare(run, changed_workspace())
    assert remarks == [
        "10 training, 10 validation, 20 test clips of 10 classes",
        "11 frames x 32 bands x 2 channels",
        "10 evaluation clips",
    ]
