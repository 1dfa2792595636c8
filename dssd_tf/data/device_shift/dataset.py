"""Writing a device-shift variant of a set."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from dssd_tf.data.device_shift import drawing
from dssd_tf.data.device_shift.description import description, readme
from dssd_tf.data.device_shift.plan import SETUP, Plan, plan_shift
from dssd_tf.data.device_shift.rendering import render
from dssd_tf.data.layout import refuse_occupied, write_table
from dssd_tf.data.processes import terminable
from dssd_tf.errors import DataError
from dssd_tf.files import atomic_path, write_json, write_text
from dssd_tf.progress import bar


@dataclass(frozen=True)
class Shifted:
    """What was written.

    Attributes:
        files: Recordings of the new set.
        clips: Clips of the source they were made from.
        unlisted: Clips of the source that no list names; they were left out.
        devices: Recordings by device.
    """

    files: int
    clips: int
    unlisted: int
    devices: dict[str, int]


def shift_devices(
    source: Path | str,
    root: Path | str,
    *,
    seed: int = 0,
    share_a: float = 0.7,
    test_devices: Sequence[str] = drawing.ALL,
    workers: int | None = None,
) -> Shifted:
    """Render a set that one device recorded through simulated devices.

    Device a is the source as it is, byte for byte; s1 to s3 are in training and test lists, s4
    to s6 in test lists only, as in TAU Urban Acoustic Scenes 2020 Mobile (Heittola, Mesaros and
    Virtanen, 2020). A device is a smooth minimum-phase response with band limits, a gain, a
    compressor and noise, all drawn from the seed (`drawing.draw_devices`) and written to
    `devices.json`. All lists of folds and splits are kept: a training clip comes once, the clips
    of a segment by one device; a test clip comes once for each test device. Only what a list
    names is written, in the source's format; scenes, identifiers and other columns of `meta.csv`
    are kept, so recordings stay apart as they were.

    The devices are no impulse responses of a file: the augmentation `device_impulse_response`
    convolves with measured responses from a folder of its own and has neither compressor nor
    noise, so a model that trains with it has not met these devices.

    Args:
        source: A development set in the TAU layout, mono WAV or FLAC, of one device.
        root: The folder to write; it must not exist or be empty. It appears once all is written.
        seed: Any number of 0 or more: devices, their training clips and their noise.
        share_a: Share of device a in the training clips, 0 to 1; s1, s2 and s3 share the rest.
        test_devices: The devices that record every test clip, of a and s1 to s6.
        workers: Processes; None takes one a core, and this one where the clips are few.

    Raises:
        DataError: `root` holds something; an argument is out of its range; the source cannot be
            used (`plan.plan_shift`, `pcm_file.read_pcm`).
        DssdError: The operating system refused the write, or a worker died.
    """
    source, root = Path(source).resolve(), Path(root).resolve()
    devices = drawing.draw_devices(seed)
    shares = _shares(share_a)
    test_devices = _in_order(test_devices)
    if workers is not None and workers < 1:
        raise DataError(f"workers {workers} is not a number of processes", fix="give 1 or more")
    refuse_occupied(root)
    plan = plan_shift(source, seed=seed, shares=shares, test_devices=test_devices)
    with terminable(), atomic_path(root) as part:
        part.mkdir()
        with bar("rendering recordings", len(plan.meta)) as advance:
            render(source, part, plan.tasks, devices, seed, workers, advance)
        _write_tables(part, plan)
        told = description(source, devices, seed=seed, shares=shares, test_devices=test_devices)
        write_json(part / "devices.json", told)
        write_text(part / "README.txt", readme(source, seed=seed, test_devices=test_devices))
        # Rendering takes minutes; what was put into the folder meanwhile must not be replaced.
        refuse_occupied(root)
    counts = plan.meta["source_label"].value_counts()
    return Shifted(
        files=len(plan.meta),
        clips=len(plan.tasks),
        unlisted=plan.unlisted,
        devices={name: int(counts[name]) for name in drawing.ALL if name in counts},
    )


def _shares(share_a: float) -> dict[str, float]:
    if not 0 <= share_a <= 1:
        raise DataError(
            f"share {share_a:g} of device {drawing.UNTOUCHED} is not a share",
            fix="give a number from 0 to 1",
        )
    rest = round((1 - share_a) / len(drawing.SEEN), 6)
    return {drawing.UNTOUCHED: share_a, **dict.fromkeys(drawing.SEEN, rest)}


def _in_order(devices: Sequence[str]) -> list[str]:
    unknown = [name for name in devices if name not in drawing.ALL]
    if unknown or not devices:
        raise DataError(
            f"test device {unknown[0]!r} is unknown" if unknown else "no test device is named",
            fix=f"choose among {', '.join(drawing.ALL)}",
        )
    return [name for name in drawing.ALL if name in devices]


def _write_tables(root: Path, plan: Plan) -> None:
    _write(root / "meta.csv", plan.meta)
    (root / SETUP).mkdir()
    for name, table in plan.lists.items():
        _write(root / SETUP / name, table)


def _write(path: Path, table: pd.DataFrame) -> None:
    rows = table.fillna("").astype(str).itertuples(index=False)
    write_table(path, list(table.columns), rows)
