from pathlib import Path

import numpy as np
import pytest

from dssd_tf.data.device_shift.pcm_file import read_pcm
from dssd_tf.data.device_shift.plan import Task
from dssd_tf.data.device_shift.rendering import render

CLIPS = [f"audio/bus-lyon-0-0-{sub}-a.wav" for sub in (0, 1)]


def _tasks(devices: tuple[str, ...], clips: list[str] = CLIPS) -> list[Task]:
    return [
        Task(clip, tuple((d, clip.replace("-a.wav", f"-{d}.wav")) for d in devices))
        for clip in clips
    ]


@pytest.fixture
def rendered(source, devices, tmp_path):
    def rendered(name: str, tasks: list[Task], seed: int = 0) -> Path:
        done: list[int] = []
        render(source, tmp_path / name, tasks, devices, seed, 1, done.append)
        assert sum(done) == sum(len(task.outputs) for task in tasks)
        return tmp_path / name

    return rendered


def test_device_a_is_the_source_byte_for_byte(rendered, source):
    root = rendered("out", _tasks(("a",)))
    for clip in CLIPS:
        assert (root / clip).read_bytes() == (source / clip).read_bytes()


def test_the_others_keep_the_form_and_change_the_sound(rendered, source):
    root = rendered("out", _tasks(("s1", "s4")))
    before, form = read_pcm(source / CLIPS[0])
    for device in ("s1", "s4"):
        after, other = read_pcm(root / CLIPS[0].replace("-a.", f"-{device}."))
        assert other == form
        assert after.shape == before.shape
        assert np.abs(after - before).max() > 0.01
        # It is the same sound still: no echo and no other clip.
        assert np.argmax(np.correlate(after, before, "full")) - len(before) + 1 in range(4)


def test_a_rendering_does_not_depend_on_the_other_clips_and_devices(rendered):
    many = rendered("many", _tasks(("s1", "s2", "s4")))
    one = rendered("one", _tasks(("s4",), CLIPS[1:]))
    name = CLIPS[1].replace("-a.", "-s4.")
    assert (many / name).read_bytes() == (one / name).read_bytes()
    assert len(list(one.rglob("*.wav"))) == 1


def test_the_seed_changes_the_noise(rendered):
    name = CLIPS[0].replace("-a.", "-s1.")
    one = rendered("one", _tasks(("s1",)), seed=1)
    two = rendered("two", _tasks(("s1",)), seed=2)
    assert (one / name).read_bytes() != (two / name).read_bytes()
