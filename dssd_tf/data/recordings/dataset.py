"""Writing a set of clips that are cut from recordings."""

import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import soundfile

from dssd_tf.data.layout import refuse_occupied, write_table
from dssd_tf.data.recordings.cutting import cut_recording
from dssd_tf.data.recordings.folds import assign_folds
from dssd_tf.data.recordings.recording import Recording
from dssd_tf.data.truncated_wav import warn_of_truncated_wav
from dssd_tf.errors import DataError
from dssd_tf.files import atomic_path
from dssd_tf.progress import bar

RATE = 44100
SOURCES = ("scene_label", "identifier", "source_label", "fold", "clips", "licence", "source")


@dataclass(frozen=True)
class Cut:
    """What was written.

    Attributes:
        clips: Clips by scene.
        silent: Clips that held nothing and were left out.
        short: Recordings that gave no clip: shorter than one, or silent.
        longest_short: Seconds of the longest of these; 0 without any.
    """

    clips: dict[str, int]
    silent: int
    short: tuple[Path, ...]
    longest_short: float


def cut_recordings(
    recordings: Sequence[Recording],
    root: Path | str,
    *,
    seconds: float = 1.0,
    folds: int = 3,
    rate: int = RATE,
    max_hz: float | None = None,
    seed: int = 0,
) -> Cut:
    """Cut recordings into clips and write them as a set in the TAU layout.

    Clips are mono 16-bit FLAC. Fold N tests on the recordings that were assigned to it and trains
    on all others, so no recording, and no group of recordings, is in both. `recordings.csv` tells
    where each identifier is from, with its licence. A WAV that ends before its header says is
    warned of.

    Args:
        recordings: What is cut.
        root: The folder to write; it must not exist or be empty. It appears once all is written.
        seconds: Of a clip.
        folds: Number of folds, 2 or more.
        rate: Sampling rate of the clips, in Hz.
        max_hz: Frequencies above are taken out; None for none.
        seed: Of the folds.

    Raises:
        DataError: `root` holds something, an argument is out of its range, a recording cannot be
            used, or a scene has no clip at all or too few recordings for the folds.
        DssdError: The operating system refused the write.
    """
    root = Path(root)
    if folds < 2:
        raise DataError(f"{folds} folds: one to train on and one to test on are the least")
    if not 0 < seconds < math.inf or rate < 1 or round(rate * seconds) < 1:
        raise DataError(f"clips of {seconds:g} s at {rate} Hz cannot be made")
    if max_hz is not None and not 0 < max_hz < rate / 2:
        raise DataError(f"{max_hz:g} Hz is not between 0 and half the sampling rate, {rate / 2:g}")
    refuse_occupied(root)
    scenes = _scene_labels(recordings)
    places = _identifiers(recordings)
    counts: dict[int, int] = {}
    names: dict[int, list[str]] = {}
    lengths: dict[int, float] = {}
    silent = 0
    with atomic_path(root) as part:
        (part / "audio").mkdir(parents=True)
        with bar("cutting recordings", len(recordings)) as advance:
            for place, recording in enumerate(recordings):
                clips, empty, lengths[place] = cut_recording(recording, rate, seconds, max_hz)
                warn_of_truncated_wav(recording.path)
                silent += empty
                counts[place], names[place] = len(clips), []
                for number, clip in enumerate(clips):
                    start = f"{scenes[recording.scene]}-{places[place]}-{place}-{number}"
                    name = f"audio/{start}-{_slug(recording.device)}.flac"
                    encoded = io.BytesIO()
                    soundfile.write(
                        encoded, clip.clip(-1, 1), rate, format="FLAC", subtype="PCM_16"
                    )
                    (part / name).write_bytes(encoded.getbuffer())
                    names[place].append(name)
                advance(1)
        _refuse_without_clips(recordings, counts, lengths, seconds)
        used = [place for place in range(len(recordings)) if counts[place]]
        kept = [recordings[place] for place in used]
        chosen = assign_folds(
            kept, dict(enumerate(counts[place] for place in used)), folds, seed=seed
        )
        rows = [
            (place, recordings[place], scenes[recordings[place].scene], fold)
            for place, fold in zip(used, chosen, strict=True)
        ]
        _write_tables(part, rows, names, places, folds)
        # Cutting takes a while; what was put into the folder meanwhile must not be replaced.
        refuse_occupied(root)
    clips_of: dict[str, int] = dict.fromkeys(sorted(scenes.values()), 0)
    for place, _, scene, _ in rows:
        clips_of[scene] += counts[place]
    short = [place for place in range(len(recordings)) if not counts[place]]
    return Cut(
        clips_of,
        silent,
        tuple(recordings[place].path for place in short),
        max((lengths[place] for place in short), default=0.0),
    )


def _refuse_without_clips(
    recordings: Sequence[Recording],
    counts: dict[int, int],
    lengths: dict[int, float],
    seconds: float,
) -> None:
    """Refuse a set without clips, or with a scene that has none."""
    places: dict[str, list[int]] = {}
    for place, recording in enumerate(recordings):
        places.setdefault(recording.scene, []).append(place)
    empty = [scene for scene, own in places.items() if not any(counts[place] for place in own)]
    if not empty:
        return
    if len(empty) == len(places):
        whose, own = "", list(counts)
    else:
        whose, own = f"class {empty[0]!r} gets no clip: ", places[empty[0]]
    longest = max(lengths[place] for place in own)
    silent = longest >= seconds
    raise DataError(
        f"{whose}none of {len(own):,} recordings gave a clip of {seconds:g} s "
        f"(the longest lasts {longest:.2f} s{' and is silent' if silent else ''})",
        fix="check the recordings' level" if silent else "ask for shorter clips by --seconds",
    )


def _write_tables(
    root: Path,
    rows: Sequence[tuple[int, Recording, str, int]],
    names: dict[int, list[str]],
    places: Sequence[str],
    folds: int,
) -> None:
    setup = root / "evaluation_setup"
    setup.mkdir()
    meta = [
        (name, scene, places[place], _slug(recording.device))
        for place, recording, scene, _ in rows
        for name in names[place]
    ]
    write_table(root / "meta.csv", ("filename", "scene_label", "identifier", "source_label"), meta)
    for number in range(1, folds + 1):
        train, test = (
            [
                (name, scene)
                for place, _, scene, fold in rows
                if (fold == number) is tested
                for name in names[place]
            ]
            for tested in (False, True)
        )
        head = ("filename", "scene_label")
        write_table(setup / f"fold{number}_train.csv", head, train)
        write_table(setup / f"fold{number}_evaluate.csv", head, test)
        write_table(setup / f"fold{number}_test.csv", head[:1], [row[:1] for row in test])
    sources = [
        (scene, places[place], _slug(r.device), str(fold), str(len(names[place])), *_told(r))
        for place, r, scene, fold in rows
    ]
    write_table(root / "recordings.csv", SOURCES, sources)


def _told(recording: Recording) -> tuple[str, str]:
    return " ".join(recording.licence.split()), " ".join(recording.source.split())


def _scene_labels(recordings: Sequence[Recording]) -> dict[str, str]:
    """Names of scenes as they may stand in a clip's name."""
    labels = {recording.scene: _slug(recording.scene) for recording in recordings}
    owners: dict[str, str] = {}
    for scene, label in labels.items():
        if owners.setdefault(label, scene) != scene:
            raise DataError(
                f"classes {owners[label]!r} and {scene!r} would both be named {label!r}",
                fix="rename one of them",
            )
    return labels


def _identifiers(recordings: Sequence[Recording]) -> list[str]:
    """`rec-0001` and so on, one a group of a scene."""
    numbers: dict[tuple[str, str], int] = {}
    return [
        f"rec-{numbers.setdefault((r.scene, r.group), len(numbers) + 1):04d}" for r in recordings
    ]


def _slug(text: str) -> str:
    slug = re.sub(r"[^0-9A-Za-z]+", "_", text).strip("_")
    if not slug:
        raise DataError(f"{text!r} cannot be part of a file's name")
    return slug
