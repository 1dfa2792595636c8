from collections.abc import Callable
from typing import Any

import pytest

from dssd_tf.errors import ModelError
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


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        ({"name": "dsmn_z"}, "did you mean dsmn_s"),
        ({"name": "dsmn_s", "options": {"patern": "SF"}}, "patern"),
        ({"name": "dsmn_s", "options": {"pattern": "SFX"}}, "SFX"),
        ({"name": "dsmn_s", "options": {"pattern": "SF", "widths": [8]}}, "same length"),
    ],
)
def test_a_wrong_model_fails_before_features_are_made(
    run: RunFolder,
    changed_workspace: Callable[..., Workspace],
    model: dict[str, Any],
    reason: str,
) -> None:
    workspace = changed_workspace(model=model)
    with pytest.raises(ModelError, match=reason):
        features.prepare(run, workspace)
    assert "store" not in vars(workspace)
