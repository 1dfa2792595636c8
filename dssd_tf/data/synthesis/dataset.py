"""Writing a whole synthetic set."""

from pathlib import Path

from dssd_tf.data.layout import refuse_occupied, write_table
from dssd_tf.data.synthesis import seeds
from dssd_tf.data.synthesis.layout import make_folders, write_clip, write_readme
from dssd_tf.data.synthesis.plan import Recording, planned
from dssd_tf.data.synthesis.rendering import record, render
from dssd_tf.data.synthesis.size import SynthesisSize
from dssd_tf.files import atomic_path
from dssd_tf.progress import track

Clip = tuple[Recording, str, str]  # recording, filename, device

SPLITS = (5, 10, 25, 50, 100)
"""Training splits in percent, as in 2024."""


def synthesize(root: Path | str, *, seed: int = 0, size: SynthesisSize | None = None) -> None:
    """Render a synthetic set in the layout of TAU Urban Acoustic Scenes 2022 Mobile.

    The sounds are layered from procedural textures; no recording goes in, and a result on the
    set says nothing about recordings. The clips are one second, 44.1 kHz, mono, 24 bits. Train
    and test share no location; devices s4 to s6 are in the test fold only. An evaluation set,
    with more devices and from more locations, lies in `evaluation/`; as in the challenge, it
    comes without labels. Training splits and the evaluation clips' device ids are those of 2024 and
    2025. The same seed and size give the same bytes with the same versions of
    NumPy and SciPy; a recording does not change with the number of others. `root` appears only
    once all is written.

    Args:
        root: The folder to write; it must not exist or be empty.
        seed: Any number of 0 or more.
        size: How large the set is; None gives the default, about 1,080 clips in 150 MB.

    Raises:
        DataError: `root` is a file or holds something, or the seed is negative.
        DssdError: The operating system refused the write.
    """
    root = Path(root).resolve()
    size = size or SynthesisSize()
    refuse_occupied(root)
    recordings = planned(size)
    development = [
        clip for each in recordings if each.fold != "evaluation" for clip in _clips(each)
    ]
    evaluation = _shuffled([each for each in recordings if each.fold == "evaluation"], seed)
    paths = {clip[1]: clip[1] for clip in development}
    paths |= {clip[1]: f"evaluation/audio/{number}.wav" for number, clip in enumerate(evaluation)}
    with atomic_path(root) as part:
        make_folders(part)
        for recording in track(recordings, "rendering recordings"):
            _write_recording(recording, part, paths, seed)
        _write_development(part, development)
        trained = {device for each, _, device in development if each.fold == "train"}
        devices = [device if device in trained else "unknown" for _, _, device in evaluation]
        _write_evaluation(part / "evaluation", devices)
        write_readme(part, seed)
        # Rendering takes seconds; what was put into the folder meanwhile must not be replaced.
        refuse_occupied(root)


def _clips(recording: Recording) -> list[Clip]:
    return [
        (recording, recording.filename(sub, device), device)
        for device in recording.devices
        for sub in range(recording.clips)
    ]


def _shuffled(recordings: list[Recording], seed: int) -> list[Clip]:
    """The evaluation clips in the order of their numbers, which must not tell the scene."""
    clips = [clip for recording in recordings for clip in _clips(recording)]
    order = seeds.generator(seed, seeds.ORDER).permutation(len(clips))
    return [clips[index] for index in order]


def _write_recording(recording: Recording, root: Path, paths: dict[str, str], seed: int) -> None:
    sound = render(recording, seed)
    for device in recording.devices:
        for sub, samples in enumerate(record(recording, sound, device, seed)):
            write_clip(root / paths[recording.filename(sub, device)], samples)


def _write_development(root: Path, clips: list[Clip]) -> None:
    write_table(
        root / "meta.csv",
        ("filename", "scene_label", "identifier", "source_label"),
        [(name, each.scene, each.identifier, device) for each, name, device in clips],
    )
    train = [(name, each.scene) for each, name, _ in clips if each.fold == "train"]
    test = [(name, each.scene) for each, name, _ in clips if each.fold == "test"]
    setup = root / "evaluation_setup"
    write_table(setup / "fold1_train.csv", ("filename", "scene_label"), train)
    write_table(setup / "fold1_test.csv", ("filename",), [(name,) for name, _ in test])
    write_table(setup / "fold1_evaluate.csv", ("filename", "scene_label"), test)
    write_table(setup / "test.csv", ("filename", "scene_label"), test)
    for percent in SPLITS:
        rows = _split([clip for clip in clips if clip[0].fold == "train"], percent)
        write_table(setup / f"split{percent}.csv", ("filename", "scene_label"), rows)


def _split(clips: list[Clip], percent: int) -> list[tuple[str, str]]:
    """The first places of each scene, at least one: a smaller split lies in a larger one."""
    places: dict[str, dict[str, int]] = {}
    for each, _, _ in clips:
        known = places.setdefault(each.scene, {})
        known.setdefault(each.identifier, len(known))
    most = {scene: max(1, round(percent / 100 * len(known))) for scene, known in places.items()}
    return [
        (name, each.scene)
        for each, name, _ in clips
        if places[each.scene][each.identifier] < most[each.scene]
    ]


def _write_evaluation(root: Path, devices: list[str]) -> None:
    """Devices as 2025 tells them: those of the training clips, others as unknown."""
    names = [f"audio/{number}.wav" for number in range(len(devices))]
    write_table(root / "meta.csv", ("filename",), [(name,) for name in names])
    listed = list(zip(names, devices, strict=True))
    write_table(root / "evaluation_setup" / "fold1_test.csv", ("filename", "device_id"), listed)
