"""Rendering the clips of a plan, in this process or in several."""

import functools
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from dssd_tf.data.device_shift.capture import capture
from dssd_tf.data.device_shift.device import ShiftDevice
from dssd_tf.data.device_shift.drawing import ALL, UNTOUCHED
from dssd_tf.data.device_shift.pcm_file import read_pcm, write_pcm
from dssd_tf.data.device_shift.plan import Task
from dssd_tf.data.processes import available_cores, end_if_stopped, in_processes
from dssd_tf.data.synthesis import seeds

_KEY = 1003
_CHUNK = 32
# Starting a worker takes longer than rendering this many.
_FEW = 300


def render(
    source: Path,
    target: Path,
    tasks: Sequence[Task],
    devices: Mapping[str, ShiftDevice],
    seed: int,
    workers: int | None,
    advance: Callable[[int], object],
) -> None:
    """Write what the devices record of every clip; the bytes do not depend on `workers`.

    Args:
        source: The source's folder.
        target: The new set's folder.
        tasks: The clips.
        devices: The simulated devices by name.
        seed: The new set's seed.
        workers: Processes; None takes one a core, and this one where the clips are few.
        advance: Is given the number of files written.

    Raises:
        DataError: A recording cannot be used.
        DssdError: A worker died.
        OSError: A file cannot be written.
    """
    for task in tasks:
        for _, name in task.outputs:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
    chunks = [tasks[start : start + _CHUNK] for start in range(0, len(tasks), _CHUNK)]
    files = sum(len(task.outputs) for task in tasks)
    count = min(workers or (1 if files < _FEW else available_cores()), len(chunks))
    if count <= 1:
        for task in tasks:
            _render_clip(source, target, task, devices, seed)
            advance(len(task.outputs))
        return
    work = functools.partial(_render_chunk, source, target, devices, seed)
    for _, done in in_processes(work, chunks, count):
        advance(done)


def _render_chunk(
    source: Path,
    target: Path,
    devices: Mapping[str, ShiftDevice],
    seed: int,
    tasks: Sequence[Task],
) -> int:
    for task in tasks:
        end_if_stopped()
        _render_clip(source, target, task, devices, seed)
    return sum(len(task.outputs) for task in tasks)


def _render_clip(
    source: Path, target: Path, task: Task, devices: Mapping[str, ShiftDevice], seed: int
) -> None:
    # Read even if only copied: a damaged recording is told here rather than in a training.
    sound, form = read_pcm(source / task.source)
    for device, name in task.outputs:
        if device == UNTOUCHED:
            shutil.copyfile(source / task.source, target / name)
            continue
        rng = seeds.generator(seed, _KEY, ALL.index(device), *_number(task.source))
        write_pcm(target / name, capture(rng, sound, form.rate, devices[device]), form)


def _number(name: str) -> tuple[int, int]:
    """A clip's own number, so that its noise does not change with the other clips."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big")
