"""A front end is proven before it is handed over."""

import numpy as np
import pytest

from dssd_tf.challenge.inference_package.dummy_audio import dummy_clip
from dssd_tf.challenge.inference_package.front_end_files import front_end_files
from dssd_tf.challenge.inference_package.runtime.front_end import FrontEnd
from dssd_tf.errors import PackageError
from dssd_tf.features import LogMelConfig


def test_a_front_end_that_computes_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config, compute = LogMelConfig(), FrontEnd.log_mel
    clip = dummy_clip(config.sampling_rate, 44100)
    assert set(front_end_files(config, 44100, clip)) == {"front_end.json", "front_end.npz"}
    monkeypatch.setattr(FrontEnd, "log_mel", lambda self, wave: compute(self, wave) + 3e-5)
    with pytest.raises(PackageError, match="computes other features"):
        front_end_files(config, 44100, clip)


def test_a_clip_that_is_too_short() -> None:
    with pytest.raises(
        PackageError, match=r"the front end refuses a clip: .* needs more than 2048"
    ):
        front_end_files(LogMelConfig(), 2000, np.zeros(2000, np.float32))
